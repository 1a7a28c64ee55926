import { isReason, type Reason } from '../probe/reasons.ts';
import { type FleetFact, SHARE_KINDS, type ShareKind } from '../resilience/fleet.ts';

/*
 * Facts as they stand in the store's log: lists, since names of fields would be half of them, with times of the store's clock. What is read
 * there may come from another release or another program: anything that is not exactly a fact of this form is none.
 */

/** What one replica adds to the log at a time. */
export interface FactEntry {
  readonly replica: string;
  readonly number: number;
  readonly facts: readonly TargetFact[];
}

export interface TargetFact {
  readonly target: string;
  readonly fact: FleetFact;
}

type Shift = (ms: number) => number;

/** Of the form. A release that changes it counts on, and the two go by what each knows itself. */
const VERSION = 1;

export function encodeEntry({ replica, number, facts }: FactEntry, toStore: Shift): string {
  const shift = (ms: number): number => Math.round(toStore(ms) * 10) / 10;
  return JSON.stringify([VERSION, replica, number, facts.map(({ target, fact }) => [target, ...encoded(fact, shift)])]);
}

function encoded(fact: FleetFact, shift: Shift): readonly unknown[] {
  switch (fact.type) {
    case 'attempt': {
      const { interactionId, probeId, chatServer, reason, probeStartedAtMs, admittedAtMs, atMs, isFirstAnswer, mayStand } = fact;
      const moments = [shift(probeStartedAtMs), shift(admittedAtMs), shift(atMs)];
      return ['a', interactionId, probeId, chatServer, reason, ...moments, Number(isFirstAnswer), Number(mayStand)];
    }
    case 'asked':
      return ['q', fact.interactionId, fact.chatServer, shift(fact.atMs)];
    case 'count': {
      const { interactionId, chatServer, probeStartedAtMs, atMs, share, byProof } = fact;
      return ['c', interactionId, chatServer, shift(probeStartedAtMs), shift(atMs), share, byProof];
    }
    case 'stop':
      return ['s', fact.interactionId, shift(fact.atMs), Number(fact.isAnswered)];
    case 'release':
      return ['r', shift(fact.atMs), fact.forMs];
  }
}

/** Null for what is no entry of ours. Facts in it that cannot be read are left out. */
export function decodeEntry(text: string, toLocal: Shift): FactEntry | null {
  const parsed = parsedJson(text);
  if (!Array.isArray(parsed)) return null;
  const [version, replica, number, facts]: readonly unknown[] = parsed;
  if (version !== VERSION || !isText(replica) || !isCount(number) || !Array.isArray(facts)) return null;
  return { replica, number, facts: facts.map((fact) => decoded(fact, toLocal)).filter((fact) => fact !== null) };
}

function decoded(list: unknown, toLocal: Shift): TargetFact | null {
  if (!Array.isArray(list)) return null;
  const [target, kind, ...fields]: readonly unknown[] = list;
  if (!isText(target) || typeof kind !== 'string') return null;
  const fact = DECODERS.get(kind)?.(fields, toLocal) ?? null;
  return fact === null ? null : { target, fact };
}

type Decoder = (fields: readonly unknown[], toLocal: Shift) => FleetFact | null;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>(
  Object.entries({
    a([interactionId, probeId, chatServer, reason, started, admitted, at, isFirst, mayStand], toLocal) {
      if (!isText(interactionId) || !isText(probeId) || !isName(chatServer) || !(reason === null || isKnownReason(reason))) return null;
      if (!isNumber(started) || !isNumber(admitted) || !isNumber(at) || !isBit(isFirst) || !isBit(mayStand)) return null;
      const moments = { probeStartedAtMs: toLocal(started), admittedAtMs: toLocal(admitted), atMs: toLocal(at) };
      return {
        type: 'attempt',
        interactionId,
        probeId,
        chatServer,
        reason,
        ...moments,
        isFirstAnswer: isFirst === 1,
        mayStand: mayStand === 1,
      };
    },
    q([interactionId, chatServer, at], toLocal) {
      if (!isText(interactionId) || !isText(chatServer) || !isNumber(at)) return null;
      return { type: 'asked', interactionId, chatServer, atMs: toLocal(at) };
    },
    c([interactionId, chatServer, started, at, share, byProof], toLocal) {
      if (!isText(interactionId) || !isName(chatServer) || !isNumber(started) || !isNumber(at)) return null;
      if (!isShare(share) || !(byProof === null || isKnownReason(byProof))) return null;
      return { type: 'count', interactionId, chatServer, probeStartedAtMs: toLocal(started), atMs: toLocal(at), share, byProof };
    },
    s([interactionId, at, isAnswered], toLocal) {
      if (!isText(interactionId) || !isNumber(at) || !isBit(isAnswered)) return null;
      return { type: 'stop', interactionId, atMs: toLocal(at), isAnswered: isAnswered === 1 };
    },
    r([at, forMs], toLocal) {
      if (!isNumber(at) || !isNumber(forMs) || forMs < 0) return null;
      return { type: 'release', atMs: toLocal(at), forMs };
    },
  } satisfies Record<string, Decoder>),
);

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Ids and names are no longer than this anywhere in the service. */
const LONGEST = 256;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST;
const isName = (value: unknown): value is string | null => value === null || isText(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): value is number => isNumber(value) && Number.isSafeInteger(value) && value > 0;
const isBit = (value: unknown): value is 0 | 1 => value === 0 || value === 1;
const isKnownReason = (value: unknown): value is Reason => typeof value === 'string' && isReason(value);
const isShare = (value: unknown): value is ShareKind | null => value === null || SHARE_KINDS.some((kind) => kind === value);
