import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIN_ATTEMPT_MS, type RetryPolicy } from '../../src/probe/policy.ts';
import { REASONS } from '../../src/probe/reasons.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import { type Rig, rig } from '../support/probe-run.ts';
import type { Answer, Turn } from '../support/scripted-adapter.ts';

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  attempts: fc.integer({ min: 1, max: 8 }),
  attemptTimeoutMs: fc.integer({ min: 50, max: 5_000 }),
  pauseMs: fc.integer({ min: 0, max: 5_000 }),
  backoff: fc.constantFrom(1, 1.5, 2),
  maxPauseMs: fc.integer({ min: 0, max: 10_000 }),
  jitter: fc.constantFrom(0, 0.2, 1),
  deadlineMs: fc.integer({ min: 100, max: 60_000 }),
});
const rules: fc.Arbitrary<TargetRules> = fc.record({
  ha: fc.boolean(),
  singleChatServer: fc.boolean(),
  onChatServerDown: fc.constantFrom('stop', 'route', 'auto'),
  restoreWindowMs: fc.constantFrom(0, 10_000, 45_000),
  confirmAfterMs: fc.constantFrom(0, 1, 1_000, 5_000),
  onUnrecognised: fc.constantFrom('route', 'stop'),
});
const answers: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Answer>('dead', 'orphaned') },
  fc.constantFrom<Answer>('delivered', 'other_fault', 'other_error', 'mismatch', 'refused', 'auth', 'silent', 'stuck', 'throws'),
  fc.record({ busyMs: fc.integer({ min: 0, max: 70_000 }) }),
);
const turns: fc.Arbitrary<readonly Turn[]> = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 6_000 }), answer: answers }), {
  minLength: 1,
  maxLength: 8,
});
const draws = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 8, maxLength: 8 });
const worlds = fc.record({
  policy: policies,
  rules,
  turns,
  draws,
  named: fc.boolean(),
  isOffline: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

async function play(world: World): Promise<Rig & { readonly result: NonNullable<Awaited<ReturnType<Rig['run']>>> }> {
  const played = rig(world.turns, world.draws);
  const result = await played.run(
    { policy: world.policy, chatServer: world.named ? 'ChatServer_1' : null, isOffline: world.isOffline },
    world.rules,
  );
  if (result === null) throw new Error('nobody cancelled');
  return { ...played, result };
}

describe('whatever the far end does, the policy and the rules', () => {
  it('a stop rests on the last attempt, on IsOnline 0, or on a rule of the target', () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { result, adapter } = await play(world);
        if (result.verdict === 'route') return;
        const last = result.attempts.at(-1);
        if (last === undefined) {
          expect([world.isOffline, result.reason, adapter.seen.length]).toEqual([true, 'session_offline', 0]);
          return;
        }
        const proven = last.reason === 'session_not_found' && (world.named || world.rules.singleChatServer);
        const ruledDown = last.reason === 'chat_server_not_found' && world.rules.onChatServerDown !== 'route';
        const ruledUnrecognised = last.reason.endsWith('_unrecognised') && world.rules.onUnrecognised === 'stop';
        expect(proven || ruledDown || ruledUnrecognised).toBe(true);
        expect(result.reason).toBe(last.reason);
      }),
    ));

  it('a delivered message always routes, and nothing is sent after it', () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { result, adapter } = await play(world);
        const delivered = result.attempts.findIndex(({ reason }) => reason === 'delivered');
        if (delivered === -1) return;
        expect(result).toMatchObject({ verdict: 'route', evidence: 'alive', reason: 'delivered' });
        expect(adapter.seen).toHaveLength(delivered + 1);
      }),
    ));

  it('with high availability no stop comes while the policy would still ask again in time', () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { result } = await play({ ...world, rules: { ...world.rules, ha: true } });
        if (result.verdict === 'route' || result.attempts.length === 0) return;
        const isSpent = result.attempts.length === world.policy.attempts;
        const isLate = REASONS[result.reason].retry === 'again' || world.policy.deadlineMs - result.elapsedMs < MIN_ATTEMPT_MS;
        expect(isSpent || isLate).toBe(true);
        expect(
          result.attempts.slice(0, -1).some(({ reason }) => reason === 'chat_server_not_found') && result.reason === 'session_not_found',
        ).toBe(false);
      }),
    ));

  it('there are never more sends than allowed, none starts with less than 50 ms left, and each is bounded', () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { result, adapter } = await play(world);
        expect(adapter.seen.length).toBe(result.attempts.length);
        expect(adapter.seen.length).toBeLessThanOrEqual(world.policy.attempts);
        for (const { atMs, timeoutMs } of adapter.seen) {
          expect(world.policy.deadlineMs - atMs).toBeGreaterThanOrEqual(MIN_ATTEMPT_MS - 1e-6);
          expect(timeoutMs).toBe(Math.min(world.policy.attemptTimeoutMs, world.policy.deadlineMs - atMs));
        }
      }),
    ));

  it('the probe settles by its deadline + 50 ms', () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { result } = await play(world);
        expect(result.elapsedMs).toBeLessThanOrEqual(world.policy.deadlineMs + 50);
      }),
    ));

  it('the same seed gives the same trace', () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const [first, second] = [await play(world), await play(world)];
        expect(first.result).toEqual(second.result);
        expect(first.adapter.seen).toEqual(second.adapter.seen);
        expect(JSON.stringify(first.events)).toBe(JSON.stringify(second.events));
      }),
    ));

  it('a caller who hangs up at any moment is let go at once and causes no further send', () =>
    fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 0, max: 60_000 }), async (world, hangUpMs) => {
        const { start, clock, controller, adapter, events } = rig(world.turns, world.draws);
        const settled = start({ policy: world.policy, isOffline: world.isOffline }, world.rules);
        let wasSettled = false;
        void settled.then(() => {
          wasSettled = true;
        });
        await clock.advance(hangUpMs);
        controller.abort();
        const sentBefore = adapter.seen.length;
        await clock.advance(20);
        expect(wasSettled).toBe(true);
        await clock.advance(120_000);
        expect(adapter.seen.length).toBe(sentBefore);
        expect(events.filter(({ type }) => type === 'probe_finished' || type === 'probe_cancelled')).toHaveLength(1);
      }),
    ));
});
