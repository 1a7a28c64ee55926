import type { GatewayConfig } from '../config/config.ts';
import type { InteractionServerAdapter } from '../probe/adapter.ts';
import type { HttpAnswer } from './exchange.ts';
import { openGatewayUrls } from './gateway-urls.ts';
import { requestJson, SIMULATOR_HEADER } from './psdk-json.ts';
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

/** Which of a target's gateway URLs lead to a simulator, by what each said last. */
export interface FarEnds {
  /** An answer came from the URL of this index. */
  heard(index: number, answer: HttpAnswer): void;
  /** True while one of them does: its verdicts are made up whenever its turn comes. */
  anySimulated(): boolean;
}

/** @param onChange told when the first simulator is heard, and when the last one has given way. */
export function createFarEnds(onChange: (isSimulated: boolean) => void): FarEnds {
  const simulators = new Set<number>();
  const move = (index: number, isSimulator: boolean): void => {
    const before = simulators.size;
    if (isSimulator) simulators.add(index);
    else simulators.delete(index);
    if (before > 0 !== simulators.size > 0) onChange(simulators.size > 0);
  };
  return {
    heard(index, { status, headers }) {
      // That the header is there is enough: a proxy may have written its value twice.
      if (headers[SIMULATOR_HEADER] !== undefined) move(index, true);
      // An error may come from a proxy, which says nothing about what is behind it.
      else if (status === 200) move(index, false);
    },
    anySimulated: () => simulators.size > 0,
  };
}
