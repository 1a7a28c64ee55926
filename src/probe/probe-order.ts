import type { Attempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import type { UserData } from './esp.ts';
import type { RetryPolicy } from './policy.ts';
import type { Target } from './target.ts';
import type { ProbeTrace } from './trace-context.ts';
import type { ProbeResult, ServedBy, Verdict } from './verdict.ts';

/** Everything one probe needs to know. */
export interface ProbeOrder {
  readonly probeId: string;
  readonly requestId: string;
  /** Name of the configured caller who asked, or a word for others; null where nobody did. */
  readonly caller: string | null;
  readonly interactionId: string;
  readonly target: Target;
  readonly policyName: string;
  /** The named policy with the caller's overrides. */
  readonly policy: RetryPolicy;
  /** Chat Server that hosts the chat, null if the caller does not say. */
  readonly chatServer: string | null;
  /** True if the interaction's `IsOnline` says that the session is closed already. */
  readonly isOffline: boolean;
  readonly userData: UserData;
  /** Its place in a trace; left out where there is none. */
  readonly trace?: ProbeTrace | undefined;
}

/** The time, chance, numbering and listeners that probes work with. */
export interface ProberParts {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly nextReferenceId: () => number;
  readonly observe: ProbeObserver;
}

/** Names the probe for those who listen. */
export function identityOf(order: ProbeOrder): ProbeIdentity {
  const { probeId, requestId, caller, interactionId, chatServer, trace } = order;
  return { probeId, requestId, caller, interactionId, target: order.target.name, policy: order.policyName, chatServer, trace };
}

/** Whose probe it is. Logs use the ids, metrics must not. */
export interface ProbeIdentity {
  readonly probeId: string;
  /** The `x-request-id` of the request that asked. */
  readonly requestId: string;
  readonly caller: string | null;
  readonly interactionId: string;
  readonly target: string;
  readonly policy: string;
  /** Chat Server named by the caller, null if none was. */
  readonly chatServer: string | null;
  readonly trace?: ProbeTrace | undefined;
}

/**
 * What happened, told once, for whoever listens. Each `probe_started` is followed by exactly one terminal event:
 * `probe_finished`, or `probe_cancelled` where the caller went away.
 */
export type ProbeEvent =
  | { readonly type: 'probe_started'; readonly probe: ProbeIdentity }
  | { readonly type: 'attempt_finished'; readonly probe: ProbeIdentity; readonly attempt: Attempt }
  /** Cut short by us or by the caller's leaving, so that it says nothing about the far end. */
  | { readonly type: 'attempt_cancelled'; readonly probe: ProbeIdentity; readonly attempt: Attempt }
  | { readonly type: 'probe_finished'; readonly probe: ProbeIdentity; readonly result: ProbeResult }
  | { readonly type: 'probe_cancelled'; readonly probe: ProbeIdentity; readonly attempts: number; readonly elapsedMs: number }
  /** A caller got a verdict. */
  | { readonly type: 'request_answered'; readonly target: string; readonly verdict: Verdict; readonly servedBy: ServedBy }
  /** A bug of ours. The caller got a verdict all the same. */
  | { readonly type: 'fault'; readonly requestId: string; readonly fault: unknown };

/** Listens. Must not wait for anything; what it throws is reported and goes no further. */
export type ProbeObserver = (event: ProbeEvent) => void;

/** One observer made of many. A throwing observer is reported and can change neither a verdict nor what the others hear. */
export function fanOut<E>(observers: readonly ((event: E) => void)[], onFault: (fault: unknown) => void): (event: E) => void {
  return (event) => {
    for (const observe of observers) {
      try {
        observe(event);
      } catch (fault) {
        onFault(fault);
      }
    }
  };
}

/** Largest reference id. They are 32-bit (docs/genesys.md); staying positive suits signed and unsigned readers alike. */
export const MAX_REFERENCE_ID = 2 ** 31 - 1;

/**
 * Numbers messages from 1 to `MAX_REFERENCE_ID` and round again.
 *
 * @param first the first number; taken at random, two instances behind one gateway rarely use the same at the same time.
 */
export function createReferenceIds(first: number): () => number {
  let next = first;
  return () => {
    const id = next;
    next = id >= MAX_REFERENCE_ID ? 1 : id + 1;
    return id;
  };
}

/**
 * What a variable that holds nothing turns into on its way into a URL, by the language that writes it. The service would take such a
 * word for the id of a lost session, and a workflow whose variable is empty would stop its own living chat.
 */
export const EMPTY_VALUE_WORDS = ['undefined', 'null', 'nan', 'none', 'nil', 'true', 'false'] as const;

/** What an id looks like in words. */
export const INTERACTION_ID_RULE = `1 to 64 characters of A-Z, a-z, 0-9, _, ~ and -, and none of the words ${EMPTY_VALUE_WORDS.join(', ')} in any case`;

/**
 * The same as a regular expression, which JSON Schema knows without flags, hence the pairs of letters. No grammar is published; the
 * characters fit every sample seen (docs/genesys.md, "Ids"). Case matters.
 */
export const INTERACTION_ID_PATTERN = `^(?!(?:${EMPTY_VALUE_WORDS.map(inAnyCase).join('|')})$)[A-Za-z0-9_~-]{1,64}$`;

const INTERACTION_ID = new RegExp(INTERACTION_ID_PATTERN);
const EMPTY_VALUES: ReadonlySet<string> = new Set(['', ...EMPTY_VALUE_WORDS]);

/** Whether it is an id that may be asked about. */
export function isInteractionId(id: unknown): id is string {
  return typeof id === 'string' && INTERACTION_ID.test(id);
}

/** Whether it is what an empty variable turns into: one of the words, or nothing at all. */
export function isEmptyValue(id: unknown): boolean {
  return typeof id === 'string' && EMPTY_VALUES.has(id.trim().toLowerCase());
}

function inAnyCase(word: string): string {
  return [...word].map((letter) => `[${letter.toUpperCase()}${letter}]`).join('');
}
