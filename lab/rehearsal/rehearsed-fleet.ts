import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import { fnv1a } from '../../src/resilience/stop-filters/filter-stop.ts';
import { createFleet, type Fleet } from '../../src/store/fleet.ts';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory-store.ts';
import { createRehearsedService, type RehearsedParts, type RehearsedService } from './rehearsed-service.ts';

/** To which replica a question goes: to each in turn, or all about one chat to the same. */
export const BALANCERS = ['round-robin', 'hash'] as const;
export type Balancer = (typeof BALANCERS)[number];

/** How many replicas there are, and what they have of each other. Moments are in ms since the world began, null for never. */
export interface RehearsedReplicas {
  readonly replicas: number;
  readonly isShared: boolean;
  readonly balancer: Balancer;
  /** Of each round trip to the store. */
  readonly storeDelayMs: number;
  /** From when to when the store answers nobody. */
  readonly storeOutageMs: readonly [number, number] | null;
  /** When the first of them is replaced by one that begins anew; then the others, one after another. */
  readonly restartAtMs: number | null;
  /** When one more is born. */
  readonly bornAtMs: number | null;
}

/** A slow day of a network. */
export const STORE_DELAY_MS = 2;

export const ONE_REPLICA: RehearsedReplicas = {
  replicas: 1,
  isShared: false,
  balancer: 'round-robin',
  storeDelayMs: STORE_DELAY_MS,
  storeOutageMs: null,
  restartAtMs: null,
  bornAtMs: null,
};

/** What the store's clock shows when the world begins. */
const STORE_BEGAN_MS = 1_700_000_000_000;
/** From one replacement to the next in a rolling restart. */
const RESTART_EVERY_MS = 5_000;
/** As long as the service waits for what others know before it takes a question. */
const START_BOUND_MS = 500;

interface Member {
  readonly fleet: Fleet;
  readonly service: RehearsedService;
  /** Questions that it has not answered. */
  open: number;
  isLeaving: boolean;
}

/** Replicas behind a balancer; an operator releases the guards of all. */
export async function createRehearsedFleet(parts: RehearsedParts, of: RehearsedReplicas, world: VirtualClock): Promise<RehearsedService> {
  const { replicas, isShared, balancer, storeOutageMs, restartAtMs, bornAtMs } = of;
  if (replicas === 1 && !isShared) return createRehearsedService(parts);
  const store = createMemoryStore(world, STORE_BEGAN_MS);
  const birth = createBirths(parts, of, store);
  const members = Array.from({ length: replicas }, () => birth());
  if (isShared) await world.drive(Promise.all(members.map(({ fleet }) => fleet.start(START_BOUND_MS))));

  const at = (atMs: number, act: () => void) => world.schedule(atMs - world.nowMs(), act);
  const join = async (place: number): Promise<void> => {
    const member = birth();
    if (isShared) await member.fleet.start(START_BOUND_MS);
    const [left] = members.splice(place, 1, member);
    if (left !== undefined) leave(left);
  };
  const restarts = restartAtMs === null ? [] : members.map((_, n) => at(restartAtMs + n * RESTART_EVERY_MS, () => void join(n)));
  const timers = [
    ...(storeOutageMs ?? []).map((atMs, n) => at(atMs, () => store.setReachable(n === 1))),
    ...restarts,
    ...(bornAtMs === null ? [] : [at(bornAtMs, () => void join(members.length))]),
  ];
  const choose = createBalancer(balancer);
  return {
    async ask(order, signal) {
      const member = members[choose(order.interactionId, members.length)];
      if (member === undefined) throw new Error('a balancer chose nobody');
      member.open += 1;
      const answer = await member.service.ask(order, signal);
      member.open -= 1;
      if (member.isLeaving) leave(member);
      return answer;
    },
    releaseGuard() {
      const [from, until] = storeOutageMs ?? [0, 0];
      const isHeardByAll = isShared && (world.nowMs() < from || world.nowMs() >= until);
      // What one is told the others hear; where they do not, somebody goes from one to the next.
      for (const { service } of isHeardByAll ? members.slice(0, 1) : members) service.releaseGuard();
    },
    close() {
      for (const cancel of timers) cancel();
      for (const member of members) end(member);
    },
  };
}

function createBirths(parts: RehearsedParts, { isShared, storeDelayMs }: RehearsedReplicas, store: MemoryStore): () => Member {
  let born = 0;
  return () => {
    const replica = `replica ${born}`;
    born += 1;
    const fleet = createFleet({ clock: parts.clock, store: store.connect(storeDelayMs), replica, changed: () => undefined });
    return { fleet, service: createRehearsedService(parts, isShared ? fleet.join : undefined), open: 0, isLeaving: false };
  };
}

/** @returns the place of the replica to ask, of so many. */
function createBalancer(balancer: Balancer): (interactionId: string, replicas: number) => number {
  if (balancer === 'hash') return (interactionId, replicas) => fnv1a(interactionId) % replicas;
  let asked = 0;
  return (_interactionId, replicas) => {
    asked += 1;
    return (asked - 1) % replicas;
  };
}

/** It gets no more questions, and ends when it has answered those that it has. */
function leave(member: Member): void {
  member.isLeaving = true;
  if (member.open === 0) end(member);
}

function end({ fleet, service }: Member): void {
  service.close();
  fleet.close();
}
