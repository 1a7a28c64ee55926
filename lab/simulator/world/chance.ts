import { createSeededRandom } from './seeded-random.ts';

/** Uniform in [0, 1). */
export type Draw = () => number;

/** The rows of chance of one world. They are apart, so that what is asked of a world does not change what becomes of its chats. */
export interface Chance {
  readonly latency: Draw;
  /** Which Chat Server gets a message sent by type. */
  readonly byType: Draw;
  /** When and where web clients return, and how long the interactions stay stale. */
  readonly clients: Draw;
  /** Which chats are closed or stale from the start. */
  readonly chats: Draw;
  /** Which customers leave when their chat breaks. */
  readonly leavers: Draw;
  /** When customers open chats, and where. */
  readonly arrivals: Draw;
}

/** The moments of arrivals are drawn apart from the rest of what chance does (`arrivals.ts`). */
const ARRIVALS_SALT = 0x2c1b3c6d;

/** @param seed whole number; the same seed gives the same rows. */
export function createChance(seed: number): Chance {
  return {
    latency: createSeededRandom(seed),
    byType: createSeededRandom(seed ^ 0x2545f491),
    clients: createSeededRandom(seed ^ 0x5851f42d),
    chats: createSeededRandom(seed ^ 0x14057b7e),
    leavers: createSeededRandom(seed ^ 0x1b873593),
    arrivals: createSeededRandom(seed ^ ARRIVALS_SALT),
  };
}

/** A whole number between the two, both included. */
export function drawWithin(draw: Draw, [least, most]: readonly [number, number]): number {
  return least + Math.floor(draw() * (most - least + 1));
}

/** One of the list; null if it is empty, and then nothing is drawn. */
export function drawOne<T>(draw: Draw, list: readonly T[]): T | null {
  return list.length === 0 ? null : (list[Math.floor(draw() * list.length)] ?? null);
}
