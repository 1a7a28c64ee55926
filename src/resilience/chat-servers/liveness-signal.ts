import type { Attempt } from '../../probe/attempt.ts';
import type { Reason } from '../../probe/reasons.ts';

/** What an answer tells of a Chat Server: it answered itself, or Interaction Server is not connected to it. */
export type LivenessSignal = 'alive' | 'down';

/** A failure on the way, and an error that the table does not know, say nothing about the Chat Server. */
const SIGNS: Partial<Record<Reason, LivenessSignal>> = {
  delivered: 'alive',
  session_not_found: 'alive',
  session_not_found_by_type: 'alive',
  session_may_have_moved: 'alive',
  fault_unrecognised: 'alive',
  chat_server_not_found: 'down',
};

/** Reads what an attempt tells of its Chat Server: null if nothing, as where there was none. */
export function livenessSignal(attempt: Attempt | null): LivenessSignal | null {
  return attempt === null ? null : (SIGNS[attempt.reason] ?? null);
}
