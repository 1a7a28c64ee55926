/**
 * What is known about the chat: `alive` (delivered), `dead` (its Chat Server says that the session does not exist),
 * `orphaned` (its Chat Server is down), `closed` (`IsOnline` was 0), `unknown` (cannot tell).
 */
export const EVIDENCE = ['alive', 'dead', 'orphaned', 'closed', 'unknown'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/**
 * What a further attempt could bring:
 * `settled` nothing, the chat is known to be alive or closed;
 * `confirm` a bad sign that high availability may turn, see `nextStep`;
 * `again` the obstacle may pass;
 * `futile` the obstacle stays until somebody repairs it, or there is nothing to repeat.
 */
export type RetryClass = 'settled' | 'confirm' | 'again' | 'futile';

/**
 * Where the reason comes from: Interaction Server's answer, the way there, or this service. An answer shows that the gateway works, what
 * comes from the way counts against it (`gateway-breaker.ts` has the one exception), and what comes from this service says nothing.
 */
export type Origin = 'reply' | 'transport' | 'service';

interface Row {
  readonly evidence: Evidence;
  readonly retry: RetryClass;
  readonly origin: Origin;
  /** Milliseconds after which asking again may give another answer; null where it would not. */
  readonly recheckAfterMs: number | null;
}

/** A fail-over moves chats within seconds; until then the old name finds nothing (docs/genesys.md, "High availability"). */
const MOVE_MS = 2_000;
/** Long enough not to hammer a Chat Server or gateway in trouble, short enough for a caller who waits. */
const OUTAGE_MS = 5_000;
/** Passing trouble of one message or of this process. */
const MOMENT_MS = 1_000;

/** THE table: every reason a verdict can have, in the order of the contract. Add one only with its row. */
export const REASONS = {
  delivered: { evidence: 'alive', retry: 'settled', origin: 'reply', recheckAfterMs: null },
  session_offline: { evidence: 'closed', retry: 'settled', origin: 'service', recheckAfterMs: null },
  session_not_found: { evidence: 'dead', retry: 'confirm', origin: 'reply', recheckAfterMs: null },
  session_not_found_by_type: { evidence: 'unknown', retry: 'again', origin: 'reply', recheckAfterMs: MOMENT_MS },
  session_may_have_moved: { evidence: 'unknown', retry: 'again', origin: 'reply', recheckAfterMs: MOVE_MS },
  chat_server_not_found: { evidence: 'orphaned', retry: 'confirm', origin: 'reply', recheckAfterMs: OUTAGE_MS },
  fault_unrecognised: { evidence: 'unknown', retry: 'again', origin: 'reply', recheckAfterMs: OUTAGE_MS },
  error_unrecognised: { evidence: 'unknown', retry: 'again', origin: 'reply', recheckAfterMs: OUTAGE_MS },
  timeout: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: OUTAGE_MS },
  connect_refused: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: OUTAGE_MS },
  connection_reset: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: MOMENT_MS },
  dns_failure: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: OUTAGE_MS },
  tls_failure: { evidence: 'unknown', retry: 'futile', origin: 'transport', recheckAfterMs: null },
  gateway_error: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: OUTAGE_MS },
  gateway_auth: { evidence: 'unknown', retry: 'futile', origin: 'transport', recheckAfterMs: null },
  gateway_misrouted: { evidence: 'unknown', retry: 'futile', origin: 'transport', recheckAfterMs: null },
  gateway_busy: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: OUTAGE_MS },
  protocol_error: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: OUTAGE_MS },
  reply_mismatch: { evidence: 'unknown', retry: 'again', origin: 'transport', recheckAfterMs: MOMENT_MS },
  deadline: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: MOMENT_MS },
  unconfirmed: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: MOVE_MS },
  overloaded: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: MOMENT_MS },
  draining: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: MOMENT_MS },
  gateway_open: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: OUTAGE_MS },
  retry_suppressed: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: MOVE_MS },
  message_limit: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: null },
  internal_error: { evidence: 'unknown', retry: 'futile', origin: 'service', recheckAfterMs: MOMENT_MS },
} as const satisfies Record<string, Row>;

export type Reason = keyof typeof REASONS;

type ReasonFrom<O extends Origin> = { [R in Reason]: (typeof REASONS)[R]['origin'] extends O ? R : never }[Reason];

/** Reasons that an answer of Interaction Server can have. */
export type ReplyReason = ReasonFrom<'reply'>;
/** Reasons that the way to Interaction Server can have. */
export type TransportReason = ReasonFrom<'transport'>;
/** Reasons that lie with this service or its caller. */
export type ServiceReason = ReasonFrom<'service'>;

/** Reasons that a single send can have. */
export type AttemptReason = ReplyReason | TransportReason;

const ALL: readonly string[] = Object.keys(REASONS);

/** Tells whether a word is one of the table's. */
export function isReason(word: string): word is Reason {
  return ALL.includes(word);
}

/** Every reason, in the table's order. */
export const REASON_NAMES: readonly Reason[] = ALL.filter(isReason);
