import { BUILT_IN_OUTAGE, type SafetySettings } from '../../src/resilience/settings.ts';
import { createDice, type Dice } from './dice.ts';
import { drawLongOutage } from './long-outage.ts';
import type { Plan, PlannedRequest, Stall, TargetPlan, Trouble } from './plan.ts';
import { TROUBLES } from './plan.ts';
import { chatId, drawCalmRequests, drawRequests } from './random-requests.ts';
import { drawScenario } from './random-scenario.ts';
import { drawRules, drawSafety, PRESENT_CONTROL } from './random-settings.ts';

/** Everything that will happen, from one seed. */
export function drawPlan(seed: number): Plan {
  // Seeds that follow each other would else begin with throws that do.
  const dice = createDice(Math.imul(seed, 0x9e3779b1) ^ 0x51ed270b);
  const isCalm = dice.chance(0.08);
  if (!isCalm && dice.chance(0.1)) return drawLongPlan(dice, seed);
  const repairedAtMs = dice.oneOf([2_000, 6_000, 15_000, 30_000, 30_000]) + dice.whole(0, 1_000);
  // A process that hangs hurts the quietest target.
  const hangs = dice.chance(0.25) && !isCalm;
  const hasNeighbour = dice.chance(0.2) && !hangs;
  const first = drawTarget(dice.fork(), 'default', repairedAtMs, isCalm);
  const targets = [first];
  if (hasNeighbour) targets.push(drawTarget(dice.fork(), 'neighbour', repairedAtMs, isCalm || dice.chance(0.7)));
  return {
    seed,
    repairedAtMs,
    stalls: hangs ? drawStalls(dice, repairedAtMs, first.requests) : [],
    ending: dice.oneOf(['idle', 'drained', 'closed'] as const),
    targets,
  };
}

/** One target whose Chat Server stays down for minutes. */
function drawLongPlan(dice: Dice, seed: number): Plan {
  const repairedAtMs = dice.whole(120_000, 300_000);
  const target = drawLongOutage(dice.fork(), repairedAtMs);
  return {
    seed,
    repairedAtMs,
    stalls: dice.chance(0.2) ? drawStalls(dice, repairedAtMs, target.requests) : [],
    ending: dice.oneOf(['idle', 'drained', 'closed'] as const),
    targets: [target],
  };
}

/** Some at any moment, some while an attempt is under way, until about its deadline, mostly about a chat that is gone. */
function drawStalls(dice: Dice, untilMs: number, requests: readonly PlannedRequest[]): readonly Stall[] {
  const gone = requests.filter(({ chat }) => !chat.startsWith('chat-'));
  const stalls = dice.several(dice.whole(1, 5), (): Stall => {
    if (dice.chance(0.4)) return { atMs: dice.whole(0, untilMs), forMs: dice.oneOf([5, 30, 200, 1_500, 9_000]) };
    const { atMs, policy } = dice.oneOf(gone.length > 0 && dice.chance(0.7) ? gone : requests);
    const lastMs = Math.max(0, policy.deadlineMs - policy.attemptTimeoutMs);
    const most = Math.max(1, policy.attempts - 1);
    const afterMs = Math.floor((lastMs * (dice.chance(0.4) ? most : dice.whole(0, most))) / most) + dice.whole(1, 20);
    return { atMs: Math.min(untilMs, atMs + afterMs), forMs: Math.max(1, policy.deadlineMs - afterMs + dice.whole(-60, 120)) };
  });
  return [...stalls].sort((one, other) => one.atMs - other.atMs);
}

function drawTarget(dice: Dice, name: string, untilMs: number, isCalm: boolean): TargetPlan {
  const scenario = drawScenario(dice.fork(), untilMs, isCalm);
  const { chatServers, highAvailability, events } = scenario;
  const chats = dice.whole(1, 60);
  const troubles = isCalm || dice.chance(0.35) ? [] : dice.several(dice.whole(1, 4), () => drawTrouble(dice, untilMs));
  const crowd = {
    untilMs,
    momentsMs: [...events.map(({ atMs }) => atMs), ...troubles.map(({ fromMs }) => fromMs)],
    chats: Array.from({ length: chats }, (_, n) => chatId(n)),
    chatServers,
    namesMany: !isCalm && dice.chance(0.03),
  };
  const moments = (most: number): readonly number[] => dice.several(dice.whole(0, most), () => dice.whole(0, untilMs));
  return {
    name,
    isCalm,
    rules: drawRules(dice.fork(), highAvailability !== 'none', chatServers.length),
    safety: isCalm ? calm(drawSafety(dice.fork(), chatServers)) : drawSafety(dice.fork(), chatServers),
    scenario,
    chats,
    troubles,
    requests: isCalm ? drawCalmRequests(dice.fork(), crowd) : drawRequests(dice.fork(), crowd),
    releases: dice.chance(0.3) ? moments(2).map((atMs) => ({ atMs, minutes: dice.oneOf([1, 10]) })) : [],
    looksAtMs: moments(5),
    declinesAtMs: isCalm ? [] : moments(2),
  };
}

/** Room for all at once, so that nobody need wait for anything, and no control chat that is the wrong one. */
function calm({ controls, ...safety }: SafetySettings): SafetySettings {
  return {
    ...safety,
    outage: { ...safety.outage, maxInFlightPerServer: BUILT_IN_OUTAGE.maxInFlightPerServer },
    controls: controls.absent?.interactionId === PRESENT_CONTROL ? { ...controls, absent: null } : controls,
  };
}

function drawTrouble(dice: Dice, untilMs: number): Trouble {
  const fromMs = dice.whole(0, untilMs);
  return {
    // The one that puts an order of events in doubt is worth more than the many that only say no.
    kind: dice.chance(0.15) ? 'overtaken' : dice.oneOf(TROUBLES),
    fromMs,
    untilMs: Math.min(untilMs, fromMs + dice.oneOf([300, 3_000, 10_000])),
    share: dice.oneOf([0.1, 0.5, 1]),
  };
}
