import type { GatewayConfig } from '../config/config.ts';
import type { InteractionServerAdapter } from '../probe/adapter.ts';
import { createFarEnds } from './far-ends.ts';
import { openGatewayUrls } from './gateway-urls.ts';
import { requestJson } from './psdk-json.ts';
import { readAnswer, readHealth } from './read-answer.ts';

/** The time that the adapter lives by, and who hears of its far end. */
export interface GatewayParts {
  /** Milliseconds on a monotonic clock. */
  nowMs(): number;
  /** Milliseconds since 1970, for `Retry-After` dates only. */
  wallNowMs(): number;
  /** Told when a simulator is first heard at one of the URLs, and when none is any more. */
  onFarEnd(isSimulated: boolean): void;
}

/** Reaches Interaction Server through an HTTP gateway beside the PSDK. Connects on first use. */
export function createGatewayAdapter(config: GatewayConfig, parts: GatewayParts): InteractionServerAdapter {
  const farEnds = createFarEnds((isSimulated) => parts.onFarEnd(isSimulated));
  const urls = openGatewayUrls(config, () => parts.nowMs(), farEnds.heard);
  return {
    kind: config.kind,
    isSimulated: farEnds.anySimulated,
    async send(request, timeoutMs, signal) {
      const endsAtMs = parts.nowMs() + timeoutMs;
      const body = requestJson(request);
      const outcome = await urls.exchange({ method: 'POST', path: '/esp', body, leftMs: () => endsAtMs - parts.nowMs() }, signal);
      if (outcome.kind === 'answered') return readAnswer(outcome.answer, parts.wallNowMs());
      const { reason, written, detail } = outcome;
      return { kind: 'failure', reason, written, rejected: false, retryAfterMs: null, detail };
    },
    async health(signal) {
      const outcome = await urls.exchange({ method: 'GET', path: '/health', body: null, leftMs: null }, signal);
      return outcome.kind === 'answered' ? readHealth(outcome.answer) : 'unknown';
    },
    close: () => urls.close(),
  };
}
