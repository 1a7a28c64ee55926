import Type, { type Static } from 'typebox';
import { Create } from 'typebox/value';
import { INTERACTION_ID_PATTERN, INTERACTION_ID_RULE } from '../probe/probe-order.ts';
import type { Target, TargetRules } from '../probe/target.ts';
import { APP_NAME, flag, integer, number, STRICT, text } from '../schema-tree/schema-kinds.ts';

/*
 * THE settings by which one target guards itself against outages. Types and defaults come from here, the rows of docs/configuration.md are
 * compared with it, `--check-config` tells the descriptions. Every mechanism can be switched off; why the figures are as they are:
 * docs/outages.md.
 */

// Stryker disable StringLiteral: descriptions, which are compared with the page.

/** What spares the platform. */
export const OUTAGE = Type.Object(
  {
    coalesce: flag('Concurrent probes of one chat share one run: one message, an answer for each.', true),
    reuseAliveMs: integer(
      'How long a chat found alive is answered for without asking again; 0 always asks. A `stop` is never reused.',
      0,
      60_000,
      2_000,
    ),
    canary: flag('A Chat Server that is down is asked by one probe at a time; the others wait, and send nothing.', true),
    canaryIntervalMs: integer('Least time between two such questions to one Chat Server.', 100, 60_000, 500),
    lastAttemptsPerSecond: integer('Has no effect any more; accepted so that configurations that set it go on to start.', 0, 100, 5),
    maxInFlightPerServer: integer('Most messages under way to one Chat Server; more wait their turn. 0 for no limit.', 0, 100_000, 250),
    maxReleasePerSecond: integer('Most messages a second to a Chat Server that has just come back.', 1, 100_000, 500),
    holdWhileRestoring: flag(
      'Does not stop orphans while their sessions may still be restored elsewhere, no other Chat Server is known to live, or new chats go on naming theirs.',
      true,
    ),
    breaker: flag(
      'Leaves a gateway that keeps failing alone, but for one trial at a time; probes are answered at once, `gateway_open`.',
      true,
    ),
    breakerFailures: integer(
      'Failures in a row after which it is left alone; while a Chat Server is down, four in a row that could not be written are enough.',
      1,
      10_000,
      20,
    ),
    retryBudget: flag('Limits retries over all probes of the target; one beyond it is not sent, `retry_suppressed`.', true),
    retryShare: number('Retries for each first attempt.', 0, 10, 0.2),
    retriesPerSecond: integer('Retries a second that are always allowed.', 0, 100_000, 20),
    messageLimit: integer(
      'Most messages that one chat may get within `messageWindowMs`, since each stays in its transcript; 0 for no limit. Beyond it: `message_limit`.',
      0,
      10_000,
      10,
    ),
    messageWindowMs: integer('How long a message and a stop count.', 1_000, 86_400_000, 600_000),
    stopsPerInteraction: integer(
      'Most stops that one interaction is answered with within `messageWindowMs`; further ones are `route`, `guarded`. 0 for no limit.',
      0,
      10_000,
      5,
    ),
  },
  STRICT,
);

/** When stops are withheld because there are too many of them. */
const guardSchema = (requireDelivery: boolean) =>
  Type.Object(
    {
      massStop: flag(
        'Withholds stops while there are too many of them at once, by `share` or by `badFirstAnswers`, until living chats show that answers can be trusted or an operator releases the guard.',
        true,
      ),
      share: number('Of all verdicts in the window, those that may be stops.', 0, 1, 0.5),
      verdicts: integer('Fewest verdicts in the window that can trip the guard.', 1, 1_000_000, 50),
      windowMs: integer('How far back the share looks.', 1_000, 3_600_000, 60_000),
      badFirstAnswers: integer('Chats in a row whose first answer may be bad, with no message delivered in between.', 1, 1_000_000, 10),
      requireDelivery: flag(
        'Stops nothing before a message was delivered for the first time since the start: a target that leads to the wrong place answers as if all chats were dead.',
        requireDelivery,
      ),
    },
    STRICT,
  );

// Both settings are optional, so that an empty section sets nothing; the configuration asks for the id beside a Chat Server.
const controlChat = (which: string) =>
  Type.Object(
    {
      interactionId: Type.Optional(text(which, { pattern: INTERACTION_ID_PATTERN, mustBe: `must be ${INTERACTION_ID_RULE}` })),
      chatServer: Type.Optional(text('Chat Server to ask about it; chosen by type unless set.', APP_NAME)),
    },
    STRICT,
  );

/** Interactions that are asked about on an interval to see whether answers can be trusted. */
const CONTROLS = Type.Object(
  {
    intervalMs: integer(
      'How often the two interactions below are asked about. While one of them is answered wrong, nothing is stopped.',
      1_000,
      86_400_000,
      60_000,
    ),
    absent: controlChat('An interaction that never existed. No control probe unless set.'),
    live: controlChat(
      'An interaction that is always alive, where a site has one; not the absent one. It gets a message each time, and `messageLimit` does not spare it.',
    ),
  },
  STRICT,
);

/** Which computed verdicts callers get to see. */
const ENFORCEMENT = {
  shadow: flag('Answers `route` whatever is found out; `shadowVerdict` tells the verdict. For trying things out.', false),
  enforcePercent: number(
    'Share of the interactions whose verdict is answered, always the same ones; the others are treated as in shadow. A fraction is allowed.',
    0,
    100,
    100,
  ),
};

/** All of them, as they stand in a target's section. @param requireDelivery default of the setting of this name, which depends on the adapter. */
export const safetySchema = (requireDelivery: boolean) => ({
  outage: OUTAGE,
  guard: guardSchema(requireDelivery),
  controls: CONTROLS,
  ...ENFORCEMENT,
});

// Stryker restore StringLiteral

export type OutageSettings = Readonly<Static<typeof OUTAGE>>;
export type GuardSettings = Readonly<Static<ReturnType<typeof guardSchema>>>;
export type EnforcementSettings = Readonly<{ [K in keyof typeof ENFORCEMENT]: Static<(typeof ENFORCEMENT)[K]> }>;

/** An interaction whose answer is known beforehand. */
export interface ControlChat {
  readonly interactionId: string;
  /** Chat Server to ask, null to ask by type. */
  readonly chatServer: string | null;
}

export interface ControlSettings {
  readonly intervalMs: number;
  /** One that never existed, null for none. */
  readonly absent: ControlChat | null;
  /** One that is always alive, null for none. */
  readonly live: ControlChat | null;
}

/** Everything beside the rules that makes a verdict of one target into an answer. */
export interface SafetySettings {
  readonly outage: OutageSettings;
  readonly guard: GuardSettings;
  readonly controls: ControlSettings;
  readonly enforcement: EnforcementSettings;
}

/* What holds unless the configuration says otherwise. */
export const BUILT_IN_OUTAGE: OutageSettings = Create(OUTAGE);
/** Of a gateway target. */
export const BUILT_IN_GUARD: GuardSettings = Create(guardSchema(true));
export const BUILT_IN_CONTROLS: ControlSettings = { ...Create(CONTROLS), absent: null, live: null };
export const BUILT_IN_ENFORCEMENT: EnforcementSettings = Create(Type.Object(ENFORCEMENT));

/** A target and what it guards itself with. */
export interface TargetToProtect {
  readonly target: Target;
  /** Names of its Chat Servers that the configuration knows. */
  readonly chatServers: readonly string[];
  readonly safety: SafetySettings;
}

/** What the mechanisms go by. They read it whenever they need it, and keep no copy: `reconfigure` puts other values into the same objects. */
export interface LiveSettings {
  readonly rules: TargetRules;
  readonly safety: SafetySettings;
}

export function liveSettings({ target: { rules }, safety: { outage, guard, controls, enforcement } }: TargetToProtect): LiveSettings {
  const safety = { outage: { ...outage }, guard: { ...guard }, controls: { ...controls }, enforcement: { ...enforcement } };
  return { rules: { ...rules }, safety };
}

export function replaceSettings({ rules, safety }: LiveSettings, changed: TargetToProtect): void {
  Object.assign(rules, changed.target.rules);
  Object.assign(safety.outage, changed.safety.outage);
  Object.assign(safety.guard, changed.safety.guard);
  Object.assign(safety.controls, changed.safety.controls);
  Object.assign(safety.enforcement, changed.safety.enforcement);
}
