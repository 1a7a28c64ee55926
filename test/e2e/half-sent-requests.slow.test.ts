import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { listeningService } from '../support/listening-service.ts';

it('a caller who sends half a body is told after 10 s, and that is counted', async () => {
  const service = await listeningService({ CHATPROBE_DRAIN_MS: '0' });
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  const startedMs = performance.now();
  socket.write('POST /interactions/a/probe HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{');
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1.1 408 [\s\S]*urn:chat-probe:problem:too_slow/);
  const tookMs = performance.now() - startedMs;
  expect([tookMs > 9_900, tookMs < 20_000]).toEqual([true, true]);
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('chatprobe_http_requests_total{route="unmatched",method="other",code="408"} 1');
});

it('stops without waiting for connections that never send a whole request, yet answers one that arrives whole meanwhile', async () => {
  const service = await listeningService({ CHATPROBE_DRAIN_MS: '20000' });
  const connection = async (sends: string) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    if (sends !== '') socket.write(sends);
    return socket;
  };
  const halfSent =
    'POST /interactions/0006Ka9HFHRR0T2B/probe HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n';
  const ends = await Promise.all([connection(''), connection(halfSent), connection(`${halfSent}\r\n{`)]);
  const late = await connection(`${halfSent}\r\n{`);
  const answer = text(late);

  const askedMs = performance.now();
  const stopped = service.stop();
  // After the listener closed, well within the second that is left.
  setTimeout(() => late.write('}'), 2_400);
  expect(await answer).toContain('"verdict":"route","evidence":"unknown","reason":"draining"');
  await stopped;
  const tookMs = performance.now() - askedMs;
  expect([tookMs > 2_900, tookMs < 10_000]).toEqual([true, true]);
  expect(await Promise.all(ends.map((socket) => text(socket).catch(() => '')))).toEqual(['', '', '']);
});
