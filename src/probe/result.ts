import type { Attempt } from './attempt.ts';
import type { Conclusion } from './verdict.ts';

/**
 * Where a verdict comes from: nothing was sent (`none`), a probe of its own (`probe`), one that another request had begun
 * (`coalesced`), one that has just found the chat alive (`recent`), or what another chat's probe proved of the Chat Server
 * (`canary`).
 */
export const SERVED_BY = ['none', 'probe', 'coalesced', 'recent', 'canary'] as const;
export type ServedBy = (typeof SERVED_BY)[number];

/** What a probe came to. */
export interface ProbeResult extends Conclusion {
  /** Every send, a cut one included, in order. */
  readonly attempts: readonly Attempt[];
  /** Of the attempt that decided, null where it brought none. */
  readonly faultCode: string | null;
  readonly faultString: string | null;
  readonly servedBy: ServedBy;
  /** True if its Chat Server was not found, and has been down for so long that nobody can be restored from it any more. */
  readonly isKnownDown: boolean;
  readonly elapsedMs: number;
}
