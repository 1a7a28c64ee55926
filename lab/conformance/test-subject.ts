import type { EspMessage } from './esp-message.ts';
import { espMessage } from './esp-message.ts';
import type { Call, Exchange, Pace } from './exchange.ts';
import type { GatewayClient } from './gateway-client.ts';

/** What is known of the site that the gateway serves. */
export interface SiteSettings {
  /** Interaction ids: of a chat that is under way, and of one whose session is gone. Null where there is none to use. */
  readonly live: string | null;
  readonly dead: string | null;
  /** The Chat Server that hosts the live chat, null to ask by type. */
  readonly server: string | null;
  /** A Chat Server that the gateway knows and that is not running. */
  readonly downServer: string | null;
  /** Null where the gateway wants none. */
  readonly token: string | null;
  readonly messageText: string;
  readonly idKeys: readonly string[];
  /** Longest that one exchange may take; sent as `X-Deadline-Ms`. */
  readonly timeoutMs: number;
  /** Longest that the reply to a lone message may take. */
  readonly maxReplyMs: number;
}

/** How a message is sent, where it is not sent as the service does. */
export interface SendOptions {
  readonly path?: string;
  /** Null for a message without `X-Deadline-Ms`. */
  readonly deadlineMs?: number | null;
  /** Another token, or null for none. */
  readonly token?: string | null;
  readonly pace?: Pace;
}

/** The gateway under test and what there is to test it with: all that a check needs. */
export interface TestSubject {
  readonly settings: SiteSettings;
  /** A message to the live chat, with a fresh reference id. Each one sent is a line in its transcript. */
  messageToLive(): EspMessage;
  /** A message to the dead chat, with a fresh reference id. */
  messageToDead(parts?: { readonly server?: string | null; readonly referenceId?: number }): EspMessage;
  /** Posts JSON, or a text as it is, to the gateway. Never rejects. */
  post(body: unknown, manner?: SendOptions): Promise<Exchange>;
  /** Posts one after the other on one connection. Never rejects. */
  postInTurn(bodies: readonly unknown[]): Promise<readonly Exchange[]>;
  /** Asks without a body. Never rejects. */
  get(path: string): Promise<Exchange>;
  /** Messages to the live chat that were sent so far. */
  messagesToLive(): number;
}

/** Small, so that a fault in reading large ones shows in the check of reference ids alone. */
const FIRST_REFERENCE_ID = 101;

/** Sets up a site; nothing is sent yet. */
export function createTestSubject(settings: SiteSettings, client: GatewayClient): TestSubject {
  const { live, dead, server, idKeys, messageText: text } = settings;
  let nextReferenceId = FIRST_REFERENCE_ID;
  let messagesToLive = 0;

  const messageTo = (interactionId: string | null, parts: { server?: string | null; referenceId?: number }): EspMessage => {
    const referenceId = nextReferenceId;
    nextReferenceId += 1;
    // A check without its id does not run, so the empty one is never sent.
    return espMessage({ referenceId, server, text, idKeys, interactionId: interactionId ?? '', ...parts });
  };
  const noteSent = (call: Call | undefined, exchange: Exchange): void => {
    if (live !== null && exchange.sent !== '' && call?.body?.includes(`"${live}"`) === true) messagesToLive += 1;
  };
  return {
    settings,
    messageToLive: () => messageTo(live, {}),
    messageToDead: (parts = {}) => messageTo(dead, parts),
    async post(body, manner = {}) {
      const call = postCall(settings, body, manner);
      const exchange = await client.ask(call);
      noteSent(call, exchange);
      return exchange;
    },
    async postInTurn(bodies) {
      const calls = bodies.map((body) => postCall(settings, body, {}));
      const exchanges = await client.askInTurn(calls);
      for (const [n, exchange] of exchanges.entries()) noteSent(calls[n], exchange);
      return exchanges;
    },
    get: (path) => client.ask(getCall(settings, path)),
    messagesToLive: () => messagesToLive,
  };
}

function postCall({ token: ours, timeoutMs }: SiteSettings, body: unknown, manner: SendOptions): Call {
  const { path = '/esp', deadlineMs = timeoutMs, token = ours, pace = null } = manner;
  const deadline = deadlineMs === null ? [] : [['x-deadline-ms', String(deadlineMs)] as const];
  return {
    method: 'POST',
    path,
    headers: [...authorization(token), ['content-type', 'application/json'], ...deadline],
    body: typeof body === 'string' ? body : JSON.stringify(body),
    pace,
  };
}

function getCall({ token }: SiteSettings, path: string): Call {
  return { method: 'GET', path, headers: authorization(token), body: null, pace: null };
}

function authorization(token: string | null): readonly (readonly [string, string])[] {
  return token === null ? [] : [['authorization', `Bearer ${token}`]];
}
