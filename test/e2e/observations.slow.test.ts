import { describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/process/start-service.ts';
import { listeningService, metricAt } from '../support/listening-service.ts';

const LOST = { outcome: 'error', description: 'interaction with specified id was not found', chatServerAppName: 'ChatServer_1' };
const FILE = `
targets:
  default: { adapter: workflow, ha: true, restoreWindowMs: 45000, confirmAfterMs: 100, policy: quick, guard: { requireDelivery: false },
    patterns: { sessionNotFound: ['*id was not found'], chatServerNotFound: [Not found by name], delivered: ['*'] } }
policies: { quick: { attempts: 2, attemptTimeoutMs: 600, pauseMs: 50, deadlineMs: 800 } }
`;
const start = (): Promise<RunningService> => listeningService({ CHATPROBE_DRAIN_MS: '0' }, { file: FILE });

async function tell({ url }: RunningService, attempt: number, told: object = LOST, id = '02JH8H2FE3Q3T00E', signal?: AbortSignal) {
  const body = JSON.stringify({ ...told, attempt });
  const response = await fetch(`${url}/interactions/${id}/observations`, {
    method: 'POST',
    body,
    ...(signal === undefined ? {} : { signal }),
  });
  return (await response.json()) as {
    readonly verdict: string;
    readonly reason: string;
    readonly askAgainAfterMs: number | null;
    readonly probeId: string;
  };
}

const until = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('workflows that send by themselves', () => {
  it('stop a ghost, and tell it as one probe', async () => {
    const service = await start();
    const first = await tell(service, 1);
    expect(first).toMatchObject({ verdict: 'route', askAgainAfterMs: 200 });
    await until(220);
    expect(await tell(service, 2)).toMatchObject({ verdict: 'stop', askAgainAfterMs: null, probeId: first.probeId });
    expect(await metricAt(service, 'chatprobe_requests_total{target="default",verdict="stop",served_by="observation"}')).toBe(1);
    expect(
      await metricAt(service, 'chatprobe_probes_total{target="default",evidence="dead",verdict="stop",reason="session_not_found"}'),
    ).toBe(1);
    expect(await metricAt(service, 'chatprobe_probes_in_flight{target="default"}')).toBe(0);
  });

  it('at the same time, about the same chat, are one word each time', async () => {
    const service = await start();
    const firsts = await Promise.all(Array.from({ length: 20 }, () => tell(service, 1)));
    expect(new Set(firsts.map(({ verdict }) => verdict))).toEqual(new Set(['route']));
    await until(220);
    const seconds = await Promise.all(Array.from({ length: 20 }, () => tell(service, 2)));
    expect(new Set(seconds.map(({ verdict }) => verdict))).toEqual(new Set(['stop', 'route']));
    // As many as one interaction may have, all of one probe.
    expect(seconds.filter(({ verdict }) => verdict === 'stop')).toHaveLength(5);
    expect(new Set([...firsts, ...seconds].map(({ probeId }) => probeId)).size).toBe(1);
    expect(await metricAt(service, 'chatprobe_attempts_total{target="default",reason="session_not_found"}')).toBe(2);
  });

  it('that hang up in the middle leave nothing behind: the chat is given up, and counted', async () => {
    const service = await start();
    await Promise.allSettled(Array.from({ length: 20 }, (_none, n) => tell(service, 1, LOST, `chat-${n}`, AbortSignal.timeout(1))));
    await tell(service, 1, LOST, 'one-more');
    await until(900);
    expect(await metricAt(service, 'chatprobe_probes_in_flight{target="default"}')).toBe(0);
    expect(await metricAt(service, 'chatprobe_probes_cancelled_total{target="default"}')).toBeGreaterThan(0);
  });

  it('that meet another instance, as after a restart, begin anew: never a stop', async () => {
    const [before, after] = [await start(), await start()];
    await tell(before, 1);
    await before.stop();
    await until(220);
    const answer = await tell(after, 2);
    expect(answer).toMatchObject({ verdict: 'route' });
    expect(answer.askAgainAfterMs).toBeGreaterThan(0);
  });

  it('are answered while the service shuts down, and hold it up by nothing', async () => {
    const service = await start();
    await tell(service, 1);
    const startedMs = performance.now();
    await service.stop();
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});
