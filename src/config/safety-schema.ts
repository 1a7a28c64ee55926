import Type from 'typebox';
import { INTERACTION_ID_PATTERN, INTERACTION_ID_RULE } from '../probe/interaction-id.ts';
import { BUILT_IN_CONTROLS, BUILT_IN_ENFORCEMENT, BUILT_IN_GUARD, BUILT_IN_OUTAGE } from '../resilience/settings.ts';
import { APP_NAME, flag, integer, number, STRICT, text } from './setting-kinds.ts';

const OUTAGE = Type.Object(
  {
    coalesce: flag('Whether concurrent probes of one chat share one run.', BUILT_IN_OUTAGE.coalesce),
    reuseAliveMs: integer(
      'How long a chat found alive is answered for without asking again, in ms; 0 always asks.',
      0,
      60_000,
      BUILT_IN_OUTAGE.reuseAliveMs,
    ),
    canary: flag('Whether a Chat Server that is down is asked by one probe at a time while the others wait.', BUILT_IN_OUTAGE.canary),
    canaryIntervalMs: integer('Least time between two canaries to one Chat Server, in ms.', 100, 60_000, BUILT_IN_OUTAGE.canaryIntervalMs),
    lastAttemptsPerSecond: integer(
      'Has no effect any more; accepted so that configurations that set it go on to start.',
      0,
      100,
      BUILT_IN_OUTAGE.lastAttemptsPerSecond,
    ),
    maxInFlightPerServer: integer(
      'Most messages under way to one Chat Server, more wait their turn; 0 for no limit.',
      0,
      100_000,
      BUILT_IN_OUTAGE.maxInFlightPerServer,
    ),
    maxReleasePerSecond: integer(
      'Most messages a second to a Chat Server that has just come back.',
      1,
      100_000,
      BUILT_IN_OUTAGE.maxReleasePerSecond,
    ),
    holdWhileRestoring: flag(
      'Whether orphans are not stopped while they may still be restored elsewhere, or new chats go on naming their Chat Server.',
      BUILT_IN_OUTAGE.holdWhileRestoring,
    ),
    breaker: flag('Whether a gateway that keeps failing is left alone but for one trial at a time.', BUILT_IN_OUTAGE.breaker),
    breakerFailures: integer(
      'Failures in a row after which it is; while a Chat Server is down, four in a row that could not be written are enough.',
      1,
      10_000,
      BUILT_IN_OUTAGE.breakerFailures,
    ),
    retryBudget: flag('Whether retries are limited over all probes.', BUILT_IN_OUTAGE.retryBudget),
    retryShare: number('Retries for each first attempt.', 0, 10, BUILT_IN_OUTAGE.retryShare),
    retriesPerSecond: integer('Retries a second that are always allowed.', 0, 100_000, BUILT_IN_OUTAGE.retriesPerSecond),
    messageLimit: integer(
      'Most messages that one chat may get within messageWindowMs; 0 for no limit.',
      0,
      10_000,
      BUILT_IN_OUTAGE.messageLimit,
    ),
    messageWindowMs: integer('Window of messageLimit and stopsPerInteraction, in ms.', 1_000, 86_400_000, BUILT_IN_OUTAGE.messageWindowMs),
    stopsPerInteraction: integer(
      'Most stops that one interaction is answered with within messageWindowMs; 0 for no limit.',
      0,
      10_000,
      BUILT_IN_OUTAGE.stopsPerInteraction,
    ),
  },
  STRICT,
);

const guard = (requireDelivery: boolean) =>
  Type.Object(
    {
      massStop: flag('Whether too many stops at once are withheld.', BUILT_IN_GUARD.massStop),
      share: number('Of all verdicts in the window, those that may be stops.', 0, 1, BUILT_IN_GUARD.share),
      verdicts: integer('Fewest verdicts in the window that can trip the guard.', 1, 1_000_000, BUILT_IN_GUARD.verdicts),
      windowMs: integer('How far back the guard looks, in ms.', 1_000, 3_600_000, BUILT_IN_GUARD.windowMs),
      badFirstAnswers: integer(
        'Chats in a row whose first answer may be bad, with no message delivered in between.',
        1,
        1_000_000,
        BUILT_IN_GUARD.badFirstAnswers,
      ),
      requireDelivery: flag('Whether nothing is stopped before a message was delivered for the first time.', requireDelivery),
    },
    STRICT,
  );

// Both settings are optional, so that an empty section sets nothing; `safety.ts` asks for the id beside a Chat Server.
const controlChat = (which: string) =>
  Type.Object(
    {
      interactionId: Type.Optional(
        text(`Interaction that ${which}.`, {
          pattern: INTERACTION_ID_PATTERN,
          mustBe: `must be ${INTERACTION_ID_RULE}`,
        }),
      ),
      chatServer: Type.Optional(text('Chat Server to ask about it; chosen by type unless set.', APP_NAME)),
    },
    STRICT,
  );

const CONTROLS = Type.Object(
  {
    intervalMs: integer('How often they are asked about, in ms.', 1_000, 86_400_000, BUILT_IN_CONTROLS.intervalMs),
    absent: controlChat('never existed'),
    live: controlChat('is always alive'),
  },
  STRICT,
);

/** The settings of a target that make an answer of its verdicts. @param requireDelivery default of the setting of this name. */
export function safetySchema(requireDelivery: boolean) {
  return {
    outage: OUTAGE,
    guard: guard(requireDelivery),
    controls: CONTROLS,
    shadow: flag('Whether every answer is route, with the verdict told beside it.', BUILT_IN_ENFORCEMENT.shadow),
    enforcePercent: number('Share of the interactions whose verdict is answered, in percent.', 0, 100, BUILT_IN_ENFORCEMENT.enforcePercent),
  };
}
