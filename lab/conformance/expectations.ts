import type { Finding } from './check.ts';
import { broken, expecting } from './check.ts';
import type { ReplyKind } from './esp-answer.ts';
import { espAnswerIn, replyKindOf } from './esp-answer.ts';
import type { EspMessage } from './esp-message.ts';
import type { Exchange } from './exchange.ts';
import type { TestSubject } from './test-subject.ts';
import { formProblem } from './well-formed-reply.ts';

/** Client errors that speak of something else than the message: of the log-in, the address, the load. */
const NOT_ABOUT_THE_MESSAGE = [401, 403, 404, 405, 407, 408, 429];

const WORDS: Readonly<Record<ReplyKind, string>> = {
  delivered: 'Event3rdServerResponse',
  session_not_found: 'Event3rdServerFault with FaultCode 100',
  server_not_found: 'EventError with errorCode 1 and "Not found by ..."',
};

/** The reply that says this to that message, and has the form of one: a service heeds no other. */
export function expectReply(saying: ReplyKind, exchange: Exchange, message: EspMessage, { settings }: TestSubject): Finding {
  const problem = formProblem(exchange, message, settings.idKeys);
  return expectReplyKindBut(problem, saying, exchange);
}

/** Broken by the problem, or where there is none, by a reply that says something else. */
export function expectReplyKindBut(problem: string | null, saying: ReplyKind, exchange: Exchange): Finding {
  return problem === null ? expecting(WORDS[saying], exchange, replyKindOf(exchange) === saying) : broken(problem, exchange);
}

/** The answer to any proper message for the dead chat. */
export function expectNotFound(exchange: Exchange): Finding {
  return expectNotFoundBut(null, exchange);
}

/** The same, but for a problem that its form may have. */
export function expectNotFoundBut(problem: string | null, exchange: Exchange): Finding {
  return expectReplyKindBut(problem, 'session_not_found', exchange);
}

/** A message that cannot be read or sent is the caller's mistake. */
export function expectRefusal(exchange: Exchange): Finding {
  return expecting('a 4xx that refuses the message, such as 400, 413 or 422', exchange, isRefusal(exchange));
}

/**
 * A message that is well formed but nonsense. The gateway may leave it to Chat Server; but what comes back must not pass
 * for a delivery, nor for proof of anything: no service would have asked that.
 */
export function expectNoProof(exchange: Exchange): Finding {
  const isPassedOn = ['Event3rdServerFault', 'EventError'].some((name) => name === espAnswerIn(exchange)?.messageName);
  const fits = isRefusal(exchange) || (isPassedOn && replyKindOf(exchange) === null);
  return expecting('a 4xx that refuses the message, or a fault or error that proves nothing', exchange, fits);
}

export function isRefusal(exchange: Exchange): boolean {
  return exchange.kind === 'answered' && isClientError(exchange.status) && !NOT_ABOUT_THE_MESSAGE.includes(exchange.status);
}

export function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}
