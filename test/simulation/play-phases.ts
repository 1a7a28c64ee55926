import type { World } from '../../lab/simulator/world/world.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { Target } from '../../src/probe/target.ts';
import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ProtectedTargets } from '../support/protected-targets.ts';
import { createDice } from './dice.ts';
import type { Plan, PlannedRequest, TargetPlan } from './plan.ts';
import type { Happening } from './record.ts';
import type { Requests } from './requests.ts';

/** One target with its world and its callers. */
export interface Player {
  readonly mine: TargetPlan;
  readonly world: World;
  readonly target: Target;
  readonly requests: Requests;
  readonly note: (happening: Happening) => void;
}

export interface Play {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly outage: ProtectedTargets;
  readonly players: readonly Player[];
  /** Timers of the service that wait to ring. */
  readonly serviceTimers: () => number;
}

const ENDING_SALT = 0x0e4d;
/** Longer than any attempt takes, and than the ramp of a Chat Server climbs. */
const LONGEST_ATTEMPT_MS = 3_100;
const RAMP_MS = 4_000;
/** Time between two requests to one Chat Server after the repair. */
const RECOVERY_GAP_MS = 500;
/** Nobody waits longer than the longest deadline of all policies. */
const MOST_PATIENT_MS = 60_000;
const PROVED_CHATS = 8;
/** Adapters that do not end when told to are left behind after 20 ms. */
const LEFT_BEHIND_MS = 50;

/** Outages; everything repaired and traffic; proof that all is well again; the end. */
export async function playPhases(play: Play): Promise<void> {
  const { plan, clock, outage, players } = play;
  outage.start();
  for (const player of players) schedulePlan(play, player);
  await clock.advance(plan.repairedAtMs - clock.nowMs());

  for (const { world } of players) repair(world);
  await clock.advance(Math.max(...players.map(({ mine }) => mine.scenario.interactionServer.reconnectMs)));
  for (const player of players) scheduleRecovery(play, player);
  await clock.advance(Math.max(...players.map(({ mine }) => recoveryMs(mine))));
  await allAnswered(play);
  await clock.advance(Math.max(...players.map(({ mine }) => Math.ceil((mine.safety.guard.windowMs * 61) / 60))) + RAMP_MS);
  tellState(play, 'repaired');

  // Whose attempts have little time fail now and then in a slow world; the first who asks shows that the gateway answers.
  for (const { mine, world, requests } of players) {
    const [first = ''] = mine.scenario.chatServers;
    world.control.openSession('wakes-up', first);
    requests.ask(plainRequest('wakes-up', first), 'recovery');
  }
  await allAnswered(play);
  for (const player of players) askForProof(player);
  await allAnswered(play);
  await clock.advance(RAMP_MS);
  tellState(play, 'proved');

  await end(play);
  tellState(play, 'closed');
}

function schedulePlan({ clock, outage }: Play, { mine, requests, note }: Player): void {
  for (const planned of mine.requests) clock.schedule(planned.atMs, () => requests.ask(planned, 'outage'));
  for (const atMs of mine.declinesAtMs) clock.schedule(atMs, () => requests.decline());
  for (const atMs of mine.looksAtMs) clock.schedule(atMs, () => note({ type: 'looked', state: outage.state(mine.name) }));
  for (const { atMs, minutes } of mine.releases) {
    clock.schedule(atMs, () => {
      outage.release(mine.name, minutes);
      note({ type: 'released', minutes });
    });
  }
}

function repair({ control, chatServers }: World): void {
  control.misconfigure(null);
  control.gateway('up');
  control.interactionServer('up');
  for (const { name, status } of chatServers()) {
    control.slow(name, null);
    control.limit(name, null);
    control.link(name, 'up');
    if (status === 'down') control.start(name, 'lost');
  }
}

/** Long enough for a canary that went out in the last moment to be given up, and for one more to follow. */
function recoveryMs({ safety }: TargetPlan): number {
  return LONGEST_ATTEMPT_MS + safety.outage.canaryIntervalMs + RAMP_MS;
}

function scheduleRecovery({ clock }: Play, { mine, world, requests }: Player): void {
  for (let afterMs = 0; afterMs < recoveryMs(mine); afterMs += RECOVERY_GAP_MS) {
    for (const name of mine.scenario.chatServers) {
      clock.schedule(afterMs, () => {
        const chat = `recovery-${name}-${afterMs}`;
        world.control.openSession(chat, name);
        requests.ask(plainRequest(chat, name), 'recovery');
      });
    }
  }
}

/** Asks about a new chat on each Chat Server, and about some of the old ones that live where their interactions say. */
function askForProof({ mine, world, requests }: Player): void {
  for (const name of mine.scenario.chatServers) {
    world.control.openSession(`proof-${name}`, name);
    requests.ask(plainRequest(`proof-${name}`, name), 'proof');
  }
  const old = [...world.sessions()].filter(({ id, host, userData }) => id.startsWith('chat-') && host === userData['ChatServerAppName']);
  for (const { id, host } of old.filter((session) => session.host !== null).slice(0, PROVED_CHATS)) {
    requests.ask(plainRequest(id, host), 'proof');
  }
}

/** Ends the service, idle or with callers who wait for Chat Servers that have just crashed. */
async function end(play: Play): Promise<void> {
  const { plan, clock, outage, players } = play;
  const dice = createDice(plan.seed ^ ENDING_SALT);
  let isOpen = true;
  if (plan.ending !== 'idle') {
    for (const { mine, world, requests } of players) {
      for (const name of mine.scenario.chatServers) if (dice.chance(0.7)) world.control.crash(name);
      for (const planned of dice.several(15, () => dice.oneOf(mine.requests))) {
        clock.schedule(dice.whole(0, 1_500), () => {
          if (isOpen) requests.ask(planned, 'ending');
        });
      }
    }
    await clock.advance(dice.whole(0, 1_500));
  }
  isOpen = false;
  if (plan.ending === 'drained') {
    for (const { requests } of players) requests.drain();
    await clock.advance(LEFT_BEHIND_MS);
  }
  for (const { note } of players) note({ type: 'closing' });
  outage.close();
  if (plan.ending === 'closed') await allAnswered(play);
  await clock.advance(LEFT_BEHIND_MS);
}

/** Waits for every answer; what does not come then never does. */
async function allAnswered({ clock, players }: Play): Promise<void> {
  for (let waitedMs = 0; waitedMs < MOST_PATIENT_MS && players.some(({ requests }) => requests.open > 0); waitedMs += 1_000) {
    await clock.advance(1_000);
  }
}

function tellState({ outage, players, serviceTimers }: Play, phase: 'repaired' | 'proved' | 'closed'): void {
  for (const { mine, note } of players) note({ type: 'came_to', phase, state: outage.state(mine.name), timers: serviceTimers() });
}

function plainRequest(chat: string, name: string | null): PlannedRequest {
  return {
    atMs: 0,
    chat,
    via: { name },
    claimsClosed: false,
    policyName: 'inline',
    policy: BUILT_IN_POLICIES.inline,
    leaves: null,
    loops: 0,
  };
}
