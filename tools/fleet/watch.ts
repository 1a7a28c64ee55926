import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetSample, ReplicaSample } from './judge.ts';
import { isRunning, OPS_TOKEN, type Replica } from './start-fleet.ts';

/** Asks each replica what it says of the store, again and again. */
export interface Watch {
  readonly samples: readonly FleetSample[];
  /**
   * Resolves with true once each replica's gauge was so, false if it does not come to that. Not all at the same time: on a busy machine one or
   * the other finds the store late now and then.
   */
  untilLinked(are: readonly boolean[], withinMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

const EVERY_MS = 500;
const PATIENCE_MS = 2_000;

export function startWatch(replicas: readonly Replica[]): Watch {
  const samples: FleetSample[] = [];
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      samples.push({ atMs: performance.now(), replicas: await Promise.all(replicas.map(sampleOf)) });
      await sleep(EVERY_MS);
    }
  };
  const running = run();
  return {
    samples,
    async untilLinked(are, withinMs) {
      // What was sampled before this moment does not count, nor what is being sampled.
      const seen = samples.length + 1;
      const wasSo = (isLinked: boolean, n: number): boolean =>
        samples.slice(seen).some(({ replicas: each }) => isLinkedIn(each[n]) === isLinked);
      for (const untilMs = performance.now() + withinMs; performance.now() < untilMs; await sleep(50)) if (are.every(wasSo)) return true;
      return false;
    },
    async stop() {
      isOver = true;
      await running;
    },
  };
}

async function sampleOf({ url, process: replica }: Replica): Promise<ReplicaSample | 'gone' | null> {
  const page = await metricsOf(url);
  if (page === null) return isRunning(replica) ? null : 'gone';
  return {
    pid: replica.pid,
    isLinked: total(page, 'chatprobe_store_linked') === 1,
    troubles: total(page, 'chatprobe_store_troubles_total'),
  };
}

function isLinkedIn(sample: ReplicaSample | 'gone' | null | undefined): boolean | null {
  return sample === 'gone' || !sample ? null : sample.isLinked;
}

async function metricsOf(url: string): Promise<string | null> {
  try {
    return await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(PATIENCE_MS) })).text();
  } catch {
    return null;
  }
}

function total(page: string, name: string): number {
  return [...page.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** How many questions a replica has answered; 0 where it does not answer. */
export async function answeredBy({ url }: Replica): Promise<number> {
  return total((await metricsOf(url)) ?? '', 'chatprobe_requests_total');
}

/** What `/readyz` says of the store, null where it says nothing. */
export async function storeLineOf({ url }: Replica): Promise<unknown> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return ((await response.json()) as { readonly store?: unknown }).store ?? null;
}

/** Whether a replica has the evidence of a probe, whoever answered it. */
export async function knowsProbe({ url }: Replica, probeId: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${OPS_TOKEN}` };
  const response = await fetch(`${url}/probes/${probeId}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  await response.arrayBuffer();
  return response.status === 200;
}
