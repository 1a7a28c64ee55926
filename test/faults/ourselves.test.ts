import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../src/observers/logger.ts';
import { answeringChats } from '../support/chat-gateway.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, metricAt, probe } from '../support/listening-service.ts';
import { answer, deliver } from '../support/scripted-gateway.ts';

const HOUR_MS = 3_600_000;

/** Sets the wall clock, and nothing else, that far off. */
function wallClockOff(byMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
  onTestFinished(() => void vi.useRealTimers());
}

describe.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])('a wall clock that jumps an hour %s', (_way, byMs) => {
  it('changes neither how long a probe takes nor what it comes to', async () => {
    const gateway = await gatewayThat(answer(503, {}, ''));
    const service = await listeningService(gatewayEnv(gateway.url));
    const asked = probe(service, { deadlineMs: 3_000, attempts: 2 }, 'before');
    await until(() => gateway.requests.length === 1);
    wallClockOff(byMs);
    gateway.follow(deliver);
    const { answer: told, tookMs } = await asked;
    expect(told).toMatchObject({ verdict: 'route', reason: 'delivered', attempts: 2 });
    // By its own clock, which is that of the caller too: one pause, of a second at most.
    expect(told['elapsedMs']).toBeGreaterThan(700);
    expect(told['elapsedMs']).toBeLessThanOrEqual(tookMs + 1);
    expect(tookMs).toBeLessThan(30_000);
  });

  it('forgets no chat that was just found alive, and remembers it no longer', async () => {
    const gateway = await gatewayThat(deliver);
    const service = await listeningService(gatewayEnv(gateway.url));
    const chat = { chatServerAppName: 'ChatServer_1' };
    await probe(service, chat, 'chat');
    wallClockOff(byMs);
    expect((await probe(service, chat, 'chat')).answer).toMatchObject({ verdict: 'route', servedBy: 'recent' });
    await new Promise((resolve) => setTimeout(resolve, 2_050));
    expect((await probe(service, chat, 'chat')).answer).toMatchObject({ verdict: 'route', servedBy: 'probe' });
    expect(gateway.requests).toHaveLength(2);
  });

  it('makes no second word out of an answer that came too soon after the first', async () => {
    const gateway = await gatewayThat(answeringChats(({ interactionId }) => (interactionId === 'alive' ? 'delivered' : 'lost')));
    // So far apart that only a wrong clock could make it.
    const service = await listeningService(gatewayEnv(gateway.url), { file: 'targets: { default: { confirmAfterMs: 60000 } }' });
    await probe(service, { chatServerAppName: 'ChatServer_1' }, 'alive');
    const asked = probe(service, { chatServerAppName: 'ChatServer_1', deadlineMs: 2_500, attempts: 2 }, 'lost');
    await until(() => gateway.requests.length === 2);
    wallClockOff(byMs);
    expect((await asked).answer).toMatchObject({ verdict: 'route', evidence: 'unknown', reason: 'unconfirmed', attempts: 2 });
  });
});

it('an observer that throws changes no answer, and is told', async () => {
  const gateway = await gatewayThat(deliver);
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const info = logger.info.bind(logger);
  Object.assign(logger, {
    info(...args: Parameters<typeof info>) {
      if (args.includes('probe finished')) throw new Error('observer broken');
      info(...args);
    },
  });
  const service = await listeningService(gatewayEnv(gateway.url), { logger });
  const answers = await Promise.all(['a', 'b', 'c'].map((id) => probe(service, {}, id)));
  expect(answers.map(({ status, answer: told }) => [status, told['reason']])).toEqual(answers.map(() => [200, 'delivered']));
  expect(lines.filter((line) => line.includes('observer broken'))).toHaveLength(3);
  expect(await metricAt(service, 'chatprobe_probes_in_flight{target="default"}')).toBe(0);
});
