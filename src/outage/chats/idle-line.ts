/** A member's place in a line: null at its ends. Both begin as null, and belong to the line alone. */
export interface Place<T> {
  older: T | null;
  newer: T | null;
}

/** Members in the order in which they came. Every step costs the same, however many there are. */
export interface IdleLine<T> {
  /** Who has stood here longest, null if nobody does. */
  readonly oldest: T | null;
  /** Puts a member that stands in no line at the end. */
  join(member: T): void;
  /** Takes a member out from wherever in this line it stands. */
  leave(member: T): void;
}

/**
 * A line whose links lie in its members. A `Map` keeps an order too, but its first key is found by walking over all that
 * were deleted before it since its table was last made anew.
 */
export function createIdleLine<T extends Place<T>>(): IdleLine<T> {
  let oldest: T | null = null;
  let newest: T | null = null;
  return {
    get oldest() {
      return oldest;
    },
    join(member) {
      member.older = newest;
      if (newest === null) oldest = member;
      else newest.newer = member;
      newest = member;
    },
    leave(member) {
      const { older, newer } = member;
      if (older === null) oldest = newer;
      else older.newer = newer;
      if (newer === null) newest = older;
      else newer.older = older;
      member.newer = null;
    },
  };
}
