import type { ServiceEvent } from '../resilience/events.ts';
import { ownCopy } from '../resilience/single-flight/chats.ts';

/** What can be out of order: a Chat Server, a gateway; stops that are withheld by the guard or a control probe, or pass by an operator's word. */
export type OutageKind = 'server' | 'gateway' | 'guard' | 'release' | 'control';

/** One time of trouble. Moments are Unix times. */
export interface Outage {
  readonly kind: OutageKind;
  readonly target: string;
  /** The Chat Server, null for those chosen by type; the control probe; null for what a target has one of. */
  readonly name: string | null;
  readonly startedAtMs: number;
  /** When it answered again, but is spared still; null before, and where there is no such thing. */
  readonly backAtMs: number | null;
  /** Null while it lasts. */
  readonly endedAtMs: number | null;
}

type Kept = { -readonly [K in keyof Outage]: Outage[K] };

/** Most that are kept; of those that are over the oldest go first. Callers can name Chat Servers that never were. */
export const MOST_OUTAGES = 200;
/** Names come from callers. */
const MAX_NAME_CHARACTERS = 64;

export interface OutageLog {
  /** @returns whether it was about an outage. */
  follow(event: ServiceEvent): boolean;
  /** Of one target, or of all where it is null. The latest to begin first. */
  of(target: string | null): readonly Outage[];
  /** A target is gone: what it went through is over. */
  forget(target: string): void;
}

/** Notes what begins and what ends. @param nowMs Unix time. */
export function createOutageLog(nowMs: () => number): OutageLog {
  let outages: Kept[] = [];

  const lasting = (kind: OutageKind, target: string, name: string | null): Kept | undefined =>
    outages.find((each) => each.endedAtMs === null && each.kind === kind && each.target === target && each.name === name);
  const begin = (kind: OutageKind, target: string, name: string | null): void => {
    const present = lasting(kind, target, name);
    if (present !== undefined) present.backAtMs = null;
    else outages.unshift({ kind, target, name, startedAtMs: nowMs(), backAtMs: null, endedAtMs: null });
    if (outages.length > MOST_OUTAGES) outages.splice(placeOfLeast(outages), 1);
  };
  const end = (kind: OutageKind, target: string, name: string | null): void => {
    const present = lasting(kind, target, name);
    if (present !== undefined) present.endedAtMs = nowMs();
  };
  const is = (isOn: boolean, kind: OutageKind, target: string, name: string | null): void =>
    isOn ? begin(kind, target, name) : end(kind, target, name);

  return {
    follow(event) {
      if (event.type === 'server_changed') {
        const name = event.chatServer === null ? null : ownCopy(event.chatServer.slice(0, MAX_NAME_CHARACTERS));
        const present = lasting('server', event.target, name);
        if (event.to === 'recovering' && present !== undefined) present.backAtMs = nowMs();
        else is(event.to !== 'healthy', 'server', event.target, name);
      } else if (event.type === 'gateway_changed') {
        is(event.open, 'gateway', event.target, null);
      } else if (event.type === 'guard_changed') {
        is(event.state === 'tripped', 'guard', event.target, null);
        is(event.state === 'released', 'release', event.target, null);
      } else if (event.type === 'control_answered') {
        is(event.state === 'wrong', 'control', event.target, event.control);
      } else return false;
      return true;
    },
    of: (target) => outages.filter((each) => target === null || each.target === target),
    forget(target) {
      outages = outages.map((each) => (each.target === target && each.endedAtMs === null ? { ...each, endedAtMs: nowMs() } : each));
    },
  };
}

/** The oldest that is over; where none is, the oldest. */
function placeOfLeast(outages: readonly Outage[]): number {
  const over = outages.findLastIndex(({ endedAtMs }) => endedAtMs !== null);
  return over === -1 ? outages.length - 1 : over;
}
