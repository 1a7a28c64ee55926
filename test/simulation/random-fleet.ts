import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import type { RehearsedReplicas } from '../../lab/rehearsal/rehearsed-fleet.ts';
import { ONE_REPLICA } from '../../lab/rehearsal/rehearsed-fleet.ts';
import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { createDice, type Dice } from './dice.ts';
import { drawScenario } from './random-scenario.ts';

const FLEET_SALT = 0x0f1e;

/** The same random world behind one replica and behind a random fleet, whose store comes and goes. */
export interface PlayedFleet {
  readonly fleet: RehearsedReplicas;
  readonly one: RehearsalReport;
  readonly all: RehearsalReport;
}

export async function simulateFleet(seed: number): Promise<PlayedFleet> {
  const dice = createDice(Math.imul(seed, 0x9e3779b1) ^ FLEET_SALT);
  const untilMs = dice.oneOf([15_000, 30_000]);
  const scenario = drawTraffic(dice, drawScenario(dice.fork(), untilMs, false), untilMs);
  const fleet = drawFleet(dice, untilMs);
  const policyName = dice.oneOf(['inline', 'ha'] as const);
  const played = { scenario, policyName, policy: BUILT_IN_POLICIES[policyName], plain: false, chats: dice.whole(20, 200), seed };
  return { fleet, one: await rehearse(played), all: await rehearse({ ...played, fleet }) };
}

/** Questions all the time, about living chats and about ghosts again and again. */
function drawTraffic(dice: Dice, scenario: Scenario, untilMs: number): Scenario {
  return {
    ...scenario,
    agents: { again: dice.oneOf(['none', 'ghosts', 'all'] as const), handleMs: 5_000, returnMs: 1_000, forMs: untilMs },
    probes: { ...scenario.probes, withinMs: untilMs, doubledShare: dice.oneOf([0, 0.3]) },
    target: { ...scenario.target, onChatServerDown: dice.oneOf(['auto', 'stop'] as const) },
  };
}

/** Replaced and born while the store is there: else they begin with nothing known, as one alone that begins. */
function drawFleet(dice: Dice, untilMs: number): RehearsedReplicas {
  const fromMs = dice.whole(untilMs / 3, untilMs - 2_000);
  const beforeIt = (): number | null => (dice.chance(0.3) ? dice.whole(0, untilMs / 3 - 1_000) : null);
  return {
    ...ONE_REPLICA,
    replicas: dice.whole(2, 4),
    isShared: true,
    balancer: dice.oneOf(['round-robin', 'hash'] as const),
    storeDelayMs: dice.oneOf([0, 2, 15, 19]),
    storeOutageMs: dice.chance(0.8) ? [fromMs, dice.whole(fromMs + 1_000, untilMs)] : null,
    restartAtMs: null,
    bornAtMs: beforeIt(),
  };
}
