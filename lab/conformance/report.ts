/** What a run found out; `--json` prints it as it is. */
export interface ConformanceReport {
  /** Base URL of the gateway. */
  readonly url: string;
  readonly passed: number;
  readonly failed: number;
  /** Not run for want of an option. */
  readonly skipped: number;
  /** Not run for want of time. */
  readonly notRun: number;
  /** HTTP requests made. */
  readonly requests: number;
  /** Messages sent to the live chat, each a line in its transcript if it was delivered. */
  readonly messagesToLive: number;
  readonly elapsedMs: number;
  readonly checks: readonly CheckResult[];
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly promise: string;
  readonly source: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'not_run';
  /** Why it failed or was not run; of one that passed, what is worth knowing, else null. */
  readonly detail: string | null;
  /** Of one that failed, the exchanges that show it; printable, without secrets, cut to a sensible length. */
  readonly exchanges: readonly { readonly sent: string; readonly received: string }[];
}

/** Tells whether the gateway kept every promise that could be tested. A check that there was no time for is no pass. */
export function isConformant({ failed, notRun }: ConformanceReport): boolean {
  return failed === 0 && notRun === 0;
}
