/** How one target guards itself against outages: complete and checked. Every mechanism can be switched off. */
export interface OutageSettings {
  /** Whether concurrent probes of one chat share one run. */
  readonly coalesce: boolean;
  /** How long a chat found alive is answered for without asking again; 0 always asks. */
  readonly reuseAliveMs: number;
  /** Whether a Chat Server that is down is asked by one probe at a time while the others wait. */
  readonly canary: boolean;
  /** Least time between two canaries to one Chat Server. */
  readonly canaryIntervalMs: number;
  /** Accepted, since configurations have it, and without effect: a probe whose time is up is answered with what is known. */
  readonly lastAttemptsPerSecond: number;
  /** Most messages under way to one Chat Server; more wait their turn. 0 for no limit. */
  readonly maxInFlightPerServer: number;
  /** Most messages a second to a Chat Server that has just come back. */
  readonly maxReleasePerSecond: number;
  /** Whether orphans are not stopped while their sessions may still be restored elsewhere, or new chats go on naming their Chat Server. */
  readonly holdWhileRestoring: boolean;
  /** Whether a gateway that keeps failing is left alone but for one trial at a time. */
  readonly breaker: boolean;
  /** Failures in a row after which it is. */
  readonly breakerFailures: number;
  /** Whether retries are limited over all probes. */
  readonly retryBudget: boolean;
  /** Retries for each first attempt. */
  readonly retryShare: number;
  /** Retries a second that are always allowed. */
  readonly retriesPerSecond: number;
  /** Most messages that one chat may get within `messageWindowMs`; 0 for no limit. */
  readonly messageLimit: number;
  readonly messageWindowMs: number;
  /** Most stops that one interaction is answered with within `messageWindowMs`; 0 for no limit. */
  readonly stopsPerInteraction: number;
}

/** When stops are withheld because there are too many of them. */
export interface GuardSettings {
  /** Whether too many stops trip the guard, be it by `share` or by `badFirstAnswers`. */
  readonly massStop: boolean;
  /** Of all verdicts in the window, those that may be stops. */
  readonly share: number;
  /** Fewest verdicts in the window that can trip the guard. */
  readonly verdicts: number;
  readonly windowMs: number;
  /** Chats in a row whose first answer may be bad, with no message delivered in between. */
  readonly badFirstAnswers: number;
  /** Whether nothing is stopped before a message was delivered for the first time. */
  readonly requireDelivery: boolean;
}

/** An interaction whose answer is known beforehand. */
export interface ControlChat {
  readonly interactionId: string;
  /** Chat Server to ask, null to ask by type. */
  readonly chatServer: string | null;
}

/** Interactions that are asked about on an interval to see whether answers can be trusted. */
export interface ControlSettings {
  readonly intervalMs: number;
  /** One that never existed, null for none. */
  readonly absent: ControlChat | null;
  /** One that is always alive, null for none. */
  readonly live: ControlChat | null;
}

/** Which computed verdicts callers get to see. */
export interface EnforcementSettings {
  /** True: every answer is `route`, and the verdict is told beside it. */
  readonly shadow: boolean;
  /** Share of the interactions, 0 to 100, whose verdict is answered; the others are treated as in shadow. */
  readonly enforcePercent: number;
}

/** What holds unless the configuration says otherwise. The reasons for the figures: docs/outages.md. */
export const BUILT_IN_OUTAGE: OutageSettings = {
  coalesce: true,
  reuseAliveMs: 2_000,
  canary: true,
  canaryIntervalMs: 500,
  lastAttemptsPerSecond: 5,
  maxInFlightPerServer: 250,
  maxReleasePerSecond: 500,
  holdWhileRestoring: true,
  breaker: true,
  breakerFailures: 20,
  retryBudget: true,
  retryShare: 0.2,
  retriesPerSecond: 20,
  messageLimit: 10,
  messageWindowMs: 600_000,
  stopsPerInteraction: 5,
};

/** `requireDelivery` depends on the adapter. */
export const BUILT_IN_GUARD: GuardSettings = {
  massStop: true,
  share: 0.5,
  verdicts: 50,
  windowMs: 60_000,
  badFirstAnswers: 10,
  requireDelivery: true,
};

export const BUILT_IN_CONTROLS: ControlSettings = { intervalMs: 60_000, absent: null, live: null };

export const BUILT_IN_ENFORCEMENT: EnforcementSettings = { shadow: false, enforcePercent: 100 };

/** Everything beside the rules that makes a verdict of one target into an answer. */
export interface SafetySettings {
  readonly outage: OutageSettings;
  readonly guard: GuardSettings;
  readonly controls: ControlSettings;
  readonly enforcement: EnforcementSettings;
}
