import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isInteractionId } from '../probe/probe-order.ts';
import type { Verdict } from '../probe/verdict.ts';
import type { ServiceObserver } from '../resilience/events.ts';
import { faultAnswer } from './probe-answer.ts';
import type { Directory } from './probe-lookup.ts';
import { asciiJson, callersMistake, sendProblem } from './problems.ts';
import { wantsPlainText } from './request-head.ts';

/** What is needed where a verdict cannot be had. */
export interface FaultParts extends Pick<Directory, 'targets'> {
  readonly observe: ServiceObserver;
}

type AboutChat = FastifyRequest<{ readonly Params: { readonly id: string } }>;

/** Answers with a verdict: as one word where the caller wants plain text, else as JSON. @param answer asked only then. */
export function sendVerdict(reply: FastifyReply, verdict: Verdict, answer: () => object): void {
  reply.code(200).header('cache-control', 'no-store');
  if (wantsPlainText(reply.request.headers.accept)) reply.type('text/plain; charset=utf-8').send(verdict);
  // As text: what is sent as an object is looked up by status and type before it is written.
  else reply.type('application/json; charset=utf-8').send(asciiJson(answer()));
}

/** What is thrown on the way in ends here: the caller's mistakes as problems, ours as a verdict that routes. */
export function sendErrorOrFault(parts: FaultParts, error: FastifyError, request: AboutChat, reply: FastifyReply, more: object = {}): void {
  const mistake = callersMistake(error);
  if (mistake === null) sendFault(parts, error, request, reply, more);
  else void sendProblem(reply, mistake);
}

/** @param more keys that an answer of this route has beside those of a probe. */
export function sendFault(parts: FaultParts, fault: unknown, request: AboutChat, reply: FastifyReply, more: object = {}): void {
  parts.observe({ type: 'fault', requestId: request.id, fault });
  const { id } = request.params;
  const answer = (): object => ({ ...faultAnswer(request.id, isInteractionId(id) ? id : null, isAllSimulated(parts)), ...more });
  sendVerdict(reply, 'route', answer);
}

/** Which target it was is not known: the answer is called made up only where none could have given a real one. */
function isAllSimulated({ targets }: FaultParts): boolean {
  return [...targets.values()].every(({ target }) => target.adapter.isSimulated());
}
