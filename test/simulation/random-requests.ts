import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { Dice } from './dice.ts';
import type { PlannedRequest } from './plan.ts';
import { drawPolicy } from './random-settings.ts';

/** What callers can ask about. */
export interface Crowd {
  readonly untilMs: number;
  /** Moments after which much is asked: something has just happened then. */
  readonly momentsMs: readonly number[];
  /** Chats of the world, by id. */
  readonly chats: readonly string[];
  readonly chatServers: readonly string[];
  /** True to name more Chat Servers than the service remembers. */
  readonly namesMany: boolean;
}

/** Who waits that long is mostly still there when somebody joins. */
const PATIENT_MS = 4_000;

/** The id of a chat that there is when the world begins, by its number from 0. */
export function chatId(n: number): string {
  return `chat-${String(n + 1).padStart(6, '0')}`;
}

/** Draws what callers ask: some steadily, some in bursts, some about the same chat at once. In order of time. */
export function drawRequests(dice: Dice, crowd: Crowd): readonly PlannedRequest[] {
  const steady = dice.several(dice.whole(5, 50), () => drawRequest(dice, crowd, dice.whole(0, crowd.untilMs)));
  const bursts = dice.several(dice.whole(0, 4), () => drawBurst(dice, crowd)).flat();
  const flood = crowd.namesMany ? dice.several(260, () => nameAnything(dice, drawRequest(dice, crowd, dice.whole(0, crowd.untilMs)))) : [];
  const crowds = dice.chance(0.4) ? drawWaitingCrowd(dice, crowd) : [];
  const asked = [...steady, ...bursts, ...flood, ...crowds];
  const patient = asked.filter(({ policy }) => policy.deadlineMs >= PATIENT_MS);
  const echoes =
    patient.length > 0 && dice.chance(0.7) ? dice.several(dice.whole(1, 60), () => drawEcho(dice, crowd, dice.oneOf(patient))) : [];
  return inOrder([...asked, ...echoes]);
}

/** Each chat is asked about once, with what its interaction shows, by callers who wait. */
export function drawCalmRequests(dice: Dice, { untilMs, chats }: Crowd): readonly PlannedRequest[] {
  const isBurst = dice.chance(0.3);
  return inOrder(
    chats.map((chat) => ({
      ...drawRequest(dice, { untilMs, momentsMs: [], chats: [chat], chatServers: [], namesMany: false }, 0),
      chat,
      atMs: isBurst ? 1_000 : dice.whole(0, untilMs),
      via: 'shown',
      claimsClosed: false,
      leaves: null,
      loops: 0,
    })),
  );
}

function inOrder(requests: readonly PlannedRequest[]): readonly PlannedRequest[] {
  return [...requests].sort((one, other) => one.atMs - other.atMs);
}

/** Many requests within moments, with one policy, about many chats or a few, mostly when something has just happened. */
function drawBurst(dice: Dice, crowd: Crowd): readonly PlannedRequest[] {
  const fromMs =
    crowd.momentsMs.length > 0 && dice.chance(0.7)
      ? Math.max(0, Math.min(crowd.untilMs, dice.oneOf(crowd.momentsMs) + dice.whole(-500, 3_000)))
      : dice.whole(0, crowd.untilMs);
  const withinMs = dice.oneOf([0, 5, 300, 2_000]);
  const few = crowd.chats.slice(0, dice.whole(1, 4));
  const about = dice.chance(0.35) && few.length > 0 ? few : crowd.chats;
  const shared = dice.chance(0.5) ? drawPolicy(dice) : null;
  return dice.several(dice.whole(5, 60), () => ({
    ...drawRequest(dice, { ...crowd, chats: about }, Math.min(crowd.untilMs, fromMs + dice.whole(0, withinMs))),
    ...(shared ?? drawPolicy(dice)),
  }));
}

/** Many patient callers for one Chat Server, soon after something has happened: more than are let go in a moment. */
function drawWaitingCrowd(dice: Dice, crowd: Crowd): readonly PlannedRequest[] {
  const sinceMs = dice.oneOf([0, 0, 3_000, 6_000]);
  const fromMs = crowd.momentsMs.length > 0 ? sinceMs + dice.oneOf(crowd.momentsMs) : 0;
  const name = dice.oneOf(crowd.chatServers);
  const policyName = dice.oneOf(['inline', 'inline', 'inline', 'ha'] as const);
  return dice.several(dice.whole(10, 60), () => ({
    ...drawRequest(dice, crowd, Math.min(crowd.untilMs, fromMs + dice.whole(0, 2_000))),
    via: dice.chance(0.5) ? 'shown' : { name },
    policyName,
    policy: BUILT_IN_POLICIES[policyName],
    leaves: null,
  }));
}

/** The same question once more, by somebody who can wait less, mostly just before the first comes to its end. */
function drawEcho(dice: Dice, { untilMs }: Crowd, first: PlannedRequest): PlannedRequest {
  const { atMs, policy } = first;
  const pinMs = Math.max(0, policy.deadlineMs - policy.attemptTimeoutMs);
  const deadlineMs = Math.min(policy.deadlineMs, dice.oneOf([900, 1_900, 1_900, 9_000]));
  return {
    ...first,
    loops: 0,
    atMs: Math.min(untilMs, atMs + Math.max(0, pinMs - dice.whole(0, deadlineMs / 2))),
    policy: { ...policy, attempts: dice.whole(1, policy.attempts), deadlineMs },
  };
}

function drawRequest(dice: Dice, { chats, chatServers }: Crowd, atMs: number): PlannedRequest {
  const how = dice.chance(0.8) ? ('hangs_up' as const) : ('draining' as const);
  const afterMs = dice.chance(0.1) ? -1 : dice.oneOf([dice.whole(0, 50), dice.whole(0, 3_000), dice.whole(0, 9_000)]);
  return {
    atMs,
    chat: dice.chance(0.03) ? `unknown-${dice.whole(1, 3)}` : dice.oneOf(chats),
    via: dice.chance(0.75) ? 'shown' : { name: dice.chance(0.4) ? null : dice.oneOf([...chatServers, 'CS_unknown']) },
    claimsClosed: dice.chance(0.02),
    ...drawPolicy(dice),
    leaves: dice.chance(0.12) ? { afterMs, how } : null,
    loops: dice.chance(0.2) ? dice.whole(1, 3) : 0,
  };
}

function nameAnything(dice: Dice, request: PlannedRequest): PlannedRequest {
  return { ...request, via: { name: `CS_made_up_${dice.whole(1, 400)}` } };
}
