import type { Reason } from './reasons.ts';
import { REASONS } from './reasons.ts';

/** One send and what it came to. */
export interface Attempt {
  /** 1 for the first. */
  readonly n: number;
  /** Milliseconds from the start of the probe. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly reason: Reason;
  readonly faultCode: string | null;
  readonly faultString: string | null;
  readonly errorCode: number | null;
  readonly errorMessage: string | null;
  /** True if a byte of the message left us. */
  readonly written: boolean;
  /** True if the far end's answer proves that it passed nothing on. */
  readonly rejected: boolean;
  /** How long the far end asked us to stay away, null if it did not say. */
  readonly retryAfterMs: number | null;
  /** For the log: what exactly failed, null for an answer of Interaction Server. */
  readonly detail: string | null;
}

/** Whether its message stands in the chat's transcript for all that we know: delivered, or written and neither answered nor rejected. */
export function mayStandInTranscript({ reason, written, rejected }: Attempt): boolean {
  return reason === 'delivered' || (written && !rejected && REASONS[reason].origin !== 'reply');
}
