import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LOAD_PROCESS = fileURLToPath(new URL('load-process.ts', import.meta.url));
export const CONNECTIONS = 64;

/** What one round came to. */
export interface Round {
  readonly requestsPerSecond: number;
  /** Answers that came back, all with status 200. */
  readonly answers: number;
  readonly p99Ms: number;
}

/** What is asked for by GET, and what the body of each answer must hold. */
export interface Page {
  readonly path: string;
  readonly holding: string;
}

/**
 * Asks `url` from a process of its own, over 64 connections, for `seconds`. Throws if any answer is not a 200, or not what is wanted.
 *
 * @param page null: probes are posted.
 */
export async function load(url: string, seconds: number, page: Page | null = null): Promise<Round> {
  const args = ['--import', 'tsx', LOAD_PROCESS, url, String(seconds), ...(page === null ? [] : [page.path, page.holding])];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const result: AutocannonResult = JSON.parse(stdout);
  const bad = result.errors + result.timeouts + result.non2xx + result.mismatches;
  if (bad > 0 || result['2xx'] === 0) throw new Error(`${bad} of the requests to ${url} failed: ${result['2xx']} were answered with 200`);
  return { requestsPerSecond: result.requests.average, answers: result['2xx'], p99Ms: result.latency.p99 };
}

interface AutocannonResult {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly mismatches: number;
  readonly requests: { readonly average: number };
  readonly latency: { readonly p99: number };
}
