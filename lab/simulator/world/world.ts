import type { CancelSignal } from '../../../src/probe/cancel-signal.ts';
import type { EspReply, EspRequest } from '../../../src/probe/esp.ts';
import type { ChatServerView } from './chat-server.ts';
import type { SessionView, Truth } from './session.ts';

/** Interaction Server and what lies before and behind it, as a model. What it looks like is always as of now. */
export interface World {
  /**
   * Takes one message. Never rejects; settles at once when `signal` aborts. Nothing is delivered after that or after
   * `timeoutMs`, but by a slow Chat Server that had the message by then.
   *
   * @param timeoutMs milliseconds after which the message must not be sent any more; may be infinite.
   */
  ask(request: EspRequest, timeoutMs: number, signal: CancelSignal): Promise<WorldAnswer>;
  /** How the way to Interaction Server looks; `no_gateway` while nobody is there to tell. Delivers nothing. */
  health(): 'connected' | 'disconnected' | 'no_gateway';
  /** Milliseconds since the world began. */
  nowMs(): number;
  /** In the order of the scenario. */
  chatServers(): readonly ChatServerView[];
  session(id: string): SessionView | null;
  /** In the order in which they came. */
  sessions(): Iterable<SessionView>;
  /** Of an id that the world does not know, nobody is there and nothing runs. */
  truth(id: string): Truth;
  readonly control: WorldControl;
}

/** What asking the world came to. */
export type WorldAnswer =
  | { readonly kind: 'reply'; readonly reply: EspReply }
  /** Nobody answers where the gateway should be: nothing was sent. */
  | { readonly kind: 'no_gateway' }
  /** The gateway went down while it had the message. */
  | { readonly kind: 'cut' }
  /** The message names a Chat Server that the world was not given. */
  | { readonly kind: 'unknown_name' }
  /** Interaction Server itself cannot be reached. */
  | { readonly kind: 'unreachable' }
  /** Time ran out, or the asker went away. */
  | { readonly kind: 'expired' };

/** What a command came to. */
export type Commanded = { readonly ok: true } | { readonly ok: false; readonly problem: string };

export interface Flapping {
  /** How long it is down each time, in ms; above 0. */
  readonly downMs: number;
  /** How long it is up in between, in ms; above 0. */
  readonly upMs: number;
  /** How often it crashes, the first time now; whole, from 1. */
  readonly times: number;
}

/** An answer that every message gets, whatever is the case, as with a wrong tenant. */
export type Misconfiguration = 'chat_server_not_found' | 'session_not_found';

/** Makes things happen now. A command that is impossible is refused and changes nothing; none throws. What returns nothing is always possible. */
export interface WorldControl {
  /** A new chat on a Chat Server that is up, no backup, and has room. */
  openSession(id: string, chatServer: string): Commanded;
  /** A clean end: the customer is gone, and `IsOnline` becomes `0`. */
  closeSession(id: string): Commanded;
  crash(chatServer: string): Commanded;
  /** `restored`: with what it ran when it crashed, as far as that has not moved or ended; not without high availability. */
  start(chatServer: string, sessions: 'lost' | 'restored'): Commanded;
  /** What every message to it takes longer, in ms; null for no longer than before. */
  slow(chatServer: string, extraMs: number | null): Commanded;
  /** Crashes now, and starts empty each time. */
  flap(chatServer: string, flapping: Flapping): Commanded;
  /** Most sessions that it takes; null for no limit. Those that it has stay. */
  limit(chatServer: string, maxSessions: number | null): Commanded;
  /** The link between Interaction Server and this Chat Server; its sessions go on either way. */
  link(chatServer: string, state: 'up' | 'down'): Commanded;
  /** Once it is up, the Chat Servers are connected after the scenario's `interactionServer.reconnectMs`. */
  interactionServer(state: 'up' | 'down'): void;
  gateway(state: 'up' | 'down'): void;
  misconfigure(answer: Misconfiguration | null): void;
}
