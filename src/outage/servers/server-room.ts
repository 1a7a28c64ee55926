/** How many messages to one Chat Server are under way, and whether one more may be. */
export interface ServerRoom {
  readonly isFree: boolean;
  enter(): void;
  /** One that entered while the server was not remembered may leave too: there are never fewer than none. */
  leave(): void;
}

/** @param most 0 for no limit. */
export function createServerRoom(most: number): ServerRoom {
  let inside = 0;
  return {
    get isFree() {
      return most === 0 || inside < most;
    },
    enter() {
      inside += 1;
    },
    leave() {
      inside = Math.max(0, inside - 1);
    },
  };
}
