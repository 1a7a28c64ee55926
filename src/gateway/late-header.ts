import { subscribe } from 'node:diagnostics_channel';
import type { Dispatcher } from 'undici';
import { Client, Pool } from 'undici';

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
