import type { RetryPolicy } from '../probe/policy.ts';
import { EMPTY_VALUE_WORDS, type ProbeOrder } from '../probe/probe-order.ts';
import type { Target } from '../probe/target.ts';
import type { GuardState } from '../resilience/events.ts';
import type { ObservationService } from '../resilience/observed-probes.ts';
import type { ProbeService } from '../resilience/probe-service.ts';
import type { ProbeRequest } from './probe-input.ts';
import { type Checked, passed, type Refusal, refused } from './problems.ts';

/** The target of requests that name none. */
export const DEFAULT_TARGET = 'default';

/** A target as the configuration has it, and what answers for it. */
export interface ConfiguredTarget {
  readonly target: Target;
  /** That of requests that name none. */
  readonly policy: string;
  /** Those that the configuration names. */
  readonly chatServers: readonly string[];
  /** Probes of it at once beyond which new ones are declined. */
  readonly maxInFlight: number;
  readonly service: TargetService;
}

/** Answers for one target. */
export interface TargetService extends ProbeService, ObservationService {
  /** Lets its stops pass for so long, whatever their share. */
  release(forMs: number): { readonly state: GuardState; readonly releasedForMs: number };
}

/** What the configuration knows by name. */
export interface Directory {
  readonly targets: ReadonlyMap<string, ConfiguredTarget>;
  readonly policies: ReadonlyMap<string, RetryPolicy>;
}

/** What to ask, and whom. */
export interface OrderedProbe {
  readonly order: ProbeOrder;
  readonly service: TargetService;
  /** Of its target. */
  readonly maxInFlight: number;
}

/** Finds what the request names, and applies its overrides. */
export function orderFor(
  asked: ProbeRequest,
  directory: Directory,
  { probeId, requestId, caller, trace }: Pick<ProbeOrder, 'probeId' | 'requestId' | 'caller' | 'trace'>,
): Checked<OrderedProbe> {
  const configured = directory.targets.get(asked.target ?? DEFAULT_TARGET);
  if (configured === undefined)
    return slipped(asked.target, 'target') ?? refused('unknown_target', 'target', 'no target of this name is configured');
  const policyName = asked.policy ?? configured.policy;
  const policy = directory.policies.get(policyName);
  if (policy === undefined)
    return slipped(asked.policy, 'policy') ?? refused('unknown_policy', 'policy', 'no retry policy of this name is configured');
  const { chatServer } = asked;
  const slip = chatServer === null || configured.chatServers.includes(chatServer.name) ? null : slipped(chatServer.name, chatServer.field);
  if (slip !== null) return slip;
  const order: ProbeOrder = {
    probeId,
    requestId,
    caller,
    interactionId: asked.interactionId,
    target: configured.target,
    policyName,
    policy: withOverrides(policy, asked),
    chatServer: chatServer?.name ?? null,
    isOffline: asked.isOffline,
    userData: asked.userData,
    trace,
  };
  return passed({ order, service: configured.service, maxInFlight: configured.maxInFlight });
}

/** Whoever is configured under such a name is meant; all else must not be sent, nor be looked for. */
function slipped(name: string | null, field: string): Refusal | null {
  const slip = name === null ? null : slipIn(name);
  return slip === null ? null : refused('invalid_name', field, `this looks like ${slip}: see how the workflow writes it`);
}

function withOverrides(policy: RetryPolicy, { attempts, deadlineMs }: ProbeRequest): RetryPolicy {
  if (attempts === null && deadlineMs === null) return policy;
  return { ...policy, attempts: attempts ?? policy.attempts, deadlineMs: deadlineMs ?? policy.deadlineMs };
}

const QUOTE = '["\'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a]';
/** An apostrophe may end a name. */
const CLOSING_QUOTE = '["`\u201c\u201d\u201e\u201f\u00ab\u00bb]';

/**
 * What a program writes where it has no name, or has not put the name in yet. Each looks like no name that anybody gives: names may have
 * spaces, dots, brackets within and letters of any language.
 */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^[-+]?(?:${EMPTY_VALUE_WORDS.join('|')}|infinity|void 0|#?n/a|nullptr|undef|nothing)$`, 'i'), 'an empty value'],
  [/^#(?:REF|NAME|VALUE|NUM|NULL|ERROR|DIV\/0)[!?]/i, 'an empty value'],
  [/undefined|(?<![a-z])(?:null|NaN)(?![a-z])/, 'an empty value put together with something else'],
  [/^[^\p{L}\p{N}]+$/u, 'nothing but punctuation'],
  [
    /\[object\b|^object \w+$|^\[.*\]$|^\[[BCDFIJSZ]@|^\[?L?[\w$]+(?:\.[\w$]+)+;?@[0-9a-f]{4,}$/s,
    'an object or a list in place of its name',
  ],
  // Perl, Lua, Java's lambdas; Ruby; Python; PHP; .NET; Go; records of Java, data classes of Kotlin and Python.
  [
    /0x[0-9a-f]{6}|^#<|^[bru]{1,2}(["']).*\1$|^Array$|^(?:Object|Resource) id #\d+$|^map\[|^\w+[[(]\w+=.*[\])]$/is,
    'an object or a list in place of its name',
  ],
  [
    /^System\.(?:__ComObject|(?:Object|String|Byte|DBNull)\b|(?:Collections|Data|Dynamic|Linq)\.)|\d\[System\./,
    'a type in place of its value',
  ],
  [/^__.*__$|^[:&?]\w|%(?:[sdv]\b|![a-z]\(|\(\w+\)s)/s, 'a placeholder that nothing was put in for'],
  [/[{}]|<%|%>|\$\(|#\(|\[\[|\]\]|^<.*>$|^\$|^([%!@#]).*\1$/s, 'a placeholder, or code, that nothing was put in for'],
  [/^\(.*\)$|\(\)$|=>|^function\b|^(?:Optional|Some)[.[(]|^Symbol\(|\[["']/s, 'code in place of its result'],
  [new RegExp(`^(?:\\\\?${QUOTE})|\\\\?${CLOSING_QUOTE}$|^['\u2018\u2019].*['\u2018\u2019]$`, 's'), 'still in quotes'],
  [
    /%(?:[0-9a-f]{2}|u[0-9a-f]{4})|&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}/i,
    'still encoded, or encoded twice',
  ],
  [/chatserverappname/i, "the field's name in place of its value"],
];

/** How a name shows that a program slipped, in words, null if it does not. Sent, it would be a Chat Server that nobody finds. */
export function slipIn(name: string): string | null {
  return SLIPS.find(([slip]) => slip.test(name))?.[1] ?? null;
}
