import type { InteractionServerAdapter } from './adapter.ts';
import type { Visibility } from './esp.ts';

/** What follows for a chat whose Chat Server is down. `auto`: see `verdictOf`. */
export const ON_CHAT_SERVER_DOWN = ['stop', 'route', 'auto'] as const;
export type OnChatServerDown = (typeof ON_CHAT_SERVER_DOWN)[number];

/** What follows for an answer of Interaction Server that the table does not know. */
export const ON_UNRECOGNISED = ['route', 'stop'] as const;
export type OnUnrecognised = (typeof ON_UNRECOGNISED)[number];

/** How a target's answers are to be read. Pure data: the same rules and attempts give the same verdict. */
export interface TargetRules {
  /** True if another Chat Server may restore a session after a crash. */
  readonly ha: boolean;
  /** True if only one Chat Server exists, so that asking by type asks the host of every chat. */
  readonly singleChatServer: boolean;
  readonly onChatServerDown: OnChatServerDown;
  /** Milliseconds after a crash during which a session can still be restored (`flex-disconnect-timeout`). */
  readonly restoreWindowMs: number;
  /** With high availability: least time in ms between the two bad answers that a stop rests on. */
  readonly confirmAfterMs: number;
  readonly onUnrecognised: OnUnrecognised;
  /** What the texts of its workflow engine mean; left out where this service sends the messages. */
  readonly patterns?: OutcomePatterns;
}

/** What a workflow engine says, as its site has confirmed it. Nothing is proved by a list that is empty. */
export interface OutcomePatterns {
  readonly sessionNotFound: readonly string[];
  readonly chatServerNotFound: readonly string[];
  /** Of what ended well: see `ANY_TEXT`. */
  readonly delivered: readonly string[];
}

/** The hidden message, but for what the interaction brings. */
export interface MessageTemplate {
  readonly text: string;
  readonly type: string | null;
  readonly visibility: Visibility;
  /** User-data keys under which the interaction id travels; at least one. */
  readonly idKeys: readonly string[];
}

/** One Interaction Server and how to treat its chats. */
export interface Target {
  readonly name: string;
  readonly rules: TargetRules;
  readonly message: MessageTemplate;
  readonly adapter: InteractionServerAdapter;
}
