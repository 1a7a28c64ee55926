import type { Reason } from '../../src/probe/reasons.ts';
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
/** A verdict that comes later than that was read long after it was said. */
const MOST_LATE_MS = 50;

/** The rule by which what came over the wire makes a stop; `no_rule` if none does, or if another reason was given. */
export function stopRule(facts: StopFacts): StopRule {
  const { attempts, isOffline, policy, reason, rules, startedAtMs } = facts;
  if (rules.ha && facts.nowMs > startedAtMs + policy.deadlineMs + MOST_LATE_MS) return 'no_rule';
  if (isOffline) return attempts.length === 0 && reason === 'session_offline' ? 'is_online' : 'no_rule';
  const word = decisiveWord(facts);
  if (!REASONS_OF[word].includes(reason)) return 'no_rule';
  if (word === 'session_not_found') return ruleWhenNotFound(facts);
  if (word === 'chat_server_not_found') return ruleWhenServerDown(facts);
  if (rules.ha && !isSaidTwice(facts, word)) return 'no_rule';
  return word === 'unrecognised' && rules.onUnrecognised === 'stop' ? 'unrecognised_stop' : 'no_rule';
}

/**
 * The word that counts: that of a delivered attempt, else of the last one or, where another chat's decided, of that one. Of a
 * Chat Server that is known to be down a word from before the probe counts too, if it is not old.
 */
export function decisiveWord(facts: StopFacts): WireWord {
  const { attempts, byCanary, lastOfServer, startedAtMs } = facts;
  const words = attempts.map(wordOf);
  if (words.includes('delivered')) return 'delivered';
  if (!byCanary) return words.at(-1) ?? 'nothing';
  const notBeforeMs = isKnownDown(facts) ? Math.min(startedAtMs, facts.nowMs - MAX_PROOF_AGE_MS) : startedAtMs;
  const isFresh = lastOfServer !== null && (lastOfServer.settledAtMs ?? Number.NEGATIVE_INFINITY) >= notBeforeMs;
  return isFresh ? wordOf(lastOfServer) : 'nothing';
}

/** Rules 3 and 4: proof of death comes from the host of the chat alone, and with high availability from its last attempt. */
function ruleWhenNotFound(facts: StopFacts): StopRule {
  const { asked, attempts, rules } = facts;
  if (asked === null && !rules.singleChatServer) return 'no_rule';
  // It came back empty within the probe: the session may live elsewhere.
  if (rules.ha && attempts.some((attempt) => wordOf(attempt) === 'chat_server_not_found')) return 'no_rule';
  if (rules.ha && !(isLastAllowed(facts) && isSaidTwice(facts, 'session_not_found'))) return 'no_rule';
  if (asked === null) return 'only_chat_server';
  return rules.ha ? 'last_not_found' : 'first_not_found';
}

function ruleWhenServerDown(facts: StopFacts): StopRule {
  const { byCanary, isHeld, policy, rules } = facts;
  const isKnown = isKnownDown(facts);
  if (rules.ha && !byCanary && !isKnown && !isLastAllowed(facts)) return 'no_rule';
  if (rules.ha && !isSaidTwice(facts, 'chat_server_not_found')) return 'no_rule';
  // Whichever rule would stop it: while its session may be restored elsewhere, none does.
  if (rules.ha && !rules.singleChatServer && isHeld && !isKnown) return 'no_rule';
  if (rules.onChatServerDown === 'stop') return 'down_stop';
  if (rules.onChatServerDown === 'route') return 'no_rule';
  if (!rules.ha) return 'down_without_ha';
  if (policy.deadlineMs >= rules.restoreWindowMs) return 'down_outlasted';
  return isKnown ? 'known_down' : 'no_rule';
}

/** How old the word may be by which a probe is answered without a message. */
const MAX_PROOF_AGE_MS = 3_000;
const WITNESS_MS = 15_000;
const USER_DATA_LAG_MS = 5_000;

/** Whether the Chat Server had been down for so long before the probe began that nobody is restored from it any more, and another one lived. */
function isKnownDown({ isWatched, nowMs, rules, signs, startedAtMs }: StopFacts): boolean {
  if (!isWatched || !rules.ha || rules.singleChatServer || signs === null) return false;
  const outlastsMs = rules.restoreWindowMs + Math.min(USER_DATA_LAG_MS, rules.restoreWindowMs / 9);
  return startedAtMs - signs.downSinceMs >= outlastsMs - ROUNDING_MS && nowMs - signs.aliveElsewhereAtMs <= WITNESS_MS + ROUNDING_MS;
}

/** The second word: the same was said of messages sent long enough apart; of a Chat Server, whichever chats they were about. */
function isSaidTwice({ attempts, isWatched, rules, signs }: StopFacts, word: WireWord): boolean {
  const apartMs = rules.confirmAfterMs - 2 * ROUNDING_MS;
  if (word === 'chat_server_not_found' && isWatched && signs !== null && signs.provenForMs > 0 && signs.provenForMs >= apartMs) return true;
  const moments = attempts.filter((attempt) => wordOf(attempt) === word).map(({ atMs }) => atMs);
  return moments.length > 1 && Math.max(...moments) - Math.min(...moments) >= apartMs;
}

/** Whether the policy left no later attempt: they are used up, or the last one began at the pin. */
function isLastAllowed({ attempts, policy, startedAtMs }: StopFacts): boolean {
  const begunMs = (attempts.at(-1)?.atMs ?? startedAtMs) - startedAtMs;
  return attempts.length >= policy.attempts || begunMs >= policy.deadlineMs - policy.attemptTimeoutMs - ROUNDING_MS;
}
