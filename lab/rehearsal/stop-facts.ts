import type { RetryPolicy } from '../../src/probe/policy.ts';
import type { Reason } from '../../src/probe/reasons.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import type { Misconfiguration } from '../simulator/world/world.ts';
import type { ServerSigns } from './server-signs.ts';
import type { WireAttempt } from './wire-word.ts';

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
  /** Whether the probes of all chats were watched over as one. */
  readonly isWatched: boolean;
  /** Whether orphans are held back while sessions may be restored; only where they are watched. */
  readonly isHeld: boolean;
  /** When the verdict was given, in ms since the world began. */
  readonly nowMs: number;
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
  /** What that one had given away of itself by then; null by type. */
  readonly signs: ServerSigns | null;
  /** True if the user data said that `IsOnline` is 0. */
  readonly isOffline: boolean;
  /** The Chat Server that was asked, null if by type. */
  readonly asked: string | null;
  readonly atStart: ChatFacts;
  readonly atVerdict: ChatFacts;
  /** Names of the Chat Servers connected to Interaction Server at the verdict. */
  readonly connected: readonly string[];
  /** Whether the Chat Server that was asked crashed after the message that decides had set out. */
  readonly crashedMeanwhile: boolean;
  /** Whether it was started again since then: what the message brought was true, and is no more. */
  readonly startedMeanwhile: boolean;
  /** Whether the link to the Chat Server that was asked was lost at some time since the message set out. */
  readonly linkLost: boolean;
  /** What the scenario let every message be answered at the verdict, null if the truth. */
  readonly misconfigured: Misconfiguration | null;
}
