import { requestFor, type Sent, sendBounded } from '../../src/probe/attempt-sender.ts';
import type { CancelSignal } from '../../src/probe/cancel-signal.ts';
import { type Clock, wait } from '../../src/probe/clock.ts';
import type { Observation } from '../../src/probe/observation.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { OutcomePatterns } from '../../src/probe/target.ts';
import type { ObservationService } from '../../src/resilience/observed-probes.ts';
import type { Answer, ProbeService } from '../../src/resilience/probe-service.ts';

/** What the site of a rehearsal has confirmed of its engine, which says what Interaction Server does. */
export const ENGINE: OutcomePatterns = {
  sessionNotFound: ['interaction with specified id was not found'],
  chatServerNotFound: ['Not found by *'],
  delivered: ['*'],
};

/** As docs/workflow.md builds it: a workflow ends by itself. */
const MOST_ATTEMPTS = 6;

export interface SendingWorkflowParts {
  readonly clock: Clock;
  readonly nextReferenceId: () => number;
  readonly service: ObservationService & ProbeService;
}

/**
 * A workflow that sends by itself, as examples/workflow/observe.scxml: sends, tells what came of it, waits as long as it is told, and sends
 * again. Nobody keeps it from sending, so what single flight and canaries spare is not spared.
 */
export async function sendingWorkflow(parts: SendingWorkflowParts, order: ProbeOrder, signal: CancelSignal): Promise<Answer | null> {
  const { clock, nextReferenceId, service } = parts;
  const { adapter } = order.target;
  if (order.isOffline) return service.ask(order, signal);
  for (let attempt = 1; ; attempt += 1) {
    const request = requestFor(order, nextReferenceId());
    const sent = await sendBounded(clock, adapter, request, order.policy.attemptTimeoutMs, signal);
    const { answer, askAgainAfterMs } = service.observe(order, observationOf(sent, attempt));
    if (askAgainAfterMs === null || attempt === MOST_ATTEMPTS) return answer;
    await wait(clock, Math.ceil(askAgainAfterMs), signal);
  }
}

/** What its blocks make of an answer: texts, as both failures probably come by the error port. */
function observationOf(sent: Sent, attempt: number): Observation {
  const told = { attempt, round: 0, texts: [], trees: [], repeatedKeys: [] };
  if (sent.kind !== 'settled') return { ...told, outcome: 'timeout' };
  const { outcome } = sent;
  if (outcome.kind === 'failure')
    return outcome.reason === 'timeout' ? { ...told, outcome: 'timeout' } : { ...told, outcome: 'error', texts: [outcome.detail] };
  const { reply } = outcome;
  if (reply.kind === 'response') return { ...told, outcome: 'done' };
  return { ...told, outcome: 'error', texts: [(reply.kind === 'fault' ? reply.faultString : reply.errorMessage) ?? ''] };
}
