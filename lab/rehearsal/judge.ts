import type { EspRequest, UserData } from '../../src/probe/esp.ts';
import type { SessionView } from '../simulator/world/session.ts';
import type { World } from '../simulator/world/world.ts';
import type { JudgedProbe } from './judged-probe.ts';
import { misconfiguredAt } from './misconfigured-at.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { RehearsedAnswer } from './rehearsed-service.ts';
import { crashedBetween, linkLostBetween, startedBetween } from './server-events.ts';
import { explainStop } from './stop-explanation.ts';
import type { ChatFacts } from './stop-facts.ts';
import type { WireLog } from './wire-log.ts';

/** What was known of a chat when its probe began. */
export interface Beginning {
  readonly id: string;
  readonly isSecond: boolean;
  /** In ms since the world began. */
  readonly startedAtMs: number;
  /** The Chat Server to ask, null if by type. */
  readonly asked: string | null;
  readonly userData: UserData;
  readonly isServerDown: boolean;
  readonly isOffline: boolean;
  readonly atStart: ChatFacts;
}

/** Notes what a workflow would read now, and what is true. */
export function beginningOf({ scenario }: Rehearsal, world: World, id: string, isSecond = false): Beginning {
  const view = viewOf(world, id);
  const { ChatServerAppName: name, ...others } = view.userData;
  const isNamed = scenario.probes.byName && typeof name === 'string';
  return {
    id,
    isSecond,
    startedAtMs: world.nowMs(),
    asked: isNamed ? name : null,
    isServerDown: isNamed && world.chatServers().some((server) => server.name === name && server.status === 'down'),
    userData: isNamed ? view.userData : others,
    isOffline: view.userData['IsOnline'] === '0',
    atStart: factsOf(view),
  };
}

/** One run of the prober, if this question brought one about. */
export interface ProbeRun {
  /** In ms since the world began: later than the question where the process stood still. */
  readonly begunAtMs: number;
  readonly sent: EspRequest[];
}

/** What a verdict is judged by. */
export interface Bench {
  readonly rehearsal: Rehearsal;
  readonly world: World;
  readonly wire: WireLog;
}

/** Judges an answer by what is true now, which must be the moment at which it was given. */
export function judged({ rehearsal, world, wire }: Bench, answer: RehearsedAnswer, beginning: Beginning, run: ProbeRun): JudgedProbe {
  const { verdict, evidence, reason, degraded, guarded, servedBy, elapsedMs } = answer;
  const { id, asked, isSecond, isServerDown: toServerDown, startedAtMs, isOffline, atStart } = beginning;
  const { scenario, policy } = rehearsal;
  const now = viewOf(world, id);
  const living = now.truth.customer === 'present';
  const common = {
    id,
    isSecond,
    chatServer: asked,
    toServerDown,
    startedAtMs,
    verdict,
    evidence,
    reason,
    degraded,
    guarded,
    servedBy,
    elapsedMs,
    living,
  };
  if (!living || verdict !== 'stop') return { ...common, explanation: null };
  const isShared = servedBy === 'coalesced' || servedBy === 'recent';
  const attempts = wire.attemptsFor(id).filter(({ request }) => isShared || run.sent.includes(request));
  const isWatched = !rehearsal.plain && rehearsal.noProbe !== true;
  const { without = [] } = rehearsal;
  const byCanary = servedBy === 'canary';
  const lastOfServer = asked === null ? null : wire.lastSettledTo(asked);
  const decisive = byCanary ? lastOfServer : attempts.at(-1);
  const sentAtMs = decisive?.atMs ?? startedAtMs;
  const explanation = explainStop({
    reason,
    isWatched,
    isHeld: isWatched && !without.includes('holdWhileRestoring'),
    nowMs: world.nowMs(),
    byCanary,
    rules: scenario.target,
    policy,
    startedAtMs: isShared ? (attempts[0]?.atMs ?? run.begunAtMs) : run.begunAtMs,
    attempts,
    lastOfServer,
    signs: asked === null ? null : wire.signsOf(asked),
    isOffline,
    asked,
    atStart,
    atVerdict: factsOf(now),
    connected: world.chatServers().flatMap(({ name, connected }) => (connected ? [name] : [])),
    crashedMeanwhile: asked !== null && crashedBetween(scenario.events, asked, sentAtMs, world.nowMs()),
    startedMeanwhile: asked !== null && startedBetween(scenario.events, asked, sentAtMs, world.nowMs()),
    linkLost: asked !== null && linkLostBetween(scenario.events, asked, sentAtMs, world.nowMs()),
    misconfigured: misconfiguredAt(scenario.events, world.nowMs()),
  });
  return { ...common, explanation };
}

function factsOf({ truth, host }: SessionView): ChatFacts {
  return { session: truth.session, host };
}

function viewOf(world: World, id: string): SessionView {
  const view = world.session(id);
  if (view === null) throw new Error(`the world has lost track of ${id}`);
  return view;
}
