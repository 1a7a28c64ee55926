import type { OutageEvent } from '../events.ts';

/** An attempt that may be made. */
export interface SendPermit {
  readonly kind: 'send';
  /**
   * `free`: nothing speaks against the Chat Server. It is down: `canary`, the one that asks for all; `last`, the last
   * attempt of a probe that waited. It has come back: `released`.
   */
  readonly role: 'free' | 'canary' | 'last' | 'released';
  /** On the monotonic clock. What the answer proves, it proves of no earlier moment. */
  readonly admittedAtMs: number;
}

/** An attempt that is not made: the canary has proved that the Chat Server is down, the time is over, or the gateway is gone. */
export interface Rejection {
  readonly kind: 'answer';
  readonly reason: 'chat_server_not_found' | 'deadline' | 'gateway_open';
  readonly servedBy: 'canary' | 'none';
}

/** What an attempt is told by admission to its Chat Server. */
export type Permit = SendPermit | Rejection;

type Targetless<E> = E extends OutageEvent ? Omit<E, 'target'> : never;

/** What happened to the Chat Servers of one target; whoever listens knows which. */
export type ChatServerEvent = Targetless<Extract<OutageEvent, { readonly type: 'server_changed' | 'probe_parked' }>>;

/** Lets an attempt pass at once. */
export function freePermit(admittedAtMs: number): SendPermit {
  return { kind: 'send', role: 'free', admittedAtMs };
}
