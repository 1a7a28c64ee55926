import type { Logger } from 'pino';
import type { Clock } from '../probe/clock.ts';
import { logHandshakeFailures, logRefusals } from './log.ts';
import type { Metrics } from './metrics.ts';
import { logStore } from './store-observer.ts';

/* What is told of apart from the events of probes: each is both counted and logged. */

export function handshakeListener(logger: Logger, metrics: Metrics, clock: Clock) {
  const log = logHandshakeFailures(logger, () => clock.nowMs());
  return (failure: Parameters<typeof log>[0]): void => {
    metrics.observeHandshakeFailure(failure.cause);
    log(failure);
  };
}

export function exchangeListener(logger: Logger, metrics: Metrics) {
  const logRefusal = logRefusals(logger);
  return (exchange: Parameters<typeof logRefusal>[0] & Parameters<Metrics['observeExchange']>[0]): void => {
    metrics.observeExchange(exchange);
    logRefusal(exchange);
  };
}

export function storeListener(logger: Logger, metrics: Metrics) {
  const log = logStore(logger);
  return (...change: Parameters<typeof log>): void => {
    metrics.observeStore(change[1]);
    log(...change);
  };
}
