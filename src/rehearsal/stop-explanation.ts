import type { Reason } from '../probe/reasons.ts';
import type { TargetRules } from '../probe/target.ts';

/** The rule that made a stop of what was answered (contract §2, rules 4 and 6), in the words of the settings. */
export const STOP_RULES = {
  is_online: '`IsOnline` was 0',
  first_not_found: '`ha: false`: the first fault 100 is final',
  last_not_found: '`ha: true`: the last attempt was a fault 100 too',
  only_chat_server: '`singleChatServer: true`: whoever is asked must have it',
  down_stop: '`onChatServerDown: stop`',
  down_without_ha: '`onChatServerDown: auto` with `ha: false`',
  down_outlasted: '`onChatServerDown: auto`, and the deadline is not below `restoreWindowMs`',
  unrecognised_stop: '`onUnrecognised: stop`',
  no_rule: 'NO RULE makes a stop of this',
} as const;
export type StopRule = keyof typeof STOP_RULES;

/** Why a chat lived although its verdict says that it did not. Each is a rule or parameter of the scenario. */
export const LIFE_CAUSES = {
  misconfigured: 'the answer was false: `misconfigure` makes everything look not found',
  not_connected: 'its Chat Server ran it, not connected to Interaction Server for `interactionServer.reconnectMs`',
  stale_name: 'it had moved before the probe began, and its user data still showed the old name (`clients.staleMs`)',
  moved_meanwhile: 'it moved while the probe ran, and the probe knew only the old name',
  asked_elsewhere: 'it ran on another Chat Server than the one that Interaction Server picked (`byType`)',
  client_on_its_way: 'its session could still be restored; its client had not found a place yet (`clients.returnMs`, `limit`)',
  unexplained: 'UNEXPLAINED',
} as const;
export type LifeCause = keyof typeof LIFE_CAUSES;

/** What was true of a chat at one moment. */
export interface ChatFacts {
  readonly session: 'running' | 'restorable' | 'none';
  /** Where its session runs; else where it ran last, or null. */
  readonly host: string | null;
}

/** All that is needed to explain why a living chat was stopped. */
export interface StopFacts {
  readonly reason: Reason;
  readonly rules: TargetRules;
  readonly deadlineMs: number;
  /** The Chat Server that was asked, null if by type. */
  readonly asked: string | null;
  readonly atStart: ChatFacts;
  readonly atVerdict: ChatFacts;
  /** Whether the Chat Server that hosts it was connected to Interaction Server at the verdict. */
  readonly hostConnected: boolean;
  /** Whether the scenario let everything look not found at the verdict. */
  readonly misconfigured: boolean;
}

export interface StopExplanation {
  readonly rule: StopRule;
  readonly cause: LifeCause;
}

/** Explains a stopped living chat by a rule of the target and a cause in the world. */
export function explainStop(facts: StopFacts): StopExplanation {
  return { rule: ruleOf(facts), cause: causeOf(facts) };
}

function ruleOf({ reason, rules, deadlineMs, asked }: StopFacts): StopRule {
  if (reason === 'session_offline') return 'is_online';
  if (reason === 'session_not_found' && asked === null) return 'only_chat_server';
  if (reason === 'session_not_found') return rules.ha ? 'last_not_found' : 'first_not_found';
  if (reason === 'chat_server_not_found') return ruleWhenServerDown(rules, deadlineMs);
  const isUnrecognised = reason === 'fault_unrecognised' || reason === 'error_unrecognised';
  return isUnrecognised && rules.onUnrecognised === 'stop' ? 'unrecognised_stop' : 'no_rule';
}

function ruleWhenServerDown({ ha, onChatServerDown, restoreWindowMs }: TargetRules, deadlineMs: number): StopRule {
  if (onChatServerDown === 'stop') return 'down_stop';
  if (onChatServerDown === 'route') return 'no_rule';
  if (!ha) return 'down_without_ha';
  return deadlineMs >= restoreWindowMs ? 'down_outlasted' : 'no_rule';
}

function causeOf({ asked, atStart, atVerdict, hostConnected, misconfigured, reason }: StopFacts): LifeCause {
  if (misconfigured) return 'misconfigured';
  if (atVerdict.session === 'restorable') return 'client_on_its_way';
  if (atVerdict.session === 'none') return 'unexplained';
  if (asked === null) return reason === 'session_not_found' ? 'asked_elsewhere' : 'unexplained';
  if (atVerdict.host !== asked) return atStart.session === 'running' && atStart.host !== asked ? 'stale_name' : 'moved_meanwhile';
  return hostConnected ? 'unexplained' : 'not_connected';
}
