import { createEvidence, type EvidenceParts } from '../../src/evidence/evidence.ts';
import { REASONS, type Reason } from '../../src/probe/reasons.ts';
import type { Verdict } from '../../src/probe/verdict.ts';
import type { EvidenceEvent, ProbeAnswered } from '../../src/resilience/events.ts';
import { attemptWith } from '../support/samples.ts';

export interface Asked {
  readonly probeId: string;
  readonly interactionId?: string;
  readonly requestId?: string;
  readonly target?: string;
  readonly chatServer?: string | null;
  readonly verdict?: Verdict;
  readonly reason?: Reason;
  readonly faultString?: string;
  readonly fields?: Partial<ProbeAnswered>;
}

/** An answer by one attempt; `stop` for a session that does not exist, unless told otherwise. */
export function answered(asked: Asked): ProbeAnswered {
  const { probeId, interactionId = `chat of ${probeId}`, requestId = 'request', target = 'default', chatServer = 'ChatServer_1' } = asked;
  const { verdict = 'stop', reason = verdict === 'stop' ? 'session_not_found' : 'delivered', faultString = 'not found' } = asked;
  const { evidence } = REASONS[reason];
  const fault = { faultCode: '100', faultString };
  return {
    type: 'probe_answered',
    probe: { probeId, caller: 'workflow', requestId, interactionId, target, policy: 'inline', chatServer },
    probeId,
    answer: {
      ...{ verdict, evidence, reason, degraded: false, recheckAfterMs: null, servedBy: 'probe', isKnownDown: false, elapsedMs: 6_012.4 },
      ...fault,
      attempts: [attemptWith({ reason, durationMs: 5.6, ...fault, written: true })],
    },
    ...{ computed: verdict, withheld: null, shadowVerdict: null, simulated: false },
    ...asked.fields,
  };
}

/** Evidence, told of answers, a millisecond apart. */
export function evidenceRig(parts: Partial<EvidenceParts> = {}) {
  const events: EvidenceEvent[] = [];
  let nowMs = 1_000;
  const evidence = createEvidence({
    maxBytes: 1_000_000,
    replica: 'probe-1',
    configuration: () => 'abc123',
    nowMs: () => nowMs,
    tell: (event) => events.push(event),
    ...parts,
  });
  const answer = (...all: readonly Asked[]): void => {
    for (const asked of all) {
      nowMs += 1;
      evidence.observe(answered(asked));
    }
  };
  return { evidence, answer, events };
}

export const ANY = { verdict: null, reason: null, target: null, chatServer: null, sinceMs: null };
