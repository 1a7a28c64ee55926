/** One HTTP request to the gateway under test, but for what every request has (host, connection, length). */
export interface Call {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, with its slash. */
  readonly path: string;
  readonly headers: readonly Header[];
  /** Null for a request without a body. */
  readonly body: string | null;
  /** Null to send the body at once. */
  readonly pace: Pace | null;
}

export type Header = readonly [name: string, value: string];

/** How a body goes out in pieces. */
export interface Pace {
  /** How many, at least 1; about equal in length. */
  readonly pieces: number;
  /** Awaited before each piece; 0 for the first. Nothing more goes out once the exchange has ended. */
  before(piece: number): Promise<void>;
}

/** What one request came to, and what there is to show for it. */
export type Exchange = Answered | Broken;

export interface Answered extends Trace {
  readonly kind: 'answered';
  readonly status: number;
  /** Statuses of the 1xx that came before it, in order. */
  readonly interim: readonly number[];
  /** By lower-case name; of a repeated header, all values with a comma between them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Length of the body in bytes. */
  readonly bodyBytes: number;
}

export interface Broken extends Trace {
  readonly kind: 'broken';
  /** `silent`: no whole answer in time. `unasked`: the kit did not ask any more. */
  readonly how: 'closed' | 'silent' | 'unasked';
  /** In words. */
  readonly because: string;
}

interface Trace {
  /** The bytes that were written and that came, made printable: secrets struck out, cut to a sensible length. */
  readonly sent: string;
  readonly received: string;
  readonly elapsedMs: number;
  /** False where the request went out on a connection that an earlier one had used. */
  readonly isFirstUse: boolean;
}
