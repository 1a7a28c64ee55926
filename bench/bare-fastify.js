/**
 * Fastify and undici with nothing around them: what the two that the service is built on take to start, and hold. Listens on BENCH_PORT,
 * asks BENCH_GATEWAY_URL with BENCH_MESSAGE, answers BENCH_ANSWER.
 */
import Fastify from 'fastify';
import { Pool } from 'undici';

const { BENCH_PORT, BENCH_GATEWAY_URL = '', BENCH_MESSAGE, BENCH_ANSWER } = process.env;
const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };
const upstream = new Pool(BENCH_GATEWAY_URL, { connections: 256, pipelining: 1 });

const app = Fastify();
app.post('/interactions/:id/probe', async (_request, reply) => {
  const { body } = await upstream.request({ method: 'POST', path: '/esp', headers: HEADERS, body: BENCH_MESSAGE });
  await body.text();
  return reply.type('application/json; charset=utf-8').send(BENCH_ANSWER);
});
await app.listen({ port: Number(BENCH_PORT), host: '127.0.0.1' });
