/**
 * The least that any service in this place must do: read the request, make the one upstream call, answer. It decides,
 * checks, counts and logs nothing; bodies are as large as the real ones. Listens on BENCH_PORT, asks BENCH_GATEWAY_URL.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Pool } from 'undici';
import { SAMPLE_ANSWER, SAMPLE_MESSAGE } from './samples.ts';

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(SAMPLE_ANSWER) };
const upstream = new Pool(process.env['BENCH_GATEWAY_URL'] ?? '', { connections: 256, pipelining: 1 });

const server = createServer((request, response) => {
  proxy(request, response).catch(() => response.writeHead(502).end());
});
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1');

async function proxy(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await text(request);
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'x-deadline-ms': '2000' };
  const reply = await upstream.request({ method: 'POST', path: '/esp', headers, body: SAMPLE_MESSAGE });
  await reply.body.text();
  response.writeHead(200, HEADERS).end(SAMPLE_ANSWER);
}
