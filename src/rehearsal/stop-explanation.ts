import type { RetryPolicy } from '../probe/policy.ts';
import type { Reason } from '../probe/reasons.ts';
import type { TargetRules } from '../probe/target.ts';
import type { Misconfiguration } from '../simulator/world.ts';
import { lifeCause } from './life-cause.ts';
import { stopRule } from './stop-rule.ts';
import type { WireAttempt } from './wire-log.ts';

/** The rule that makes a stop of what came over the wire (contract §2, rules 2 to 6), in the words of the settings. */
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
  crashed_with_it: 'its Chat Server crashed with the message (`slow`), and was back by the verdict',
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

/** All that is needed to explain why a living chat was stopped. But for `reason` nothing in it comes from the prober. */
export interface StopFacts {
  /** The reason that was given. It explains nothing, and must fit what does. */
  readonly reason: Reason;
  /** True if another chat's message is said to have proved it. */
  readonly byCanary: boolean;
  readonly rules: TargetRules;
  readonly policy: RetryPolicy;
  /** When the probe began, in ms since the world began. */
  readonly startedAtMs: number;
  /** What was sent for this chat, and what came back. */
  readonly attempts: readonly WireAttempt[];
  /** What came back last from the Chat Server that was asked, for whichever chat; null by type, or if nothing has. */
  readonly lastOfServer: WireAttempt | null;
  /** True if the user data said that `IsOnline` is 0. */
  readonly isOffline: boolean;
  /** The Chat Server that was asked, null if by type. */
  readonly asked: string | null;
  readonly atStart: ChatFacts;
  readonly atVerdict: ChatFacts;
  /** Names of the Chat Servers connected to Interaction Server at the verdict. */
  readonly connected: readonly string[];
  /** Whether the Chat Server that was asked crashed after the last message had set out. */
  readonly crashedMeanwhile: boolean;
  /** What the scenario let every message be answered at the verdict, null if the truth. */
  readonly misconfigured: Misconfiguration | null;
}

export interface StopExplanation {
  readonly rule: StopRule;
  readonly cause: LifeCause;
}

/** Explains a stopped living chat by a rule of the target and a cause in the world, both of which fit what was answered. */
export function explainStop(facts: StopFacts): StopExplanation {
  return { rule: stopRule(facts), cause: lifeCause(facts) };
}
