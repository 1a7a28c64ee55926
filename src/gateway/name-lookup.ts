import { type LookupAddress, lookup, Resolver } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Asks somebody for all addresses of a name. */
export type AskForName = (name: string, callback: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

export interface NameLookupParts {
  readonly nowMs: () => number;
  /** As every program of this machine does it: `/etc/hosts`, search domains and all. It may hang for long, and then holds a thread. */
  readonly system: AskForName;
  /** DNS alone, without a thread. */
  readonly direct: AskForName;
}

/** Looks names up for all gateways, so that a name is asked for once, however many connections are opened to it. */
export interface NameLookup {
  /** For `net.connect`. @param timeoutMs after it the address that the name had last is used, or the lookup fails. */
  within(timeoutMs: number): LookupFunction;
}

/** How long an address is used without a question. The system does not say how long it holds. */
export const FRESH_MS = 5_000;
/** How long it stands in where nobody can tell a newer one. */
export const STALE_MS = 3_600_000;
/** From then on a question to the system is late, and DNS is asked as well. */
export const LATE_MS = 150;

/**
 * The system is asked first, since `/etc/hosts` must count. But Node.js has two threads for such questions, and a name server that does
 * not answer holds one for many seconds: two names that hang would hold up every other. So each name has one question under way at
 * most, and one that is late is put to DNS directly too; whoever knows an address first has it.
 */
export function createNameLookup(parts: NameLookupParts): NameLookup {
  const names = new Map<string, NameInUse>();
  const nameOf = (name: string): NameInUse => {
    const known = names.get(name) ?? new NameInUse(name, parts);
    names.set(name, known);
    return known;
  };
  return {
    within: (timeoutMs) => (name, options, callback) => {
      nameOf(name).lookUp(timeoutMs, (found) => {
        const family = Number(options.family ?? 0);
        const addresses = family === 0 ? found : found?.filter((each) => each.family === family);
        const first = addresses?.[0];
        if (addresses === undefined || first === undefined) callback(new NameUnknown(), []);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** What Node.js has for both. */
export function systemNames(): Pick<NameLookupParts, 'system' | 'direct'> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return {
    system: (name, callback) => lookup(name, { all: true }, callback),
    direct(name, callback) {
      resolver.resolve4(name, (error4, four = []) => {
        resolver.resolve6(name, (error6, six = []) => {
          const found = [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))];
          callback(found.length > 0 ? null : (error4 ?? error6), found);
        });
      });
    },
  };
}

/** The name is unknown, or nobody could tell it in time. */
class NameUnknown extends Error {
  /** The system's word for it. */
  readonly code = 'EAI_AGAIN';
}

type Waiting = (addresses: readonly LookupAddress[] | undefined) => void;

class NameInUse {
  readonly #name: string;
  readonly #parts: NameLookupParts;
  readonly #waiting = new Set<Waiting>();
  #addresses: readonly LookupAddress[] = [];
  #foundMs = Number.NEGATIVE_INFINITY;
  #systemIsAsked = false;
  #systemIsLate = false;
  #directIsAsked = false;

  constructor(name: string, parts: NameLookupParts) {
    this.#name = name;
    this.#parts = parts;
  }

  lookUp(timeoutMs: number, callback: Waiting): void {
    if (this.#ageMs() < FRESH_MS) return void queueMicrotask(() => callback(this.#addresses));
    const waiting: Waiting = (addresses) => {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
      callback(addresses);
    };
    const timer = setTimeout(() => waiting(this.#stale()), timeoutMs);
    this.#waiting.add(waiting);
    if (!this.#systemIsAsked) this.#askSystem();
    else if (this.#systemIsLate) this.#askDirect();
  }

  #askSystem(): void {
    this.#systemIsAsked = true;
    this.#systemIsLate = false;
    const late = setTimeout(() => {
      this.#systemIsLate = true;
      this.#askDirect();
    }, LATE_MS).unref();
    this.#parts.system(this.#name, (error, addresses) => {
      this.#systemIsAsked = false;
      clearTimeout(late);
      if (error === null && addresses.length > 0) this.#found(addresses);
      else this.#settle(this.#stale());
    });
  }

  #askDirect(): void {
    if (this.#directIsAsked || this.#waiting.size === 0) return;
    this.#directIsAsked = true;
    this.#parts.direct(this.#name, (error, addresses) => {
      this.#directIsAsked = false;
      // That DNS does not know it says nothing: the system may.
      if (error === null && addresses.length > 0) this.#found(addresses);
    });
  }

  #found(addresses: readonly LookupAddress[]): void {
    this.#addresses = addresses;
    this.#foundMs = this.#parts.nowMs();
    this.#settle(addresses);
  }

  #settle(addresses: readonly LookupAddress[] | undefined): void {
    for (const waiting of [...this.#waiting]) waiting(addresses);
  }

  #stale(): readonly LookupAddress[] | undefined {
    return this.#ageMs() < STALE_MS ? this.#addresses : undefined;
  }

  #ageMs(): number {
    return this.#parts.nowMs() - this.#foundMs;
  }
}
