/**
 * The words of ESP (External Service Protocol) as far as a probe needs them. Facts: docs/genesys.md, "The message" and "The answers".
 */

/** User data travels as a tree of strings, numbers and nested lists. */
export type UserDataValue = string | number | UserData;

export interface UserData {
  readonly [key: string]: UserDataValue;
}

/** Who sees the message: everyone, agents and supervisors, or supervisors only. */
export const VISIBILITIES = ['ALL', 'INT', 'VIP'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export const APP_TYPE = 'ChatServer';
export const SERVICE = 'Chat';
export const METHOD = 'Message';

/** One `Request3rdServer`: a chat message for the session that the user data names. */
export interface EspRequest {
  /** Positive 32-bit number, fresh for each send; the answer must carry it back. */
  readonly referenceId: number;
  /** The Chat Server to ask, or null to let Interaction Server choose one by type. */
  readonly appName: string | null;
  readonly messageText: string;
  readonly messageType: string | null;
  readonly visibility: Visibility;
  readonly userData: UserData;
}

/** What Interaction Server (or Chat Server behind it) said. */
export type EspReply = EspResponse | EspFault | EspError;

interface Answer {
  readonly referenceId: number;
  /** As it came, null if none came. Unchecked, because nothing but the ids in it is ever read. */
  readonly userData: Readonly<Record<string, unknown>> | null;
  /** The same of our request as it was echoed; left out where nothing was. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** Keys that stood twice in one object of either, of which only the last was kept; left out where there were none. */
  readonly repeatedKeys?: readonly string[];
}

/** `Event3rdServerResponse`: the message was delivered. */
export interface EspResponse extends Answer {
  readonly kind: 'response';
}

/** `Event3rdServerFault` (`ExternalServiceFault`, message 502), or a response that carries a fault's code: Chat Server runs and refused. */
export interface EspFault extends Answer {
  readonly kind: 'fault';
  /** `Service` as echoed, null if it was not. */
  readonly service: string | null;
  /** `FaultCode` in decimal, whether it came as string or number; null if absent. */
  readonly faultCode: string | null;
  readonly faultString: string | null;
}

/** `EventError` (message 52): Interaction Server itself could not pass the message on. */
export interface EspError extends Answer {
  readonly kind: 'error';
  /** Whether it came as number or as text. */
  readonly errorCode: number;
  /** Under whichever of its two names it came. */
  readonly errorMessage: string | null;
}
