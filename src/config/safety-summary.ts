import type {
  ControlChat,
  ControlSettings,
  EnforcementSettings,
  GuardSettings,
  OutageSettings,
  SafetySettings,
} from '../resilience/settings.ts';

/** How a target guards itself, in plain lines. */
export function safetyLines({ outage, guard, controls, enforcement }: SafetySettings): readonly string[] {
  return [
    enforcementText(enforcement),
    guardText(guard),
    ...(outage.holdWhileRestoring
      ? []
      : ['stops are NOT withheld while sessions may still be restored elsewhere or new chats name their Chat Server']),
    sharingText(outage),
    serverText(outage),
    gatewayText(outage),
    limitsText(outage),
    controlsText(controls),
  ];
}

function enforcementText({ shadow, enforcePercent }: EnforcementSettings): string {
  if (shadow) return 'SHADOW MODE: every answer is route, the verdict is told beside it';
  if (enforcePercent === 100) return 'every verdict is answered';
  return `PARTLY ENFORCED: ${enforcePercent} % of the interactions get their verdict, the others route`;
}

function guardText({ massStop, share, verdicts, windowMs, badFirstAnswers, requireDelivery }: GuardSettings): string {
  const many = massStop
    ? `stops are withheld after ${badFirstAnswers} bad first answers in a row, while their share of at least ${verdicts} verdicts in ${windowMs} ms is over ${share}`
    : 'stops are NOT withheld however many there are';
  return `${many}, ${requireDelivery ? 'and until' : 'but NOT until'} a message was delivered`;
}

function sharingText({ coalesce, reuseAliveMs }: OutageSettings): string {
  const recent = reuseAliveMs > 0 ? `a chat found alive is not asked again for ${reuseAliveMs} ms` : 'a chat found alive is asked again';
  return `concurrent probes of one chat ${coalesce ? 'share one run' : 'run apart'}; ${recent}`;
}

function serverText({ canary, canaryIntervalMs, maxInFlightPerServer, maxReleasePerSecond }: OutageSettings): string {
  const crowd = `${maxInFlightPerServer === 0 ? 'any number of' : `at most ${maxInFlightPerServer}`} messages under way to one Chat Server`;
  if (!canary) return `${crowd}; one that is down is asked by every probe`;
  return (
    `${crowd}; one that is down is asked by one probe every ${canaryIntervalMs} ms, ` +
    `one that is back by up to ${maxReleasePerSecond} messages a second`
  );
}

function gatewayText({ breaker, breakerFailures }: OutageSettings): string {
  return breaker ? `the gateway is left alone after ${breakerFailures} failures in a row` : 'the gateway is asked however often it fails';
}

function limitsText(settings: OutageSettings): string {
  const { retryBudget, retryShare, retriesPerSecond, messageLimit, messageWindowMs, stopsPerInteraction } = settings;
  const retries = retryBudget ? `at most ${retryShare} for each first attempt, or ${retriesPerSecond} a second` : 'not limited';
  const messages = messageLimit === 0 ? 'not limited' : `at most ${messageLimit} in ${messageWindowMs} ms`;
  const stops = stopsPerInteraction === 0 ? 'not limited' : `at most ${stopsPerInteraction} in ${messageWindowMs} ms`;
  return `retries over all probes: ${retries}; messages to one chat: ${messages}; stops of one interaction: ${stops}`;
}

function controlsText({ intervalMs, absent, live }: ControlSettings): string {
  const chats = [...controlText('never existed', absent), ...controlText('is alive', live)];
  return chats.length === 0 ? 'no control probes' : `control probes every ${intervalMs} ms: ${chats.join(', ')}`;
}

function controlText(fact: string, chat: ControlChat | null): readonly string[] {
  if (chat === null) return [];
  return [`${chat.interactionId} ${fact} (${chat.chatServer === null ? 'asked by type' : `on ${JSON.stringify(chat.chatServer)}`})`];
}
