import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Reason } from '../../../src/probe/reasons.ts';
import { type DeskRig, peakPerSecond, serversRig, type Told } from './chat-servers-rig.ts';

/** What the Chat Server does with the messages that are admitted in a phase. */
type Phase = { readonly state: 'up' | 'down' | 'hangs'; readonly forMs: number };

const phases: fc.Arbitrary<readonly Phase[]> = fc.array(
  fc.record({
    state: fc.constantFrom('up' as const, 'down' as const, 'down' as const, 'hangs' as const),
    forMs: fc.integer({ min: 20, max: 3_000 }),
  }),
  { maxLength: 5 },
);
const probes = fc.array(
  fc.record({
    atMs: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 6_000 })),
    lastMs: fc.integer({ min: 0, max: 3_000 }),
    deadlineMs: fc.integer({ min: 50, max: 5_000 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    pauseMs: fc.integer({ min: 1, max: 900 }),
    leavesAfterMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { freq: 4 }),
  }),
  { minLength: 1, maxLength: 25 },
);
const worlds = fc.record({
  phases,
  probes,
  latenciesMs: fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 7 }),
  maxReleasePerSecond: fc.constantFrom(5, 25, 60, 500),
});
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;
type Probe = World['probes'][number];

/** One attempt, from the question to what came of it. */
interface Asked {
  readonly told: Told;
  readonly startedAtMs: number;
  readonly lastMomentAtMs: number;
  readonly giveUpAtMs: number;
  hasLeft: boolean;
  /** Whether what it was told has been looked at. */
  isSeen: boolean;
  isSettled: boolean;
}

/** Cheaper than an assertion of the test runner, of which there would be millions. */
function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken: ${rule}`);
}

const TIMEOUT_MS = 700;
const isWaiting = ({ told }: Asked): boolean => told.pass === null;
const role = ({ told }: Asked): string | null => (told.pass?.kind === 'send' ? told.pass.role : null);

/** Plays a world to its end and holds each moment to the rules, read off all that has happened so far. */
async function play(world: World): Promise<{ readonly rig: DeskRig; readonly asked: readonly Asked[] }> {
  const { maxReleasePerSecond } = world;
  const rig = serversRig({ maxReleasePerSecond });
  const { clock, servers } = rig;
  const asked: Asked[] = [];
  const heard: { readonly sign: 'up' | 'down'; readonly admittedAtMs: number }[] = [];
  let recoveringSinceMs = 0;
  let sends = 0;

  const newest = () =>
    heard.reduce<(typeof heard)[number] | null>(
      (best, each) => (best === null || each.admittedAtMs > best.admittedAtMs ? each : best),
      null,
    );
  const wasProved = ({ startedAtMs }: Asked): boolean => {
    const now = newest();
    return now?.sign === 'down' && now.admittedAtMs >= startedAtMs;
  };
  /** And no newer canary has put it in question, nor time. */
  const isProved = (each: Asked): boolean => {
    const provenAtMs = newest()?.admittedAtMs ?? 0;
    const isQuestioned = asked.some((other) => role(other) === 'canary' && other.told.toldAtMs > provenAtMs);
    return wasProved(each) && !isQuestioned && clock.nowMs() - provenAtMs <= 3_000;
  };
  const stateAt = (atMs: number): Phase['state'] => {
    let untilMs = 0;
    for (const { state, forMs } of world.phases) {
      untilMs += forMs;
      if (atMs < untilMs) return state;
    }
    return 'up';
  };
  const settle = (each: Asked, reason: Reason | null): void => {
    if (each.isSettled || each.told.pass?.kind !== 'send') return;
    each.isSettled = true;
    const { admittedAtMs } = each.told.pass;
    if (reason === 'delivered' || reason === 'chat_server_not_found') {
      const before = newest();
      heard.push({ sign: reason === 'delivered' ? 'up' : 'down', admittedAtMs });
      if (before?.sign === 'down' && newest()?.sign === 'up') recoveringSinceMs = clock.nowMs();
    }
    each.told.came(reason);
  };
  const ask = (probe: Probe, n: number): void => {
    const { atMs, lastMs, deadlineMs } = probe;
    if (clock.nowMs() > atMs + deadlineMs - 50) return;
    const moments = { n, probeStartedAtMs: atMs, lastMomentAtMs: atMs + lastMs, deadlineAtMs: atMs + deadlineMs };
    const each: Asked = {
      told: rig.ask(moments),
      startedAtMs: atMs,
      lastMomentAtMs: atMs + lastMs,
      giveUpAtMs: atMs + deadlineMs - 50,
      hasLeft: false,
      isSeen: false,
      isSettled: false,
    };
    asked.push(each);
    const leave = (): void => {
      each.hasLeft = true;
      each.told.abort();
      settle(each, null);
    };
    if (probe.leavesAfterMs !== null) clock.schedule(probe.leavesAfterMs, leave);
    sent.set(each, () => {
      const state = stateAt(clock.nowMs());
      const latencyMs = world.latenciesMs[sends++ % world.latenciesMs.length] ?? 0;
      const reason = ({ up: 'delivered', down: 'chat_server_not_found', hangs: 'timeout' } as const)[state];
      clock.schedule(state === 'hangs' ? TIMEOUT_MS : latencyMs, () => {
        settle(each, reason);
        if (n < probe.attempts && reason !== 'delivered' && !each.hasLeft) clock.schedule(probe.pauseMs, () => ask(probe, n + 1));
      });
    });
  };
  const sent = new Map<Asked, () => void>();

  /** Looks at what was told since, as the prober would. */
  const look = (): void => {
    for (const each of asked) {
      if (each.isSeen || isWaiting(each)) continue;
      each.isSeen = true;
      const { told } = each;
      if (told.word === 'chat_server_not_found by canary') {
        must(wasProved(each), 'the canary proves it');
        must(told.toldAtMs >= Math.min(each.lastMomentAtMs, each.giveUpAtMs), 'nobody is answered early');
      }
      if (told.word === 'deadline by none' && !each.hasLeft)
        must(!isProved(each) && told.toldAtMs === each.giveUpAtMs, 'only time ends a wait');
      if (role(each) === null) continue;
      if (each.hasLeft) settle(each, null);
      else sent.get(each)?.();
    }
  };
  /** Holds between moments: what is due at this one may still be about to happen. */
  const check = (): void => {
    const nowMs = clock.nowMs();
    const waiting = asked.filter(isWaiting);
    const canaries = asked.filter((each) => role(each) === 'canary');
    const canariesOut = canaries.filter(({ isSettled }) => !isSettled).length;
    must(canariesOut <= 1, 'one canary at a time');
    must(servers.parked === waiting.length, 'those who wait are counted');
    must(!waiting.some(({ hasLeft }) => hasLeft), 'who leaves is let go');
    must(!waiting.some(({ giveUpAtMs }) => giveUpAtMs < nowMs), 'nobody waits too long');
    const sign = newest()?.sign ?? null;
    if (sign !== 'up') must(servers.serversDown === (sign === 'down' ? 1 : 0), 'down as the newest answer says');
    if (waiting.length === 0) return;
    if (sign === 'down') {
      must(!waiting.some((each) => each.lastMomentAtMs < nowMs && isProved(each)), 'proof ends the wait of the late');
      const lastCanaryAtMs = Math.max(...canaries.map(({ told }) => told.toldAtMs));
      must(canariesOut === 1 || nowMs - lastCanaryAtMs <= 500, 'there is always a next canary');
    } else {
      const releasedMs = asked.filter((each) => role(each) === 'released').map(({ told }) => told.toldAtMs);
      const leastPaceMs = 1_000 / Math.min(25, maxReleasePerSecond) + 45;
      must(nowMs - Math.max(recoveringSinceMs, ...releasedMs) <= leastPaceMs, 'the ramp does not stand still');
    }
  };

  for (const probe of world.probes) clock.schedule(probe.atMs, () => ask(probe, 1));
  while (await clock.step()) {
    look();
    check();
  }
  return { rig, asked };
}

function leastGap(momentsMs: readonly number[]): number {
  const sorted = [...momentsMs].sort((one, other) => one - other);
  return Math.min(...sorted.slice(1).map((atMs, n) => atMs - (sorted[n] ?? 0)));
}

const momentsOf = (asked: readonly Asked[], wanted: string): readonly number[] =>
  asked.filter((each) => role(each) === wanted).map(({ told }) => told.toldAtMs);

it(
  'whoever asks, leaves and answers, the servers keeps its rules at every moment',
  () =>
    fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { rig, asked } = await play(world);
        // Each was told once, in time.
        for (const { told, giveUpAtMs } of asked) {
          expect(told.times).toBe(1);
          expect(told.toldAtMs).toBeLessThanOrEqual(Math.max(told.askedAtMs, giveUpAtMs));
        }
        // Few messages while it was down, and never too many afterwards.
        const [canaries, released] = [momentsOf(asked, 'canary'), momentsOf(asked, 'released')];
        must(leastGap(canaries) >= 200, 'messages are spaced');
        must(peakPerSecond(canaries) <= 5, 'a server that is down is spared');
        must(peakPerSecond(released) <= world.maxReleasePerSecond, 'a server that is back is spared');
        // Nobody was passed over who had less time.
        for (const chosen of asked) {
          if (role(chosen) !== 'canary' && role(chosen) !== 'released') continue;
          const { toldAtMs, deadlineAtMs } = chosen.told;
          const passedOver = asked.filter(
            ({ told }) => told.askedAtMs < toldAtMs && told.toldAtMs > toldAtMs && told.deadlineAtMs < deadlineAtMs,
          );
          expect(passedOver).toEqual([]);
        }
        // With the last of them it is quiet, and one question to a server that answers leads back to normal.
        must(rig.servers.parked === 0 && rig.clock.pending() === 0, 'it is quiet in the end');
        await rig.clock.advance(1_000);
        const asker = rig.ask();
        must(asker.atOnce, 'a lone probe passes at once');
        await rig.clock.advance(20);
        asker.came('delivered');
        await rig.clock.advance(1_250);
        must(rig.servers.serversDown === 0 && rig.clock.pending() === 0 && rig.ask().word === 'free', 'it leads back to normal');
      }),
    ),
  120_000,
);

it('worlds are worth playing: each role and each answer comes up', async () => {
  const seen = new Map<string, number>();
  for (const world of fc.sample(worlds, { numRuns: 200, seed: 1 })) {
    const { asked } = await play(world);
    for (const { told } of asked) seen.set(told.word, (seen.get(told.word) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(['canary', 'chat_server_not_found by canary', 'deadline by none', 'free', 'released']);
  expect(Math.min(...seen.values())).toBeGreaterThan(5);
});
