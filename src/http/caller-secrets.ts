import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../config/config.ts';
import type { ShownSecret } from './shown-secrets.ts';

type SecretHash = Caller['hashes'][number];

/** How the hashes of secrets are made. */
export interface SecretHashing {
  /** Off the main thread, in some 80 ms. */
  readonly deriveKey: (secret: string, hash: SecretHash) => Promise<Uint8Array>;
  /** At once, for next to nothing. */
  readonly keyIdOf: (secret: string, salt: Uint8Array) => string;
}

/** Waiting for their turn; more are told to come again. With as many hashes as there may be the last of them waits 10 s. */
export const MAX_WAITING_SECRETS = 16;
/** Requests that wait for the comparison of one secret: a crowd that shows a wrong one leaves room for those who show another. */
export const MAX_WAITING_WITH_ONE = 500;
/** Requests that wait for any, since each is kept with its headers and nobody knows yet whose it is. */
export const MAX_WAITING_REQUESTS = 2_000;
/** Wrong secrets that are not compared again. A workflow that has the old one shows it with each chat. */
const MAX_WRONG = 1_000;

/** Whose secrets are whose. A secret that was recognised once costs no more than one that is kept as it is. */
export interface CallerSecrets {
  /** Whose it is, by what is known at once. */
  find(shown: ShownSecret): Caller | null;
  /** Whether only a comparison with hashes can tell whose it is. */
  needsHashing(shown: ShownSecret): boolean;
  /** Whether the `keyid` of a hash speaks for it, which it does for one wrong secret in four thousand million. */
  isLikely(shown: ShownSecret): boolean;
  /** Whether it is being compared right now, so that whoever comes with it costs nothing. */
  isUnderWay(shown: ShownSecret): boolean;
  /** Compares with hashes, one at a time however many ask. Null if it is nobody's, `busy` if too many wait. */
  compare(shown: ShownSecret): Promise<Caller | null | 'busy'>;
  /** Other callers from now on. What was learned of a hash that stays is kept. */
  replace(callers: readonly Caller[]): void;
}

/** A digest of a secret and of what nobody else has: neither its bytes nor the time of a comparison tell anything of the secret. */
interface Known {
  readonly digest: Buffer;
  readonly caller: Caller;
}

export function createCallerSecrets({ deriveKey, keyIdOf }: SecretHashing): CallerSecrets {
  const pepper = randomBytes(32).toString('base64');
  // For every request, and no digest leaves this process: an HMAC says nothing more here, and takes three times as long.
  const digestOf = (secret: string): Buffer => digest('sha256', pepper + secret, 'buffer');
  const verified = new Map<string, Buffer>();
  const wrong = new Set<string>();
  /** Whoever guesses is in nobody's way whose hash has a `keyid`. */
  const likely = createComparisons();
  const others = createComparisons();
  let known: readonly Known[] = [];
  let callers: readonly Caller[] = [];
  /** Told apart from what an earlier set of callers came to. */
  let generation = 0;

  const learn = (): void => {
    known = callers.flatMap((caller) => {
      const recognised = caller.hashes.flatMap(({ text }) => verified.get(text) ?? []);
      return [...caller.secrets.map(digestOf), ...recognised].map((digest) => ({ digest, caller }));
    });
  };
  const find = ({ secret, user }: ShownSecret): Caller | null => {
    return whose(known, digestOf(secret), user);
  };
  const mayBeOf = (secret: string, { keyId, salt }: SecretHash): boolean => keyId === null || keyId === keyIdOf(secret, salt);
  const hashesFor = ({ secret, user }: ShownSecret): readonly SecretHash[] =>
    callers
      .filter(({ name }) => user === null || user === name)
      .flatMap(({ hashes }) => hashes.filter((hash) => !verified.has(hash.text) && mayBeOf(secret, hash)));
  const isLikely = (shown: ShownSecret): boolean => hashesFor(shown).some(({ keyId }) => keyId !== null);
  const comparisonsOf = (shown: ShownSecret) => (isLikely(shown) ? likely : others);
  const wordFor = ({ secret, user }: ShownSecret): string =>
    [secret, user].map((part) => (part === null ? 'any' : digestOf(part).toString('base64'))).join(' ');

  /** Remembers what it comes to. */
  const compareNow = async (shown: ShownSecret, word: string): Promise<Caller | null> => {
    const begun = generation;
    for (const hash of hashesFor(shown)) {
      const derived = await deriveKey(shown.secret, hash);
      if (derived.length !== hash.key.length || !timingSafeEqual(derived, hash.key)) continue;
      verified.set(hash.text, digestOf(shown.secret));
      learn();
      const found = find(shown);
      if (found !== null) return found;
    }
    // There are other callers by now: whoever joined since then may be one of them.
    if (begun !== generation) return find(shown) ?? compareNow(shown, word);
    addBounded(wrong, word);
    return null;
  };

  return {
    find,
    needsHashing: (shown) => !wrong.has(wordFor(shown)) && hashesFor(shown).length > 0,
    isLikely,
    isUnderWay: (shown) => comparisonsOf(shown).isUnderWay(wordFor(shown)),
    compare(shown) {
      const word = wordFor(shown);
      return comparisonsOf(shown).join(word, () => compareNow(shown, word));
    },
    replace(others) {
      callers = others;
      generation += 1;
      wrong.clear();
      forgetOthers(verified, others);
      learn();
    },
  };
}

/** Of one secret. */
interface Comparison {
  readonly found: Promise<Caller | null>;
  /** Requests that wait for it. */
  waiting: number;
}

/** Those that are under way, by what is shown, and who waits for them. */
function createComparisons() {
  const underWay = new Map<string, Comparison>();
  const inTurn = createTurns();
  let waiting = 0;
  const begin = (word: string, compare: () => Promise<Caller | null>): Comparison => {
    const over = (): void => {
      underWay.delete(word);
      waiting -= comparison.waiting;
    };
    const comparison: Comparison = { found: inTurn(compare).finally(over), waiting: 0 };
    underWay.set(word, comparison);
    return comparison;
  };
  return {
    isUnderWay: (word: string): boolean => underWay.has(word),
    /** A good caller comes with a hundred requests at once, and is looked at once. */
    join(word: string, compare: () => Promise<Caller | null>): Promise<Caller | null | 'busy'> {
      const running = underWay.get(word);
      const isFull = running === undefined ? underWay.size >= MAX_WAITING_SECRETS : running.waiting >= MAX_WAITING_WITH_ONE;
      if (isFull || waiting >= MAX_WAITING_REQUESTS) return Promise.resolve('busy');
      const comparison = running ?? begin(word, compare);
      comparison.waiting += 1;
      waiting += 1;
      return comparison.found;
    },
  };
}

function whose(known: readonly Known[], digest: Buffer, user: string | null): Caller | null {
  let found: Caller | null = null;
  // All of them, whichever it is: the time of this tells nothing. Two callers may have one secret: of a hash nobody can tell.
  for (const each of known) {
    const isSame = timingSafeEqual(each.digest, digest);
    if (isSame && (user === null || user === each.caller.name)) found = each.caller;
  }
  return found;
}

/** Of a hash that nobody has any more nothing is kept. */
function forgetOthers(verified: Map<string, Buffer>, callers: readonly Caller[]): void {
  const kept = new Set(callers.flatMap(({ hashes }) => hashes.map(({ text }) => text)));
  for (const text of verified.keys()) if (!kept.has(text)) verified.delete(text);
}

/** Beyond the bound the word that came first is forgotten. */
function addBounded(words: Set<string>, word: string): void {
  words.add(word);
  const [oldest] = words;
  if (words.size > MAX_WRONG && oldest !== undefined) words.delete(oldest);
}

/** Does one piece of work at a time, in the order in which they came. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
