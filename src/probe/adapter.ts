import type { CancelSignal } from './cancel-signal.ts';
import type { EspReply, EspRequest } from './esp.ts';
import type { TransportReason } from './reasons.ts';
import type { TraceHeaders } from './trace-context.ts';

/** What one send came to. */
export type SendOutcome =
  | { readonly kind: 'reply'; readonly reply: EspReply; readonly sentTo?: string | undefined }
  | {
      readonly kind: 'failure';
      readonly reason: TransportReason;
      /** True if a byte of the message left us. */
      readonly written: boolean;
      /** True if the far end's answer proves that it passed nothing on. */
      readonly rejected: boolean;
      /** How long the far end asks us to stay away, null if it did not say. */
      readonly retryAfterMs: number | null;
      /** For the person on call: a code or status, never a secret, an address or text of the far end. */
      readonly detail: string;
      /** For traces: the URL that was asked last. Left out where the message is not traced, or nothing was asked. */
      readonly sentTo?: string | undefined;
    };

/** How the way to Interaction Server looks from here. `unknown`: not asked, or no answer that tells. */
export type AdapterHealth = 'connected' | 'disconnected' | 'unknown';

/** The one seam between the probe and the outside. Every member is required. */
export interface InteractionServerAdapter {
  /** Kind of adapter, as in the configuration. */
  readonly kind: string;
  /** True if verdicts of this far end are made up: a simulator answers, or did when it was heard last. */
  isSimulated(): boolean;
  /**
   * Sends once, without retrying. Resolves; never rejects. Aborting `signal` settles it promptly, and
   * nothing is written after that.
   *
   * @param timeoutMs milliseconds this attempt has; the far end is told. The caller aborts `signal` after them.
   * @param trace what the far end is told of the trace; left out where the message is part of none.
   */
  send(request: EspRequest, timeoutMs: number, signal: CancelSignal, trace?: TraceHeaders): Promise<SendOutcome>;
  /** Asks without sending a message. Resolves; never rejects. Aborting `signal` settles it promptly with `unknown`. */
  health(signal: CancelSignal): Promise<AdapterHealth>;
  /** Frees sockets and timers. Safe to call twice. */
  close(): Promise<void>;
}
