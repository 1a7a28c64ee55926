/** A member's place in a line: null at its ends. Both begin as null, and belong to the line alone. */
export interface Place<T> {
  older: T | null;
  newer: T | null;
}

/** Members in the order in which they came. Every step costs the same, however many there are. */
export interface LinkedQueue<T> {
  /** Who has stood here longest, null if nobody does. */
  readonly oldest: T | null;
  /** Puts a member that stands in no line at the end. */
  add(member: T): void;
  /** Takes a member out from wherever in this line it stands. */
  remove(member: T): void;
}

/**
 * A line whose links lie in its members. A `Map` keeps an order too, but its first key is found by walking over all that
 * were deleted before it since its table was last made anew; and a `Set` for each of thousands of runs takes more memory.
 */
export function createLinkedQueue<T extends Place<T>>(): LinkedQueue<T> {
  return new LinkedMembers();
}

class LinkedMembers<T extends Place<T>> implements LinkedQueue<T> {
  oldest: T | null = null;
  #newest: T | null = null;

  add(member: T): void {
    member.older = this.#newest;
    if (this.#newest === null) this.oldest = member;
    else this.#newest.newer = member;
    this.#newest = member;
  }

  remove(member: T): void {
    const { older, newer } = member;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    member.newer = null;
  }
}
