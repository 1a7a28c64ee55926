import type { ProbeOrder } from '../../probe/probe-order.ts';
import type { Reason } from '../../probe/reasons.ts';
import { conclude } from '../../probe/verdict.ts';
import type { Answer } from '../answer.ts';
import type { Chat } from './chats.ts';

/** What one request is answered thanks to the probe of another. */
export interface SharedAnswer extends Answer {
  readonly servedBy: 'coalesced' | 'recent';
}

/** To one whose chat another probe has just found alive. */
export function recentAnswer(order: ProbeOrder, chat: Chat): SharedAnswer {
  return {
    ...bareAnswer(order, 'delivered'),
    servedBy: 'recent',
    probeId: chat.aliveProbeId,
    shadowVerdict: chat.aliveShadowVerdict,
  };
}

/**
 * To one who joined the run of another, whose answer this is. What follows from an orphan depends on how long one was ready to
 * wait, so it is concluded anew: a patient run must not stop the chat of a caller who may not.
 */
export function coalescedAnswer(order: ProbeOrder, answer: Answer, elapsedMs: number): SharedAnswer {
  const shared: SharedAnswer = { ...answer, servedBy: 'coalesced', elapsedMs };
  if ((answer.shadowVerdict ?? answer.verdict) !== 'stop') return shared;
  const { verdict, recheckAfterMs } = conclude(answer.reason, order.target.rules, order.policy.deadlineMs);
  if (verdict === 'stop') return shared;
  return { ...shared, verdict, recheckAfterMs, shadowVerdict: answer.shadowVerdict === null ? null : verdict };
}

/** Whether this caller would have gone on where that run gave up. */
export function isMorePatient({ policy }: ProbeOrder, run: ProbeOrder): boolean {
  return policy.deadlineMs > run.policy.deadlineMs || policy.attempts > run.policy.attempts;
}

/** To one who has joined a run and cannot wait for it any longer. */
export function overdueAnswer(order: ProbeOrder, joinedProbeId: string): Answer {
  return { ...bareAnswer(order, 'deadline'), probeId: joinedProbeId };
}

/** To everybody who waits for a run that broke. */
export function brokenAnswer(order: ProbeOrder): Answer {
  return bareAnswer(order, 'internal_error');
}

function bareAnswer(order: ProbeOrder, reason: Reason): Answer {
  return {
    ...conclude(reason, order.target.rules, order.policy.deadlineMs),
    attempts: [],
    faultCode: null,
    faultString: null,
    servedBy: 'none',
    elapsedMs: 0,
    probeId: order.probeId,
    guarded: false,
    shadowVerdict: null,
  };
}
