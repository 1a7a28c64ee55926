import type { Clock } from '../../src/probe/clock.ts';
import type { World } from '../simulator/world/world.ts';

/** Chats of the world, counted now and again while it is played. */
export interface ChatCensus {
  readonly counts: readonly ChatCount[];
  /** When each chat was first counted without its customer, in ms since the world began. */
  readonly goneSinceMs: ReadonlyMap<string, number>;
  /** Counts a last time. */
  end(): void;
}

export interface ChatCount {
  /** In ms since the world began. */
  readonly atMs: number;
  /** Chats whose customer was there. */
  readonly living: number;
}

/**
 * More moments cannot be told apart in a picture, and a world of many chats is slow to count. Odd, so that of every second one the last is
 * kept, and the next comes as long after it as all others.
 */
const MOST_COUNTS = 301;

/**
 * Counts the chats every so often, and half as often each time that there are enough counts: how long a play takes is not known before its end.
 *
 * @param clock the world's own.
 */
export function takeChatCensus(world: Pick<World, 'nowMs' | 'sessions'>, clock: Clock, everyMs: number): ChatCensus {
  const counts: ChatCount[] = [];
  const goneSinceMs = new Map<string, number>();
  let stepMs = everyMs;
  const count = (): void => {
    const atMs = world.nowMs();
    let living = 0;
    for (const { id, truth } of world.sessions()) {
      if (truth.customer === 'present') living += 1;
      else if (!goneSinceMs.has(id)) goneSinceMs.set(id, atMs);
    }
    counts.push({ atMs, living });
  };
  const countOn = (): void => {
    count();
    if (counts.length >= MOST_COUNTS) {
      stepMs *= 2;
      counts.splice(0, counts.length, ...counts.filter((_, n) => n % 2 === 0));
    }
    cancel = clock.schedule(stepMs, countOn);
  };
  let cancel = clock.schedule(0, countOn);
  return {
    counts,
    goneSinceMs,
    end() {
      cancel();
      count();
    },
  };
}
