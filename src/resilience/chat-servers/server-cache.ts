/** Most Chat Servers that one target remembers: callers choose the names. */
export const MAX_SERVERS = 200;

/** The priority from which on something is not forgotten. */
export const PINNED = 2;

/** What is remembered by Chat Server name, null for messages by type. */
export interface ServerCache<T> {
  /** Looks up without counting as a use. Null if it is not remembered. */
  find(name: string | null): T | null;
  /** Looks up or begins to remember. Null if nothing may be forgotten for it. */
  use(name: string | null): T | null;
  /** Whether any of those remembered fulfils the condition. */
  some(condition: (item: T) => boolean): boolean;
  /** Calls back for each of those remembered. */
  each(visit: (item: T) => void): void;
  /** Forgets all, and remembers nothing from now on. */
  close(): void;
}

export interface ServerCacheParts<T> {
  readonly make: (name: string | null) => T;
  /** How much is lost if it is forgotten; with `PINNED` or more it must not be. */
  readonly evictionPriorityOf: (item: T) => number;
  /** Told what is no longer remembered. */
  readonly evicted: (item: T) => void;
}

interface Entry<T> {
  readonly item: T;
  /** The number of its last use: the lowest was used least recently. A number costs less than moving an entry to the end. */
  usedAt: number;
}

export function createServerCache<T>({ make, evictionPriorityOf, evicted }: ServerCacheParts<T>): ServerCache<T> {
  const entries = new Map<string | null, Entry<T>>();
  let uses = 0;
  let room = MAX_SERVERS;

  const forget = (name: string | null, entry: Entry<T>): void => {
    entries.delete(name);
    evicted(entry.item);
  };
  /** Forgets the one with the lowest priority, of several the one that was used least recently. */
  const makeRoom = (): void => {
    let least: readonly [string | null, Entry<T>] | null = null;
    let lowest = PINNED;
    for (const each of entries) {
      const priority = evictionPriorityOf(each[1].item);
      const isLess = priority < lowest || (priority === lowest && least !== null && each[1].usedAt < least[1].usedAt);
      if (!isLess) continue;
      least = each;
      lowest = priority;
    }
    if (least !== null) forget(...least);
  };

  return {
    find: (name) => entries.get(name)?.item ?? null,
    use(name) {
      uses += 1;
      const known = entries.get(name);
      if (known !== undefined) {
        known.usedAt = uses;
        return known.item;
      }
      if (entries.size >= room) makeRoom();
      if (entries.size >= room) return null;
      const item = make(name);
      entries.set(name, { item, usedAt: uses });
      return item;
    },
    some(condition) {
      for (const { item } of entries.values()) if (condition(item)) return true;
      return false;
    },
    each(visit) {
      for (const { item } of entries.values()) visit(item);
    },
    close() {
      room = 0;
      for (const each of entries) forget(...each);
    },
  };
}
