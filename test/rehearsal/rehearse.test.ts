import { expect, it } from 'vitest';
import { playProbes } from '../../lab/rehearsal/play-probes.ts';
import type { Rehearsal } from '../../lab/rehearsal/rehearsal.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { createScenarioWorld } from '../../lab/simulator/world/scenario-world.ts';
import { createSeededRandom } from '../../lab/simulator/world/seeded-random.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { calmScenario, type ScenarioChanges } from '../simulator/scenario/scenario-bench.ts';

const CALM_PROBES = calmScenario().probes;

/** A rehearsal of a calm world, but for what a test wants otherwise, each probe for itself. */
function rehearsal(changes: ScenarioChanges, chats: number): Rehearsal {
  const policy = BUILT_IN_POLICIES.inline;
  return { scenario: calmScenario(changes), chats, policyName: 'inline', policy, plain: true, seed: 1 };
}

const SLOW = [
  { atMs: 0, slow: 'A', extraMs: 10_000 },
  { atMs: 0, slow: 'B', extraMs: 10_000 },
] as const;

it('counts the messages that are delivered after the last verdict', async () => {
  const report = await rehearse(rehearsal({ events: SLOW }, 1));
  expect(report.verdictMs.max).toBeLessThan(9_000);
  expect(report.messages).toMatchObject({ sent: 3, delivered: 3 });
});

it('probes by type where the callers name no Chat Server, and does not give the name away in the user data', async () => {
  const asked: unknown[] = [];
  const { scenario, ...others } = rehearsal({ byType: 'first', probes: { ...CALM_PROBES, withinMs: 1, byName: false } }, 2);
  const clock = createVirtualClock();
  const world = createScenarioWorld({ clock, scenario, chats: 2 });
  const ask: typeof world.ask = (request, ...rest) => {
    asked.push([request.appName, Object.keys(request.userData)]);
    return world.ask(request, ...rest);
  };
  const { probes } = await playProbes({ scenario, ...others }, { ...world, ask }, clock);
  expect(probes.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['route', 'delivered'],
    ['route', 'session_not_found_by_type'],
  ]);
  expect(asked).toHaveLength(4);
  for (const request of asked) expect(request).toEqual([null, ['IsOnline', 'InteractionId', 'Id']]);
});

it('draws the moments of probes from a row of chance of their own, apart from the latencies of the world', async () => {
  const clock = createVirtualClock();
  const played = rehearsal({ probes: { ...CALM_PROBES, withinMs: 1_000_000 } }, 50);
  const world = createScenarioWorld({ clock, scenario: played.scenario, chats: 50, seed: played.seed });
  const { probes } = await playProbes(played, world, clock);
  const latencies = createSeededRandom(played.seed);
  const moments = probes.map(({ startedAtMs }) => startedAtMs);
  expect(moments).not.toEqual(moments.map(() => Math.floor(latencies() * 1_000_000)));
});
