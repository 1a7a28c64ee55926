import type { Clock } from '../../probe/clock.ts';
import type { ProbeOrder } from '../../probe/probe-order.ts';
import { REASONS, type Reason } from '../../probe/reasons.ts';
import type { ProbeResult } from '../../probe/verdict.ts';
import { createCountingWindow } from '../counting-window.ts';
import type { GuardState, Withholding } from '../events.ts';
import { type CountFact, type FleetLink, NO_FLEET, partOf, type ShareKind } from '../fleet.ts';
import type { GuardSettings } from '../settings.ts';
import { createFirstAnswers } from './first-answers.ts';

/** The part of an order that the guard tells chats apart by. */
export type GuardedChat = Pick<ProbeOrder, 'interactionId' | 'chatServer'>;

/** What is about to be answered. */
export interface GuardedFinding {
  readonly result: Pick<ProbeResult, 'verdict' | 'evidence' | 'reason' | 'servedBy' | 'attempts' | 'isKnownDown'>;
  readonly startedAtMs: number;
  /** False for a request that learns what the probe of another found out: a stop counts as often as it is answered, a life once. */
  readonly isOwn: boolean;
  /** When a stop of the same interaction was last counted that was not answered, null if never. */
  readonly heldAtMs: number | null;
}

/**
 * Withholds the stops of one target while there are too many of them to be believed, or before a message was ever delivered:
 * a wrong tenant or a missing connection looks exactly like "all chats dead". Never withholds a route. Goes by first answers, which
 * show within seconds that something is wrong, and by the share of stops, which shows it where some messages are still delivered.
 * Moments are on one monotonic clock, in ms.
 */
export interface MassStopGuard {
  /** Told what each message came to; of one of another replica perhaps after what came later here. */
  heard(reason: Reason, chatServer: string | null, nowMs: number): void;
  /** Told of the first answer of each probe, if it is bad. @param isNoNews whether its Chat Server was seen down before. */
  badFirstAnswer(chat: GuardedChat, reason: Reason, probeStartedAtMs: number, isNoNews?: boolean): void;
  /**
   * Judges and counts what one request is about to be answered. Not for `closed`, which comes from the caller's own data: those
   * neither need judging nor say anything about the others. A verdict that routes with evidence `unknown` is not counted, since an
   * outage of the gateway would hide a mass of stops among them, unless it leaned to a stop; nor are a stop that `no_delivery`
   * withholds, and the ghosts of a Chat Server that is known to be down. A stop withheld as `mass_stop` is. Whoever asks again until the
   * answer is another one counts once in a window: a life is not asked about again, so that a few patient callers would outweigh all others.
   *
   * @returns why a stop must be withheld; null if it may pass, and for every route.
   */
  judge(chat: GuardedChat, finding: GuardedFinding, nowMs: number): GuardReason | null;
  /** Counts what another replica counted. */
  learn(counted: CountFact, nowMs: number): void;
  /** Lets all stops pass for that long, counted as ever; takes the place of an earlier release. Then the evidence rules again. */
  release(nowMs: number, forMs: number): void;
  /** `watching` also while `no_delivery` alone withholds: `hasDelivered` tells. */
  state(nowMs: number): GuardState;
  readonly hasDelivered: boolean;
  /** What is left of a release; 0 without one. */
  releasedForMs(nowMs: number): number;
  /** Its settings have changed: goes by them, with what it knows. What has tripped it holds until living chats or an operator clear it. */
  reconfigured(nowMs: number): void;
}

export type GuardReason = Extract<Withholding, 'mass_stop' | 'no_delivery'>;

/** Seconds, in the usual window of a minute. */
const BUCKETS = 60;

/**
 * @param onChange told of each change of state; of those that time brings only when `judge` or `state` is called next.
 * @param fleet told what is counted. Where replicas do not hear of each other, all of them together are to let no more pass than one would.
 */
export function createMassStopGuard(
  settings: GuardSettings,
  onChange: (state: GuardState) => void,
  fleet: Pick<FleetLink, 'replicasApart' | 'tell'> = NO_FLEET,
): MassStopGuard {
  const { shares, first, tell } = createCounts(settings, fleet);
  let hasDelivered = false;
  let releasedUntilMs = 0;
  let told: GuardState = 'watching';

  const settle = (nowMs: number): GuardState => {
    // Weighed under a release too, so that what it found rules as soon as that runs out.
    const isTripped = shares.isTooHigh(nowMs) || (settings.massStop && first.areTooMany(nowMs));
    const state = nowMs < releasedUntilMs ? 'released' : isTripped ? 'tripped' : 'watching';
    if (state !== told) {
      told = state;
      onChange(state);
    }
    return state;
  };
  const badFirstAnswer: MassStopGuard['badFirstAnswer'] = ({ interactionId, chatServer }, reason, probeStartedAtMs, isNoNews = false) => {
    first.bad({ interactionId, chatServer, isFault: reason === 'session_not_found', isNoNews }, probeStartedAtMs);
  };

  return {
    heard(reason, chatServer, nowMs) {
      if (reason === 'chat_server_not_found') first.sawDown(nowMs);
      if (reason !== 'delivered') return;
      hasDelivered = true;
      first.delivered(chatServer, nowMs);
    },
    badFirstAnswer,
    judge(chat, { result, startedAtMs, isOwn, heldAtMs }, nowMs) {
      const isStop = result.verdict === 'stop';
      if (isStop && settings.requireDelivery && !hasDelivered && settle(nowMs) !== 'released') return 'no_delivery';
      const byProof = isStop && isByProof(result) ? result.reason : null;
      if (byProof !== null) badFirstAnswer(chat, byProof, startedAtMs);
      // Ghosts of a Chat Server that is known to be down may be most of all for a while. That others live and nobody new names it is
      // more than a share can tell; and ghosts that are withheld come again, so that a guard that they tripped would never clear.
      const isSaid = heldAtMs !== null && nowMs - heldAtMs < settings.windowMs && countsAsStop(result);
      const share = (isOwn || isStop) && !isSaid && !result.isKnownDown ? shareKind(result) : null;
      if (share !== null) shares.add(share, nowMs, startedAtMs, true);
      if (share !== null || byProof !== null) tell(chat, share, byProof, startedAtMs, nowMs);
      return settle(nowMs) === 'tripped' && isStop ? 'mass_stop' : null;
    },
    learn(counted, nowMs) {
      const { share, byProof, probeStartedAtMs } = counted;
      if (byProof !== null) badFirstAnswer(counted, byProof, probeStartedAtMs);
      if (share !== null) shares.add(share, nowMs, Math.min(probeStartedAtMs, nowMs), false);
    },
    release(nowMs, forMs) {
      releasedUntilMs = nowMs + forMs;
      settle(nowMs);
    },
    state: settle,
    get hasDelivered() {
      return hasDelivered;
    },
    releasedForMs: (nowMs) => Math.max(0, releasedUntilMs - nowMs),
    reconfigured(nowMs) {
      shares.reconfigured(nowMs);
      settle(nowMs);
    },
  };
}

/** What is counted, here and by others, and how the others hear of it. */
function createCounts(settings: GuardSettings, fleet: Pick<FleetLink, 'replicasApart' | 'tell'>) {
  const ownPart = (ofAll: number): number => partOf(ofAll, fleet.replicasApart);
  return {
    shares: createStopShares(settings, ownPart, fleet),
    first: createFirstAnswers({
      get badFirstAnswers() {
        return ownPart(settings.badFirstAnswers);
      },
    }),
    tell(chat: GuardedChat, share: ShareKind | null, byProof: Reason | null, probeStartedAtMs: number, atMs: number): void {
      const { interactionId, chatServer } = chat;
      fleet.tell({ type: 'count', interactionId, chatServer, probeStartedAtMs, atMs, share, byProof }, false);
    },
  };
}

/**
 * Of all that is known and, while replicas do not hear of each other, of what this one counted itself as well: the lives that all had before
 * would else outweigh the stops of one for as long as they are in the window.
 */
function createStopShares(settings: GuardSettings, ownPart: (ofAll: number) => number, fleet: Pick<FleetLink, 'replicasApart'>) {
  const [all, own] = [createStopShare(settings, ownPart), createStopShare(settings, ownPart)];
  return {
    add(kind: ShareKind, nowMs: number, startedAtMs: number, isOwn: boolean): void {
      all.add(kind, nowMs, startedAtMs);
      if (isOwn) own.add(kind, nowMs, startedAtMs);
    },
    isTooHigh(nowMs: number): boolean {
      // Each asked each time: what trips it holds it.
      const isOwnTooHigh = own.isTooHigh(nowMs);
      return all.isTooHigh(nowMs) || (isOwnTooHigh && fleet.replicasApart > 1);
    },
    reconfigured(nowMs: number): void {
      for (const share of [all, own]) share.reconfigured(nowMs);
    },
  };
}

interface StopShare {
  /**
   * Counts it at the moment at which its probe began: a stop takes a probe longer than a life, and where traffic ends, stops alone
   * would be left to come.
   */
  add(kind: ShareKind, nowMs: number, startedAtMs: number): void;
  /** Whether there are too many stops to be believed. */
  isTooHigh(nowMs: number): boolean;
  reconfigured(nowMs: number): void;
}

/** @param ownPart what one of several replicas may do of what all may. */
function createStopShare(settings: GuardSettings, ownPart: (ofAll: number) => number): StopShare {
  let { windowMs } = settings;
  const verdicts = createCountingWindow(windowMs, BUCKETS);
  const stops = createCountingWindow(windowMs, BUCKETS);
  const alives = createCountingWindow(windowMs, BUCKETS);
  let isTripped = false;

  return {
    add(kind, nowMs, startedAtMs) {
      const agoMs = nowMs - startedAtMs;
      if (kind === 'stop') stops.add(nowMs, agoMs);
      verdicts.add(nowMs, agoMs);
      if (kind === 'alive') alives.add(nowMs);
    },
    isTooHigh(nowMs) {
      const { massStop, share, verdicts: fewestVerdicts } = settings;
      const isAbove = stops.total(nowMs) > share * verdicts.total(nowMs);
      // Only a living chat shows that answers can be trusted again: silence, which empties the window, shows nothing.
      const isCleared = !isAbove && alives.total(nowMs) > 0;
      isTripped = massStop && (isTripped ? !isCleared : isAbove && verdicts.total(nowMs) >= ownPart(fewestVerdicts));
      return isTripped;
    },
    reconfigured(nowMs) {
      if (settings.windowMs === windowMs) return;
      windowMs = settings.windowMs;
      for (const counted of [verdicts, stops, alives]) counted.resize(windowMs, nowMs);
    },
  };
}

/** Releases of the guard, whose end is told when it comes, and not only when somebody asks. */
export function createReleasing(clock: Clock, guard: MassStopGuard) {
  let cancelEnd = (): void => undefined;
  return {
    begin(forMs: number): void {
      guard.release(clock.nowMs(), forMs);
      cancelEnd();
      cancelEnd = clock.schedule(forMs, () => guard.state(clock.nowMs()));
    },
    cancel: () => cancelEnd(),
  };
}

/** How it is counted; null for one that says nothing. */
function shareKind(result: GuardedFinding['result']): ShareKind | null {
  if (countsAsStop(result)) return 'stop';
  if (result.evidence === 'unknown') return null;
  return result.evidence === 'alive' ? 'alive' : 'other';
}

/** Whether the guard takes it for a stop, whatever becomes of it. */
export function countsAsStop(result: GuardedFinding['result']): boolean {
  return result.verdict === 'stop' || leansToStop(result);
}

/** Whether no first answer of its own may have been counted: it had none, or told what was known of its Chat Server. */
function isByProof({ servedBy, attempts }: GuardedFinding['result']): boolean {
  return servedBy === 'observation' || (servedBy === 'canary' && attempts.length === 0);
}

/** A stop that was not confirmed only because this service sent no more messages: such would hide a mass of stops. */
function leansToStop({ reason, attempts }: GuardedFinding['result']): boolean {
  if (reason !== 'retry_suppressed' && reason !== 'unconfirmed') return false;
  const last = attempts.at(-1);
  return last !== undefined && REASONS[last.reason].evidence !== 'unknown';
}
