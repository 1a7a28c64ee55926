import type { AdapterHealth, InteractionServerAdapter } from '../probe/adapter.ts';
import { createCancelController } from '../probe/cancel-signal.ts';
import { type Clock, wait } from '../probe/clock.ts';

/** Readiness is asked often, by whom we do not know: the far end hears of it no more than once in this time. */
const FRESH_MS = 5_000;
/** How long the far end may take. */
const TIMEOUT_MS = 1_000;
/** How long who asks is kept waiting: those who watch readiness give up after a second, and must not on our account. */
const PATIENCE_MS = 200;

/**
 * The adapter's health within 200 ms: the answer if it comes by then, else what was known before. The far end is asked
 * at most every 5 s, whoever asks. Never rejects.
 */
export function cachedHealth(adapter: InteractionServerAdapter, clock: Clock): () => Promise<AdapterHealth> {
  let known: AdapterHealth = 'unknown';
  let asked: { readonly atMs: number; readonly answer: Promise<AdapterHealth> } | null = null;
  const askAnew = async (): Promise<AdapterHealth> => {
    known = await ask(adapter, clock);
    return known;
  };
  return () => {
    const nowMs = clock.nowMs();
    if (asked === null || nowMs - asked.atMs >= FRESH_MS) asked = { atMs: nowMs, answer: askAnew() };
    return within(clock, PATIENCE_MS, asked.answer, () => known);
  };
}

async function ask(adapter: InteractionServerAdapter, clock: Clock): Promise<AdapterHealth> {
  const over = createCancelController();
  const answer = adapter.health(over.signal).catch((): AdapterHealth => 'unknown');
  return within(clock, TIMEOUT_MS, answer, () => {
    over.abort();
    return 'unknown';
  });
}

/** The outcome if it comes within `limitMs`, else what `late` makes of it. Leaves no timer behind. */
async function within<T>(clock: Clock, limitMs: number, outcome: Promise<T>, late: () => T): Promise<T> {
  const settled = createCancelController();
  const given = outcome.finally(() => settled.abort());
  return Promise.race([given, wait(clock, limitMs, settled.signal).then(() => (settled.signal.aborted ? given : late()))]);
}
