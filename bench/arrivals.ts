/**
 * How callers arrive. In an open loop they come when they come, whether or not the ones before have their answer, as chats do; in a closed
 * loop each asks again when it has its answer, so that a server that stands still is asked less, and its stall is one slow answer among
 * thousands of quick ones ("coordinated omission").
 */
import type { Clock } from '../src/probe/clock.ts';

/** Sends the request of this number, and resolves once its answer has been read: whether it is one that was wanted. May reject. */
export type Send = (number: number) => Promise<boolean>;

export interface Arrivals {
  /** Of every request, whatever became of it. Of one that has no answer at the end: how long it has waited until then. */
  readonly latenciesMs: readonly number[];
  /** Those that had no answer when nobody waited any longer. */
  readonly unanswered: number;
  /** Those that got another answer than a good one, or a broken connection. */
  readonly failed: number;
  /** How long after its time each was sent: what the generator itself adds to a latency. */
  readonly lateMs: readonly number[];
}

/** When each request is due, in milliseconds after the first: at a constant rate, and known beforehand. */
export function schedule(perSecond: number, seconds: number): readonly number[] {
  return Array.from({ length: Math.round(perSecond * seconds) }, (_, n) => (n * 1_000) / perSecond);
}

/**
 * Sends each request when it is due, and measures from that moment: a generator that comes late, or a server that makes it come late, hides
 * nothing.
 *
 * @param patienceMs how long the last ones are waited for.
 */
export async function openLoop(clock: Clock, dueMs: readonly number[], patienceMs: number, send: Send): Promise<Arrivals> {
  const startMs = clock.nowMs();
  const latenciesMs = new Map<number, number>();
  const lateMs: number[] = [];
  const asked: Promise<void>[] = [];
  let failed = 0;
  const ask = async (number: number, atMs: number): Promise<void> => {
    lateMs.push(clock.nowMs() - atMs);
    const isGood = await send(number).catch(() => false);
    if (!isGood) failed += 1;
    latenciesMs.set(number, clock.nowMs() - atMs);
  };
  for (let next = 0; next < dueMs.length; ) {
    const atMs = startMs + (dueMs[next] ?? 0);
    const leftMs = atMs - clock.nowMs();
    if (leftMs > 0) await pause(clock, leftMs);
    else asked.push(ask(next++, atMs));
  }
  await either(clock, Promise.all(asked), patienceMs);
  const endMs = clock.nowMs();
  return {
    latenciesMs: dueMs.map((due, number) => latenciesMs.get(number) ?? endMs - startMs - due),
    unanswered: dueMs.length - latenciesMs.size,
    failed,
    lateMs,
  };
}

/**
 * So many callers, each of whom asks again as soon as it has its answer, for so long; then those who still wait are waited for. Requests are
 * numbered in the order in which they are sent.
 */
export async function closedLoop(clock: Clock, callers: number, forMs: number, patienceMs: number, send: Send): Promise<Arrivals> {
  const startMs = clock.nowMs();
  const latenciesMs: number[] = [];
  const waitingSinceMs = new Set<{ readonly atMs: number }>();
  let failed = 0;
  let number = 0;
  const call = async (): Promise<void> => {
    do {
      const sent = { atMs: clock.nowMs() };
      waitingSinceMs.add(sent);
      const isGood = await send(number++).catch(() => false);
      if (!isGood) failed += 1;
      waitingSinceMs.delete(sent);
      latenciesMs.push(clock.nowMs() - sent.atMs);
      // Refused connections cost no time: without a turn of the event loop nobody else would get one.
      if (!isGood) await pause(clock, 1);
    } while (clock.nowMs() - startMs < forMs);
  };
  await either(clock, Promise.all(Array.from({ length: callers }, call)), forMs + patienceMs);
  const endMs = clock.nowMs();
  const unanswered = [...waitingSinceMs].map(({ atMs }) => endMs - atMs);
  return { latenciesMs: [...latenciesMs, ...unanswered], unanswered: unanswered.length, failed, lateMs: [] };
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}

/** Resolves with the outcome, or when it has not come for so long. */
async function either(clock: Clock, outcome: Promise<unknown>, delayMs: number): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    cancel = clock.schedule(delayMs, resolve);
  });
  await Promise.race([outcome, late]);
  cancel();
}
