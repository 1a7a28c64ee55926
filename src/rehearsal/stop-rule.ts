import type { Reason } from '../probe/reasons.ts';
import type { StopFacts } from './stop-facts.ts';
import type { StopRule } from './stop-words.ts';
import type { WireWord } from './wire-word.ts';
import { wordOf } from './wire-word.ts';

/** The reasons that a verdict may give for the word that decided it. */
const REASONS_OF: Readonly<Record<WireWord, readonly Reason[]>> = {
  delivered: ['delivered'],
  session_not_found: ['session_not_found'],
  chat_server_not_found: ['chat_server_not_found'],
  unrecognised: ['fault_unrecognised', 'error_unrecognised'],
  nothing: [],
};

/** Where the moment of the last attempt is computed, it may be a rounding error short of it. */
const ROUNDING_MS = 1;

/** The rule by which what came over the wire makes a stop; `no_rule` if none does, or if another reason was given. */
export function stopRule(facts: StopFacts): StopRule {
  const { attempts, isOffline, reason, rules } = facts;
  if (isOffline) return attempts.length === 0 && reason === 'session_offline' ? 'is_online' : 'no_rule';
  const word = decisiveWord(facts);
  if (!REASONS_OF[word].includes(reason)) return 'no_rule';
  if (word === 'session_not_found') return ruleWhenNotFound(facts);
  if (word === 'chat_server_not_found') return ruleWhenServerDown(facts);
  return word === 'unrecognised' && rules.onUnrecognised === 'stop' ? 'unrecognised_stop' : 'no_rule';
}

/** The word that counts: that of a delivered attempt, else of the last one or, where another chat's decided, of that one. */
export function decisiveWord({ attempts, byCanary, lastOfServer, startedAtMs }: StopFacts): WireWord {
  const words = attempts.map(wordOf);
  if (words.includes('delivered')) return 'delivered';
  if (!byCanary) return words.at(-1) ?? 'nothing';
  const isFresh = lastOfServer !== null && (lastOfServer.settledAtMs ?? Number.NEGATIVE_INFINITY) >= startedAtMs;
  return isFresh ? wordOf(lastOfServer) : 'nothing';
}

/** Rules 3 and 4: proof of death comes from the host of the chat alone, and with high availability from its last attempt. */
function ruleWhenNotFound(facts: StopFacts): StopRule {
  const { asked, attempts, rules } = facts;
  if (asked === null && !rules.singleChatServer) return 'no_rule';
  // It came back empty within the probe: the session may live elsewhere.
  if (rules.ha && attempts.some((attempt) => wordOf(attempt) === 'chat_server_not_found')) return 'no_rule';
  if (rules.ha && !isLastAllowed(facts)) return 'no_rule';
  if (asked === null) return 'only_chat_server';
  return rules.ha ? 'last_not_found' : 'first_not_found';
}

function ruleWhenServerDown(facts: StopFacts): StopRule {
  const { byCanary, policy, rules } = facts;
  if (rules.ha && !byCanary && !isLastAllowed(facts)) return 'no_rule';
  if (rules.onChatServerDown === 'stop') return 'down_stop';
  if (rules.onChatServerDown === 'route') return 'no_rule';
  if (!rules.ha) return 'down_without_ha';
  return policy.deadlineMs >= rules.restoreWindowMs ? 'down_outlasted' : 'no_rule';
}

/** Whether the policy left no later attempt: they are used up, or the last one began at the pin. */
function isLastAllowed({ attempts, policy, startedAtMs }: StopFacts): boolean {
  const begunMs = (attempts.at(-1)?.atMs ?? startedAtMs) - startedAtMs;
  return attempts.length >= policy.attempts || begunMs >= policy.deadlineMs - policy.attemptTimeoutMs - ROUNDING_MS;
}
