import type { Dispatcher, Pool } from 'undici';
import type { CancelHandler, CancelSignal } from '../probe/cancel-signal.ts';
import type { SlotSet } from '../probe/slot-set.ts';
import type { BrokenBecause } from './error-reason.ts';
import { brokenBecause } from './error-reason.ts';
import type { RequestParts } from './late-header.ts';
import { LateRequest } from './late-header.ts';

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
 * nothing is written after that.
 */
export function exchange(pool: Pool, call: HttpCall, signal: CancelSignal, open: OpenExchanges): Promise<Exchange> {
  if (signal.aborted) return Promise.resolve({ kind: 'broken', written: false, ...ABORTED });
  return new Promise((resolve) => {
    const running = new RunningExchange(pool, call, (outcome) => {
      open.leave(place);
      signal.removeEventListener('abort', running);
      resolve(outcome);
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
