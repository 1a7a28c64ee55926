import type { Clock } from '../probe/clock.ts';
import { REASONS } from '../probe/reasons.ts';
import type { ChatServers } from './chat-servers/chat-servers.ts';
import type { AttemptFact, FleetFact, FleetLink, ReleaseFact, StopFact } from './fleet.ts';
import type { OutageSettings } from './settings.ts';
import { withTimestamp } from './single-flight/chats.ts';
import { rememberAlive, type SingleFlight } from './single-flight/single-flight.ts';
import type { MassStopGuard } from './stop-filters/mass-stop-guard.ts';

/** What the news of other replicas go into: all that this one goes by itself. */
export interface LearningParts {
  readonly clock: Clock;
  readonly limits: Pick<OutageSettings, 'messageLimit' | 'stopsPerInteraction'>;
  readonly servers: Pick<ChatServers, 'heard' | 'newcomer'>;
  readonly guard: Pick<MassStopGuard, 'heard' | 'badFirstAnswer' | 'learn'>;
  readonly chats: Pick<SingleFlight, 'remembered'>;
  readonly release: (forMs: number) => void;
}

/** Takes in what another replica learned, as if it had been learned here. @param isEarlier whether nothing was asked here so far. */
export type LearnFact = (fact: FleetFact, isEarlier: boolean) => void;

/** Makes a target one of those that hear of the other replicas. */
export type JoinFleet = (target: string, learn: LearnFact) => FleetLink;

export function createLearning(parts: LearningParts): LearnFact {
  const { clock } = parts;
  let earlierMs = Number.NEGATIVE_INFINITY;
  /** News count from when they are heard; what is read at the start from when it happened, in the order in which it did. */
  const momentOf = ({ atMs }: FleetFact, isEarlier: boolean): number => {
    if (!isEarlier) return clock.nowMs();
    earlierMs = Math.min(clock.nowMs(), Math.max(earlierMs, atMs));
    return earlierMs;
  };
  return (fact, isEarlier) => {
    const nowMs = momentOf(fact, isEarlier);
    switch (fact.type) {
      case 'attempt':
        return learnAttempt(parts, fact, nowMs);
      case 'asked': {
        const chat = parts.chats.remembered(fact.interactionId, nowMs);
        if (chat.firstNamedAtMs === null) parts.servers.newcomer(fact.chatServer, nowMs);
        chat.firstNamedAtMs = Math.min(chat.firstNamedAtMs ?? nowMs, fact.atMs);
        return;
      }
      case 'count':
        return parts.guard.learn(fact, nowMs);
      case 'stop':
        return learnStop(parts, fact, nowMs);
      case 'release':
        return learnRelease(parts, fact);
    }
  };
}

function learnAttempt({ guard, servers, chats, limits }: LearningParts, fact: AttemptFact, nowMs: number): void {
  const { reason, chatServer, interactionId, probeStartedAtMs, isFirstAnswer, mayStand } = fact;
  const atMs = Math.min(fact.atMs, nowMs);
  if (reason !== null) {
    servers.heard(chatServer, reason, fact, nowMs);
    guard.heard(reason, chatServer, atMs);
    if (isFirstAnswer && REASONS[reason].retry === 'confirm') guard.badFirstAnswer(fact, reason, probeStartedAtMs);
  }
  const chat = chats.remembered(interactionId, nowMs);
  if (mayStand) chat.messages = withTimestamp(chat.messages, atMs, limits.messageLimit);
  if (reason === 'delivered' && atMs > chat.aliveAtMs) rememberAlive(chat, fact, atMs);
}

function learnStop({ chats, limits }: LearningParts, { interactionId, atMs, isAnswered }: StopFact, nowMs: number): void {
  const chat = chats.remembered(interactionId, nowMs);
  if (isAnswered) chat.stops = withTimestamp(chat.stops, Math.min(atMs, nowMs), limits.stopsPerInteraction);
  else chat.heldAtMs = Math.max(chat.heldAtMs ?? atMs, atMs);
}

function learnRelease({ clock, release }: LearningParts, { atMs, forMs }: ReleaseFact): void {
  const leftMs = atMs + forMs - clock.nowMs();
  if (leftMs > 0) release(leftMs);
}
