import type { ScenarioEvent } from '../../lab/simulator/scenario/scenario-event.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import {
  BUILT_IN_CONTROLS,
  BUILT_IN_ENFORCEMENT,
  BUILT_IN_GUARD,
  BUILT_IN_OUTAGE,
  type SafetySettings,
} from '../../src/resilience/settings.ts';
import type { Dice } from './dice.ts';
import type { PlannedRequest, TargetPlan } from './plan.ts';
import { chatId } from './random-requests.ts';
import { drawScenario } from './random-scenario.ts';
import { drawPolicy, drawRules, drawSafety } from './random-settings.ts';

/** What becomes of the Chat Server that falls. */
interface Fall {
  readonly chatServer: string;
  readonly atMs: number;
  /** When it is back, or seen again. */
  readonly untilMs: number;
  readonly events: readonly ScenarioEvent[];
  /** Share of the new chats that name it afterwards. */
  readonly stillNamed: number;
  /** True if hardly anybody asks for it: so seldom that it may have lived in between. */
  readonly isSparse: boolean;
}

/**
 * A Chat Server that stays down for minutes, or that Interaction Server has lost sight of, while chats come to the others and those
 * that it has left behind are asked about again and again.
 */
export function drawLongOutage(dice: Dice, untilMs: number): TargetPlan {
  const { events: incidents, ...scenario } = drawScenario(dice.fork(), untilMs, false);
  const chatServers = Array.from({ length: dice.whole(2, 3) }, (_, n) => `CS_${n + 1}`);
  const fall = drawFall(dice, untilMs, chatServers);
  const events = [...fall.events, ...(dice.chance(0.2) ? incidents.filter(({ atMs }) => atMs > fall.atMs) : [])];
  const requests = [...drawNewcomers(dice, fall, untilMs, chatServers), ...drawGhosts(dice, fall, untilMs)];
  const rules = drawRules(dice.fork(), true, chatServers.length);
  return {
    name: 'default',
    isCalm: false,
    rules: {
      ...rules,
      singleChatServer: dice.chance(0.05),
      onChatServerDown: dice.oneOf(['auto', 'auto', 'auto', 'stop', 'route']),
      restoreWindowMs: dice.oneOf([2_000, 10_000, 10_000, 45_000, 45_000]),
    },
    safety: drawLongSafety(dice.fork(), chatServers),
    scenario: {
      ...scenario,
      highAvailability: 'n+1',
      chatServers,
      chats: { ...scenario.chats, onlineShare: 1, staleShare: 0 },
      events: events.sort((one, other) => one.atMs - other.atMs),
    },
    chats: MOST_CHATS,
    troubles: [],
    requests: requests.sort((one, other) => one.atMs - other.atMs),
    releases: [],
    looksAtMs: [],
    declinesAtMs: [],
  };
}

const MOST_CHATS = 150;

/** As a site would have it, mostly. */
function drawLongSafety(dice: Dice, chatServers: readonly string[]): SafetySettings {
  if (dice.chance(0.3)) return drawSafety(dice, chatServers);
  return {
    outage: {
      ...BUILT_IN_OUTAGE,
      canary: dice.chance(0.9),
      holdWhileRestoring: dice.chance(0.85),
      stopsPerInteraction: dice.oneOf([1, 5]),
    },
    guard: { ...BUILT_IN_GUARD, requireDelivery: dice.chance(0.5) },
    controls: BUILT_IN_CONTROLS,
    enforcement: BUILT_IN_ENFORCEMENT,
  };
}

function drawFall(dice: Dice, mostMs: number, chatServers: readonly string[]): Fall {
  const [chatServer = ''] = chatServers;
  const isSparse = dice.chance(0.25);
  const atMs = dice.chance(0.1) ? 0 : dice.whole(8_000, 25_000);
  const untilMs = dice.chance(0.85) ? mostMs : dice.whole(atMs + 5_000, mostMs);
  const fall = { chatServer, atMs, untilMs, events: [], stillNamed: isSparse ? 0 : dice.oneOf([0, 0, 0.02, 0.05]), isSparse };
  const lost = (name: string, fromMs: number): readonly ScenarioEvent[] => [
    { atMs: fromMs, link: name, state: 'down' },
    { atMs: untilMs, link: name, state: 'up' },
  ];
  switch (dice.oneOf(['crash', 'crash', 'crash', 'link', 'sight'] as const)) {
    case 'crash':
      return {
        ...fall,
        events: [
          { atMs, crash: chatServer },
          { atMs: untilMs, start: chatServer, sessions: 'lost' },
        ],
      };
    // The chats go on as if nothing had happened.
    case 'link':
      return { ...fall, events: lost(chatServer, atMs), stillNamed: 1 / chatServers.length };
    // One after the other, until none is seen any more.
    case 'sight': {
      const stageMs = dice.oneOf([3_000, 20_000, 60_000]);
      return {
        ...fall,
        events: chatServers.flatMap((name, n) => lost(name, Math.min(untilMs, atMs + n * stageMs))),
        stillNamed: 1 / chatServers.length,
      };
    }
  }
}

/** Each chat is asked about soon after it came; some again later. */
function drawNewcomers(dice: Dice, fall: Fall, untilMs: number, chatServers: readonly string[]): readonly PlannedRequest[] {
  const asked = Array.from({ length: MOST_CHATS }, (_, n) => n).filter(() => dice.chance(0.9));
  // The world deals its chats out in turn, beginning with the one that falls.
  const own = asked.filter((n) => n % chatServers.length === 0);
  const others = asked.filter((n) => n % chatServers.length !== 0);
  const before = fall.atMs === 0 ? [] : [...own.splice(0, dice.whole(14, 34)), ...others.splice(0, dice.whole(4, 20))];
  const stillNamed = own.filter(() => dice.chance(fall.stillNamed * 2));
  const after = [...others, ...stillNamed];
  // Where nobody asks for a while no witness is left.
  const lull = !fall.isSparse && dice.chance(0.2) ? dice.whole(fall.atMs, untilMs) : null;
  const fromMs = fall.atMs + dice.oneOf([0, 0, 20_000, 60_000]);
  const lastsMs = Math.min(untilMs - fromMs, fall.isSparse ? untilMs : dice.oneOf([8_000, 45_000, 90_000, 300_000]));
  const firsts = [
    ...before.map((n) => asks(dice, chatId(n), dice.whole(0, fall.atMs))),
    ...after.map((n) => asks(dice, chatId(n), fromMs + dice.whole(0, lastsMs))),
  ];
  const again = dice.several(fall.isSparse ? 0 : dice.whole(5, 40), () =>
    asks(dice, dice.oneOf(firsts).chat, dice.whole(fall.atMs, untilMs)),
  );
  return [...firsts, ...again].filter(({ atMs }) => lull === null || atMs < lull || atMs > lull + 40_000);
}

/** Within which somebody comes back. */
const VISIT_MS = 2_000;

/** Chats of the one that fell, whose customers have left. Who was routed one asks again when it comes back. */
function drawGhosts(dice: Dice, fall: Fall, untilMs: number): readonly PlannedRequest[] {
  const everyMs = fall.isSparse ? dice.oneOf([95_000, 110_000]) : dice.oneOf([12_000, 20_000, 20_000, 40_000, 65_000, 85_000]);
  return dice
    .several(fall.isSparse ? 1 : dice.whole(2, 5), () => dice.whole(1, 999))
    .flatMap((n) => {
      const policy = dice.chance(0.7) ? { policyName: 'inline', policy: BUILT_IN_POLICIES.inline } : drawPolicy(dice);
      const fromMs = Math.max(0, fall.atMs + dice.oneOf([-5_000, 0, 0, 40_000]) + dice.whole(0, 5_000));
      const visits = Math.max(0, Math.ceil((untilMs - fromMs - VISIT_MS) / everyMs));
      return Array.from({ length: visits }, (_, visit) => ({
        ...asks(dice, `ghost-${n}`, fromMs + visit * everyMs + dice.whole(0, VISIT_MS)),
        ...policy,
        via: { name: fall.chatServer },
      }));
    });
}

function asks(dice: Dice, chat: string, atMs: number): PlannedRequest {
  const policy = dice.chance(0.8) ? { policyName: 'inline', policy: BUILT_IN_POLICIES.inline } : drawPolicy(dice);
  return { atMs, chat, via: 'shown', claimsClosed: false, ...policy, leaves: null, loops: 0 };
}
