import { Counter, Histogram, type Registry } from 'prom-client';
import { type Attempt, mayStandInTranscript } from '../probe/attempt.ts';
import type { ProbeEvent, ProbeIdentity } from '../probe/probe-order.ts';
import { EVIDENCE, REASON_NAMES, REASONS, type Reason } from '../probe/reasons.ts';
import type { TargetRules } from '../probe/target.ts';
import { conclude, type ProbeResult, SERVED_BY, type ServedBy, VERDICTS } from '../probe/verdict.ts';
import type { Control, ServiceEvent } from '../resilience/events.ts';
import { createGauge, createTally } from './tally.ts';

const PROBE_BUCKETS_S = [0.01, 0.05, 0.25, 1, 2, 4, 6, 8, 10, 20, 30, 45, 60];

/** One family of metrics, whose series come and go with the targets. */
export interface TargetMetrics<Event = ServiceEvent> {
  readonly observe: (event: Event) => void;
  /** Puts every legal series of the target at zero, but those that stand already. @param before as it was until now, null if there was none. */
  expect(target: MeteredTarget, before: MeteredTarget | null): void;
  /** Takes the series of the target away. */
  forget(target: MeteredTarget): void;
}

/** Counts what callers were answered and what was found out, each on its own. */
export function createProbeMetrics(registry: Registry, servers: ServerLabels): TargetMetrics {
  const metrics = createSeries(registry);

  const finish = ({ probeId, target, chatServer }: ProbeIdentity, { evidence, verdict, reason, elapsedMs }: ProbeResult): void => {
    metrics.inFlight.add(-1, target);
    metrics.probes.add(1, target, evidence, verdict, reason);
    metrics.byServer.add(1, target, servers.of(target, chatServer), evidence);
    metrics.durations.observe({ labels: { target, evidence }, value: elapsedMs / 1000, exemplarLabels: { probe_id: probeId } });
  };
  return {
    observe(event) {
      if (event.type === 'probe_started') metrics.inFlight.add(1, event.probe.target);
      else if (event.type === 'probe_finished') finish(event.probe, event.result);
      else if (event.type === 'request_answered') metrics.requests.add(1, event.target, event.verdict, event.servedBy);
      else if (event.type === 'fault') metrics.faults.inc();
      else if (event.type === 'probe_cancelled') {
        metrics.inFlight.add(-1, event.probe.target);
        metrics.cancelled.add(1, event.probe.target);
      }
    },
    expect(target, before) {
      const named = servers.all(target);
      for (const server of before === null ? [] : servers.all(before)) {
        if (!named.includes(server)) metrics.byServer.forget(target.name, server);
      }
      startAtZero(metrics, target, named);
    },
    forget({ name }) {
      for (const counted of [metrics.probes, metrics.cancelled, metrics.byServer, metrics.requests, metrics.inFlight]) counted.forget(name);
      for (const evidence of EVIDENCE) metrics.durations.remove({ target: name, evidence });
    },
  };
}

type Series = ReturnType<typeof createSeries>;

function createSeries(registry: Registry) {
  const tally = (name: string, help: string, ...labelNames: string[]) => createTally({ name, help, labelNames, registry });
  const durations = new Histogram<string>({
    name: 'chatprobe_probe_duration_seconds',
    help: 'Time from the start of a probe to its verdict.',
    labelNames: ['target', 'evidence'],
    buckets: PROBE_BUCKETS_S,
    enableExemplars: true,
    registers: [],
  });
  // Not as the others: for prom-client only a registry that writes nothing but OpenMetrics may have exemplars; ours writes either.
  registry.registerMetric(durations);
  return {
    probes: tally('chatprobe_probes_total', 'Probes finished, by what was found out.', 'target', 'evidence', 'verdict', 'reason'),
    cancelled: tally('chatprobe_probes_cancelled_total', 'Probes without a verdict because the caller hung up.', 'target'),
    byServer: tally(
      'chatprobe_server_probes_total',
      'Probes finished, by the Chat Server that was named.',
      'target',
      'chat_server',
      'evidence',
    ),
    requests: tally('chatprobe_requests_total', 'Verdicts given to callers.', 'target', 'verdict', 'served_by'),
    inFlight: createGauge({ name: 'chatprobe_probes_in_flight', help: 'Probes under way.', labelNames: ['target'], registry }),
    faults: new Counter({ name: 'chatprobe_faults_total', help: 'Bugs of this service met while answering.', registers: [registry] }),
    durations,
  };
}

function startAtZero(metrics: Series, target: MeteredTarget, chatServers: readonly string[]): void {
  const { name } = target;
  for (const { evidence, verdict, reason } of legalProbes(target)) metrics.probes.add(0, name, evidence, verdict, reason);
  for (const evidence of EVIDENCE) {
    for (const server of chatServers) metrics.byServer.add(0, name, server, evidence);
  }
  // Where the workflow sends, nobody else does.
  const isServed = (by: ServedBy): boolean => (target.rules.patterns === undefined) === (by !== 'observation') || by === 'none';
  for (const verdict of VERDICTS) {
    for (const servedBy of SERVED_BY.filter(isServed)) {
      // A verdict is used again only where the chat was found alive.
      if (servedBy !== 'recent' || verdict === 'route') metrics.requests.add(0, name, verdict, servedBy);
    }
  }
  metrics.cancelled.add(0, name);
  metrics.inFlight.add(0, name);
}

/** Every combination that the target's rules can bring about. */
export function legalProbes({ rules }: Pick<MeteredTarget, 'rules'>) {
  return REASON_NAMES.flatMap((reason) => {
    const verdicts = new Set([false, true].map((isKnownDown) => conclude(reason, rules, 0, isKnownDown).verdict));
    return [...verdicts].map((verdict) => ({ evidence: REASONS[reason].evidence, verdict, reason }));
  });
}

/** Delivered; answered with a valid fault or error; neither. */
const RESULTS = ['ok', 'fault', 'transport'] as const;
const ATTEMPT_BUCKETS_S = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 10];
/** Reasons that a single attempt can have: what the far end or the way there says, or a bug of ours. */
const ATTEMPT_REASONS = REASON_NAMES.filter((reason) => REASONS[reason].origin !== 'service' || reason === 'internal_error');

/** Counts single sends, and the hidden messages they may have left in transcripts. */
export function createAttemptMetrics(registry: Registry): TargetMetrics<ProbeEvent> {
  const attempts = createTally({
    name: 'chatprobe_attempts_total',
    help: 'Sends, by what each came to.',
    labelNames: ['target', 'reason'],
    registry,
  });
  const durations = new Histogram({
    name: 'chatprobe_attempt_duration_seconds',
    help: 'Time of one send: delivered, answered with a valid fault or error, or neither.',
    labelNames: ['target', 'result'],
    buckets: ATTEMPT_BUCKETS_S,
    registers: [registry],
  });
  const messages = createTally({
    name: 'chatprobe_hidden_messages_total',
    help: 'Hidden messages in transcripts: confirmed by a reply, or written and neither answered nor rejected, so perhaps there.',
    labelNames: ['target', 'delivery'],
    registry,
  });
  const countMessage = (target: string, attempt: Attempt): void => {
    if (mayStandInTranscript(attempt)) messages.add(1, target, attempt.reason === 'delivered' ? 'confirmed' : 'unconfirmed');
  };
  return {
    observe(event) {
      if (event.type !== 'attempt_finished' && event.type !== 'attempt_cancelled') return;
      const { attempt, probe } = event;
      countMessage(probe.target, attempt);
      if (event.type === 'attempt_cancelled') return;
      attempts.add(1, probe.target, attempt.reason);
      durations.observe({ target: probe.target, result: resultOf(attempt.reason) }, attempt.durationMs / 1000);
    },
    expect({ name: target }, before) {
      if (before !== null) return;
      for (const reason of ATTEMPT_REASONS) attempts.add(0, target, reason);
      for (const delivery of ['confirmed', 'unconfirmed']) messages.add(0, target, delivery);
    },
    forget({ name: target }) {
      attempts.forget(target);
      messages.forget(target);
      for (const result of RESULTS) durations.remove({ target, result });
    },
  };
}

function resultOf(reason: Reason): (typeof RESULTS)[number] {
  if (reason === 'delivered') return 'ok';
  return REASONS[reason].origin === 'reply' ? 'fault' : 'transport';
}

/** Label of Chat Servers that the configuration does not name: callers choose names, metrics must not grow by them. */
const OTHER = 'other';

/** What decides which series a target can ever have. */
export interface MeteredTarget {
  readonly name: string;
  readonly adapter: string;
  readonly rules: TargetRules;
  readonly chatServers: readonly string[];
  /** Control probes that are configured. */
  readonly controls: readonly Control[];
  /** Share of the interactions whose verdict is answered, 0 to 100; 0 in shadow mode. */
  readonly enforcePercent: number;
}

/** The values that the label `chat_server` can have; of which names the configuration knows, `replace` tells. */
export interface ServerLabels {
  /** Every value, for one target. */
  all(target: MeteredTarget): readonly string[];
  /** The value for a name that a caller gave; `other` as well where none was (null). */
  of(target: string, chatServer: string | null): string;
  replace(targets: readonly MeteredTarget[]): void;
}

export function createServerLabels(): ServerLabels {
  let named: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  return {
    replace(targets) {
      named = new Map(targets.map(({ name, chatServers }) => [name, new Set(chatServers)]));
    },
    all: ({ chatServers }) => [...chatServers, OTHER],
    of: (target, chatServer) => (chatServer !== null && named.get(target)?.has(chatServer) === true ? chatServer : OTHER),
  };
}
