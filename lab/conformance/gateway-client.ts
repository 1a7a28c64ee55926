import type { Clock } from '../../src/probe/clock.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Call, Exchange } from './exchange.ts';
import { httpExchange } from './http-exchange.ts';

/** The way to the gateway under test. It cannot be made to wait or to ask for ever. */
export interface GatewayClient {
  /** Makes one request on a connection of its own. Never rejects. */
  ask(call: Call): Promise<Exchange>;
  /** Makes requests one after the other, on one connection as long as the gateway keeps it open. Never rejects. */
  askInTurn(calls: readonly Call[]): Promise<readonly Exchange[]>;
  /** Tells whether there is still time to ask. */
  hasTime(): boolean;
  /** Requests made so far. */
  requests(): number;
}

export interface ClientSettings {
  /** Base URL. */
  readonly url: string;
  /** PEM of the certificate authority to trust instead of the system's, null for the system's. */
  readonly ca: string | null;
  /** Longest that one exchange may take. */
  readonly timeoutMs: number;
  /** Longest that all of them may take together, counted from the making of the client. */
  readonly runTimeoutMs: number;
  /** Struck out of every trace. */
  readonly secrets: readonly string[];
}

/** Well above what all checks need together. */
export const MOST_REQUESTS = 100;

/** With less than this left there is no time for another question. Timers may be early by a millisecond. */
const LEAST_MS = 5;

/** Makes a client; it connects on first use. */
export function createGatewayClient(settings: ClientSettings, clock: Clock): GatewayClient {
  const { ca, secrets } = settings;
  const base = new URL(settings.url);
  const endsAtMs = clock.nowMs() + settings.runTimeoutMs;
  const leftMs = (): number => endsAtMs - clock.nowMs();
  let requests = 0;

  const askOn = async (connection: Connection, call: Call): Promise<Exchange> => {
    const timeoutMs = Math.min(settings.timeoutMs, leftMs());
    if (timeoutMs < LEAST_MS) return unasked('the time of the whole run is over');
    if (requests >= MOST_REQUESTS) return unasked(`a run makes no more than ${MOST_REQUESTS} requests`);
    requests += 1;
    return httpExchange({ base, connection, clock, timeoutMs, secrets }, call);
  };
  return {
    async ask(call) {
      const connection = openConnection(base, ca);
      const exchange = await askOn(connection, call);
      connection.close();
      return exchange;
    },
    async askInTurn(calls) {
      const connection = openConnection(base, ca);
      const exchanges: Exchange[] = [];
      for (const call of calls) exchanges.push(await askOn(connection, call));
      connection.close();
      return exchanges;
    },
    hasTime: () => leftMs() >= LEAST_MS,
    requests: () => requests,
  };
}

function unasked(because: string): Exchange {
  return { kind: 'broken', how: 'unasked', because, sent: '', received: '', elapsedMs: 0, isFirstUse: true };
}
