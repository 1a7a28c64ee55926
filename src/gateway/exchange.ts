import { subscribe } from 'node:diagnostics_channel';
import { Client, type Dispatcher, Pool } from 'undici';
import type { CancelHandler, CancelSignal } from '../probe/cancel-signal.ts';
import type { AtEndOfTurn } from '../probe/end-of-turn.ts';
import type { SlotSet } from '../probe/slot-set.ts';
import { type BrokenBecause, brokenBecause } from './error-reason.ts';

/** Largest body that is read. A reply is a few hundred bytes. */
export const MAX_BODY_BYTES = 65_536;

/** How long the body of an answer that is no 200 may take, so that its connection can be kept; nobody reads what is in it. */
const STRAY_BODY_MS = 100;

/** One HTTP request, made of configuration and message alone. */
export interface HttpCall extends RequestParts {
  /** Milliseconds that are left at this moment, told as `x-deadline-ms`; null to tell nothing. Without a whole one left nothing is written. */
  readonly leftMs: (() => number) | null;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Whole for status 200; may be cut or empty for any other, whose status says enough. */
  readonly body: Uint8Array;
}

export interface Broken extends BrokenBecause {
  readonly kind: 'broken';
  /** True if a byte of the request left or was about to. */
  readonly written: boolean;
}

/** What one exchange came to. */
export type Exchange = { readonly kind: 'answered'; readonly answer: HttpAnswer } | Broken;

/** One exchange under way. */
export interface OpenExchange {
  /** Ends it at once; settles it if nothing else has. Nothing is written after that. */
  drop(because: BrokenBecause): void;
}

/** The exchanges under way through one gateway, so that closing can end them. */
export type OpenExchanges = SlotSet<OpenExchange>;

const ABORTED: BrokenBecause = { reason: 'timeout', detail: 'ABORTED' };
/** Its time was over before it could be written, and nobody had said so yet. */
const OVERDUE: BrokenBecause = { reason: 'timeout', detail: 'OVERDUE' };
/** Not told: the status counts. */
const STRAY_BODY: BrokenBecause = { reason: 'protocol_error', detail: 'STRAY_BODY' };

/**
 * Makes one HTTP exchange: the request is written at most once. Resolves, never rejects; aborting `signal`, or dropping
 * it by `open`, settles it in the same tick, even while it queues or connects (undici's own `request` does not), and
 * nothing is written after that. An answer is handed on at the end of its turn, before any timer can run: nothing can overtake it.
 */
export function exchange(
  pool: Pool,
  call: HttpCall,
  signal: CancelSignal,
  open: OpenExchanges,
  atEndOfTurn: AtEndOfTurn,
): Promise<Exchange> {
  if (signal.aborted) return Promise.resolve({ kind: 'broken', written: false, ...ABORTED });
  return new Promise((resolve) => {
    const running = new RunningExchange(pool, call, (outcome) => {
      open.leave(place);
      signal.removeEventListener('abort', running);
      if (outcome.kind === 'answered') atEndOfTurn(() => resolve(outcome));
      else resolve(outcome);
    });
    const place = open.join(running);
    signal.addEventListener('abort', running);
    running.dispatch();
  });
}

/** Collects what undici reports about one request, and settles once. */
class RunningExchange implements Dispatcher.DispatchHandler, OpenExchange, CancelHandler {
  readonly #pool: Pool;
  readonly #request: LateRequest;
  readonly #leftMs: HttpCall['leftMs'];
  readonly #settle: (outcome: Exchange) => void;
  #settled = false;
  /** Set when the request is about to be written to a connected socket. */
  #writing: Dispatcher.DispatchController | null = null;
  #head: Pick<HttpAnswer, 'status' | 'headers'> | null = null;
  #strayBody: NodeJS.Timeout | undefined;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(pool: Pool, call: HttpCall, settle: (outcome: Exchange) => void) {
    this.#pool = pool;
    this.#request = new LateRequest(call);
    this.#leftMs = call.leftMs;
    this.#settle = settle;
  }

  dispatch(): void {
    this.#pool.dispatch(this.#request, this);
  }

  handleEvent(): void {
    this.drop(ABORTED);
  }

  /** A connection that is in use for it is closed. */
  drop(because: BrokenBecause): void {
    this.#finish(this.#brokenOff(because));
    this.#writing?.abort(new Error(because.detail));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const leftMs = this.#leftMs === null ? null : Math.floor(this.#leftMs());
    if (leftMs !== null && leftMs < 1) this.drop(OVERDUE);
    // To throw is the one way to take a request back from undici without closing the connection meant for it.
    if (this.#settled) throw new Error('settled before it was written');
    if (leftMs !== null) this.#request.addHeader('x-deadline-ms', String(leftMs));
    this.#writing = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Readonly<Record<string, unknown>>): void {
    if (status === 101) this.drop({ reason: 'protocol_error', detail: 'HTTP 101' });
    if (status < 200) return;
    this.#head = { status, headers };
    if (status !== 200) this.#strayBody = setTimeout(() => this.drop(STRAY_BODY), STRAY_BODY_MS);
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) this.#dropTooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    if (this.#size > MAX_BODY_BYTES) this.#dropTooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#head === null) return;
    const { status, headers } = this.#head;
    const [first] = this.#chunks;
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#finish({ kind: 'answered', answer: { status, headers, body } });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(this.#brokenOff(brokenBecause(error)));
  }

  #dropTooLarge(): void {
    this.drop({ reason: 'protocol_error', detail: 'BODY_TOO_LARGE' });
  }

  /** A status other than 200 has said it all, whatever becomes of its body. */
  #brokenOff(because: BrokenBecause): Exchange {
    if (this.#head !== null && this.#head.status !== 200) return { kind: 'answered', answer: { ...this.#head, body: new Uint8Array() } };
    return { kind: 'broken', written: this.#writing !== null, ...because };
  }

  #finish(outcome: Exchange): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#strayBody);
    this.#settle(outcome);
  }
}

/** What a request is made of, but for a header that is only known when it is written. */
export interface RequestParts {
  readonly method: 'GET' | 'POST';
  /** Absolute path, without query. */
  readonly path: string;
  /** Names and values in turn, the form that undici need not take apart. */
  readonly headers: readonly string[];
  readonly body: string | null;
}

/** What undici makes of a request and writes in its place: documented with the channel, though its types leave it out. */
interface MadeRequest {
  addHeader(name: string, value: string): unknown;
}

/** A request to which a header can be added until it is written, however long it has waited for a connection. */
export class LateRequest implements Dispatcher.DispatchOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: string[];
  readonly body: string | null;
  #made: MadeRequest | null = null;

  constructor({ method, path, headers, body }: RequestParts) {
    this.method = method;
    this.path = path;
    this.headers = [...headers];
    this.body = body;
  }

  /** For `onRequestStart`. Throws, which keeps the request from being written, if it did not go through a pool of `openPool`. */
  addHeader(name: string, value: string): void {
    if (this.#made === null) throw new Error('undici did not tell what it made of the request');
    this.#made.addHeader(name, value);
  }

  becomes(made: MadeRequest): void {
    this.#made = made;
  }
}

/** A pool that takes a `LateRequest` for what it is. */
export function openPool(origin: string, options: Omit<Pool.Options, 'factory'>): Pool {
  return new Pool(origin, { ...options, factory: (url, clientOptions) => new LateClient(url, clientOptions) });
}

/** Of what undici makes a request in this very tick. */
let making: LateRequest | null = null;

class LateClient extends Client {
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    making = options instanceof LateRequest ? options : null;
    return super.dispatch(options, handler);
  }
}

// undici 7.30 reads the headers when a connection takes a request on, but writes it later: when the connection is there,
// or on one that was used before, at the end of this turn of the event loop. What it made of the request it shows in this
// channel alone, and what is added to that until `onRequestStart` returns is written too.
subscribe('undici:request:create', (message) => {
  if (making !== null && tellsOfRequest(message)) making.becomes(message.request);
  making = null;
});

function tellsOfRequest(message: unknown): message is { readonly request: MadeRequest } {
  if (typeof message !== 'object' || message === null || !('request' in message)) return false;
  const { request } = message;
  return typeof request === 'object' && request !== null && 'addHeader' in request && typeof request.addHeader === 'function';
}
