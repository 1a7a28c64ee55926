/** Who is present at this moment. For crowds that come and go thousands of times a second. */
export interface SlotSet<T> {
  readonly size: number;
  /** Adds somebody, and tells their place: a number, which costs a crowd no memory. */
  join(member: T): number;
  /** Frees a place that `join` told, once. */
  leave(place: number): void;
  /** Everybody present, in no order. */
  members(): readonly T[];
}

/**
 * A set that keeps nothing of those who left. A `Set` does: when V8 makes its table anew, the old one still holds who
 * was present then and points to the new one, so that under load nearly every member survives into old space. Measured
 * here with 64 members: three times the time in the garbage collector.
 */
export function createSlotSet<T>(): SlotSet<T> {
  const places: (T | null)[] = [];
  const free: number[] = [];
  return {
    get size() {
      return places.length - free.length;
    },
    join(member) {
      const place = free.pop() ?? places.length;
      places[place] = member;
      return place;
    },
    leave(place) {
      places[place] = null;
      free.push(place);
    },
    members: () => places.filter((member) => member !== null),
  };
}
