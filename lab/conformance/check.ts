import { inWords } from './esp-answer.ts';
import type { Exchange } from './exchange.ts';
import type { TestSubject } from './test-subject.ts';

/** What a check may not be able to do without: by name, the option that gives it. */
export const NEEDS = { live: '--live', dead: '--dead', downServer: '--down-server', token: '--token-file' } as const;
export type Need = keyof typeof NEEDS;

/** One promise of the contract, and how to find out whether a gateway keeps it. */
export interface Check {
  /** Stable: scripts and documents refer to it. */
  readonly id: string;
  /** Named by what the gateway does if it keeps the promise. */
  readonly title: string;
  /** What the gateway promises. */
  readonly promise: string;
  /** Where the promise stands. */
  readonly source: string;
  readonly needs: readonly Need[];
  /** Resolves within a few time-outs of one exchange; never rejects. */
  run(site: TestSubject): Promise<Finding>;
}

export type Finding = Passed | BrokenPromise;

export interface Passed {
  readonly kept: true;
  /** Something worth knowing all the same, null for nothing. */
  readonly note: string | null;
}

export interface BrokenPromise {
  readonly kept: false;
  readonly problem: string;
  /** Those that show it. */
  readonly exchanges: readonly Exchange[];
}

export const PASSED: Passed = { kept: true, note: null };

export function broken(problem: string, ...exchanges: readonly Exchange[]): BrokenPromise {
  return { kept: false, problem, exchanges };
}

/** Kept if the exchange fits, else broken, saying what came instead. */
export function expecting(what: string, exchange: Exchange, fits: boolean): Finding {
  return fits ? PASSED : broken(`expected ${what}, got ${inWords(exchange)}`, exchange);
}

/** The first of these that is broken, else kept. */
export function allOf(findings: readonly Finding[]): Finding {
  return findings.find(({ kept }) => !kept) ?? PASSED;
}
