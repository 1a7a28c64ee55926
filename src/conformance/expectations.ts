import type { Finding } from './check.ts';
import { expecting } from './check.ts';
import { espAnswerIn, sayingOf } from './esp-answer.ts';
import type { Exchange } from './exchange.ts';

/** Client errors that speak of something else than the message: of the log-in, the address, the load. */
const NOT_ABOUT_THE_MESSAGE = [401, 403, 404, 405, 407, 408, 429];

/** The answer to any proper message for the dead chat. */
export function expectNotFound(exchange: Exchange): Finding {
  return expecting('Event3rdServerFault with FaultCode 100', exchange, sayingOf(exchange) === 'session_not_found');
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
  const fits = isRefusal(exchange) || (isPassedOn && sayingOf(exchange) === null);
  return expecting('a 4xx that refuses the message, or a fault or error that proves nothing', exchange, fits);
}

export function isRefusal(exchange: Exchange): boolean {
  return exchange.kind === 'answered' && isClientError(exchange.status) && !NOT_ABOUT_THE_MESSAGE.includes(exchange.status);
}

export function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}
