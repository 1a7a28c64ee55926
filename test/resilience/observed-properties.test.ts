import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Attempt } from '../../src/probe/attempt.ts';
import { BUILT_IN_POLICIES, nextStep, pinMs, type RetryPolicy } from '../../src/probe/policy.ts';
import { createReferenceIds } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { orderWith, type RULES } from '../support/samples.ts';
import { type Answer, scriptedAdapter } from '../support/scripted-adapter.ts';
import { observedRig, TOLD } from './observed-rig.ts';

const kinds = fc.constantFrom<keyof typeof TOLD>('lost', 'lost', 'lost', 'down', 'down', 'delivered', 'unknown', 'silent');
/** What workflows tell, in whatever order and however often. */
const telling = fc.record({
  kind: kinds,
  attempt: fc.integer({ min: 1, max: 6 }),
  round: fc.constantFrom(0, 0, 0, 0, 0, 1),
  afterMs: fc.oneof(fc.constantFrom(0, 1, 999, 1_000, 1_500, 3_000, 8_000, 15_000), fc.integer({ min: 0, max: 12_000 })),
});
const rules = fc.record({
  ha: fc.boolean(),
  onChatServerDown: fc.constantFrom('stop', 'route', 'auto'),
  confirmAfterMs: fc.constantFrom(0, 1_000, 2_500),
});
const policies = fc.oneof(
  fc.constantFrom(BUILT_IN_POLICIES.inline, BUILT_IN_POLICIES.ha),
  fc
    .record({
      attempts: fc.integer({ min: 1, max: 5 }),
      attemptTimeoutMs: fc.constantFrom(500, 2_000, 5_000),
      deadlineMs: fc.constantFrom(2_000, 9_000, 60_000),
    })
    .map(
      (some): RetryPolicy => ({ ...BUILT_IN_POLICIES.inline, ...some, attemptTimeoutMs: Math.min(some.attemptTimeoutMs, some.deadlineMs) }),
    ),
);

const ANSWERS: Partial<Record<string, Answer>> = {
  session_not_found: 'dead',
  chat_server_not_found: 'orphaned',
  session_may_have_moved: 'dead',
};

/** What the prober concludes if a far end answers its messages so, each at the moment at which the workflow told of it. */
async function probersVerdict(
  attempts: readonly Attempt[],
  toldMs: readonly number[],
  asked: { readonly policy: RetryPolicy; readonly rules: Partial<typeof RULES> },
) {
  const clock = createVirtualClock();
  let n = 0;
  const turns = scriptedAdapter(clock, []);
  const adapter = {
    ...turns,
    send: (request: Parameters<typeof turns.send>[0], timeoutMs: number, signal: Parameters<typeof turns.send>[2]) => {
      const told = attempts[Math.min(n, attempts.length - 1)];
      const afterMs = Math.max(0, (toldMs[n] ?? 0) - clock.nowMs());
      n += 1;
      return scriptedAdapter(clock, [{ afterMs, answer: ANSWERS[told?.reason ?? ''] ?? 'other_error' }]).send(request, timeoutMs, signal);
    },
  };
  const prober = createProber({ clock, random: () => 0, nextReferenceId: createReferenceIds(1), observe: () => undefined });
  const order = orderWith(adapter, { policy: asked.policy }, asked.rules);
  return clock.drive(prober.probe(order, new AbortController().signal));
}

/** Each message that counts was told of when the policy said so, and not before. */
function expectPauses(attempts: readonly Attempt[], policy: RetryPolicy, ha: boolean): void {
  for (const [index, attempt] of attempts.slice(0, -1).entries()) {
    const next = nextStep(policy, ha, attempt, attempt.startedMs, 0, false);
    const laterMs = (attempts[index + 1]?.startedMs ?? 0) - attempt.startedMs;
    if (attempts[index + 1]?.reason === 'delivered') continue;
    expect(next.step === 'wait' && laterMs >= next.delayMs - 20).toBe(true);
  }
}

const { inline } = BUILT_IN_POLICIES;
const hasty = { ...inline, deadlineMs: 2_000 };
const withHa = (confirmAfterMs: 0 | 1_000) => ({ ha: true, onChatServerDown: 'stop' as const, confirmAfterMs });
/** Once a word counted from when it was told, not from when its message was due. */
const SLOW: [{ kinds: (keyof typeof TOLD)[]; tookMs: number }, ReturnType<typeof withHa>, RetryPolicy] = [
  { kinds: ['lost'], tookMs: 332 },
  withHa(1_000),
  { ...hasty, attempts: 4 },
];
const lostAfter = (attempt: number, afterMs: number) => ({ kind: 'lost' as const, attempt, round: 0 as const, afterMs });
/** Once two words of one moment were two. */
const AT_ONCE: [ReturnType<typeof lostAfter>[], ReturnType<typeof withHa>, RetryPolicy] = [
  [lostAfter(1, 0), lostAfter(2, 5_980), lostAfter(3, 0)],
  withHa(0),
  inline,
];

it('whatever is told in whatever order, a stop has what the rules ask for', async () => {
  let stops = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(telling, { maxLength: 12 }), rules, policies, async (tellings, changes, policy) => {
      const { tell, clock } = observedRig({ rules: changes });
      const told: { readonly number: number; readonly atMs: number; readonly kind: string }[] = [];
      for (const { kind, attempt, round, afterMs } of tellings) {
        await clock.advance(afterMs);
        told.push({ number: attempt, atMs: clock.nowMs(), kind });
        const { verdict, reason, answer, askAgainAfterMs } = tell({ ...TOLD[kind], attempt, round }, { policy });
        if (askAgainAfterMs !== null) expect([verdict, askAgainAfterMs <= policy.deadlineMs]).toEqual(['route', true]);
        expectPauses(answer.attempts, policy, changes.ha);
        if (verdict !== 'stop') continue;
        stops += 1;
        expect(['session_not_found', 'chat_server_not_found']).toContain(reason);
        expect(answer.attempts.at(-1)?.reason).toBe(reason);
        if (!changes.ha || answer.isKnownDown) continue;
        const same = answer.attempts.filter((one) => one.reason === reason).map(({ startedMs }) => startedMs);
        expect(Math.max(...same) - Math.min(...same)).toBeGreaterThanOrEqual(changes.confirmAfterMs - 2);
        expect(same.length).toBeGreaterThan(1);
        expect(answer.attempts.length >= policy.attempts || Math.max(...same) >= pinMs(policy) - 2).toBe(true);
        expect(Math.max(...same)).toBeLessThanOrEqual(policy.deadlineMs + 50);
        // Each is another message: so many numbers were told, at so many moments.
        expect(new Set(told.map(({ number }) => number)).size).toBeGreaterThanOrEqual(answer.attempts.length);
        expect(new Set(told.map(({ atMs }) => atMs)).size).toBeGreaterThanOrEqual(answer.attempts.length);
      }
    }),
    { examples: [AT_ONCE] },
  );
  expect(stops).toBeGreaterThan(0);
});

it('the prober would have stopped the same chat, had it sent the messages itself', async () => {
  let stops = 0;
  const workflow = fc.record({
    kinds: fc.array(fc.constantFrom<keyof typeof TOLD>('lost', 'lost', 'lost', 'down', 'down', 'unknown'), { minLength: 1, maxLength: 6 }),
    tookMs: fc.integer({ min: 0, max: 400 }),
  });
  await fc.assert(
    fc.asyncProperty(workflow, rules, policies, async ({ kinds: said, tookMs }, changes, policy) => {
      const { tell, clock } = observedRig({ rules: changes });
      const toldMs: number[] = [];
      for (;;) {
        const kind = said[Math.min(toldMs.length, said.length - 1)] ?? 'lost';
        const number = toldMs.push(clock.nowMs());
        const { verdict, answer, askAgainAfterMs } = tell({ ...TOLD[kind], attempt: number }, { policy });
        // The prober cuts at its deadline; a word that comes a moment later counts here, as the workflow is still there.
        if (verdict === 'stop' && clock.nowMs() < policy.deadlineMs) {
          stops += 1;
          expect(await probersVerdict(answer.attempts, toldMs, { policy, rules: changes })).toMatchObject({
            verdict: 'stop',
            reason: answer.reason,
          });
        }
        // As any workflow must, it ends by itself: a message that is too late begins anew.
        if (askAgainAfterMs === null || number === 8) return;
        await clock.advance(askAgainAfterMs + tookMs);
      }
    }),
    { examples: [SLOW] },
  );
  expect(stops).toBeGreaterThan(0);
});
