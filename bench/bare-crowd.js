/**
 * The least that holds a crowd: reads each request, and answers BENCH_ANSWER after BENCH_HOLD_MS. Listens on BENCH_PORT. In JavaScript: what
 * tsx holds, and gives back under load, would count.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const { BENCH_PORT, BENCH_HOLD_MS, BENCH_ANSWER = '' } = process.env;
const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(BENCH_ANSWER) };

const server = createServer((request, response) => {
  if (request.method === 'GET') response.writeHead(200).end();
  else void text(request).then(() => setTimeout(() => response.writeHead(200, HEADERS).end(BENCH_ANSWER), Number(BENCH_HOLD_MS)));
});
server.listen(Number(BENCH_PORT), '127.0.0.1');
