/** A member's place in a line: null at its ends. Both begin as null, and belong to the line alone. */
export interface Place<T> {
  older: T | null;
  newer: T | null;
}

/** Members in the order in which they came. Every step costs the same, however many there are. */
export interface ArrivalLine<T> {
  /** Who has stood here longest, null if nobody does. */
  readonly oldest: T | null;
  /** Puts a member that stands in no line at the end. */
  join(member: T): void;
  /** Takes a member out from wherever in this line it stands. */
  leave(member: T): void;
}

/**
 * A line whose links lie in its members. A `Map` keeps an order too, but its first key is found by walking over all that
 * were deleted before it since its table was last made anew; and a `Set` for each of thousands of runs takes more memory.
 */
export function createArrivalLine<T extends Place<T>>(): ArrivalLine<T> {
  return new LinkedLine();
}

class LinkedLine<T extends Place<T>> implements ArrivalLine<T> {
  oldest: T | null = null;
  #newest: T | null = null;

  join(member: T): void {
    member.older = this.#newest;
    if (this.#newest === null) this.oldest = member;
    else this.#newest.newer = member;
    this.#newest = member;
  }

  leave(member: T): void {
    const { older, newer } = member;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    member.newer = null;
  }
}
