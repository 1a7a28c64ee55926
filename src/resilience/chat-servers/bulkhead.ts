/** How many messages to one Chat Server are under way, and whether one more may be. */
export interface Bulkhead {
  readonly hasCapacity: boolean;
  acquire(): void;
  /** One that entered while the server was not remembered may leave too: there are never fewer than none. */
  release(): void;
}

/** @param most 0 for no limit. */
export function createBulkhead(most: number): Bulkhead {
  let inside = 0;
  return {
    get hasCapacity() {
      return most === 0 || inside < most;
    },
    acquire() {
      inside += 1;
    },
    release() {
      inside = Math.max(0, inside - 1);
    },
  };
}
