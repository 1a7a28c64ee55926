/** The least that holds a crowd: reads each request and answers it after BENCH_HOLD_MS, with as much as the service. Listens on BENCH_PORT. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { SAMPLE_ANSWER } from './samples.ts';

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(SAMPLE_ANSWER) };
const holdMs = Number(process.env['BENCH_HOLD_MS']);

const server = createServer((request, response) => {
  if (request.method === 'GET') response.writeHead(200).end();
  else void text(request).then(() => setTimeout(() => response.writeHead(200, HEADERS).end(SAMPLE_ANSWER), holdMs));
});
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1');
