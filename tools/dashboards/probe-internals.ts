import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { BytesIEC, CountsPerMinute, DurationSeconds, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboardOf } from './dashboard.ts';
import { graph, PLAIN, stat, timeline } from './panels.ts';
import {
  CHAT_SERVER_STATES,
  CONTROL_STATES,
  chatServerStates,
  controlStates,
  GATEWAY_STATES,
  GUARD_STATES,
  guardStates,
  JOB,
  overall,
  perMinute,
  quantile,
  TARGET,
} from './queries.ts';

const ROUTE = 'route="/interactions/:id/probe"';

/** For the engineer: how the service itself is doing. */
export function probeInternals(): Dashboard {
  return dashboardOf({
    uid: 'probe-internals',
    title: 'Probe internals',
    description: 'For the engineer: time, attempts, circuit breakers, guard, load shedding, evidence, configuration and the process.',
    from: 'now-1h',
    rows: [
      ['Now', now()],
      ['Requests', requests()],
      ['Time', time()],
      ['Attempts and messages', attempts()],
      ['Circuit breakers and guard', states()],
      ['Load', load()],
      ['Process', processes()],
    ],
  });
}

function now() {
  return [
    stat({
      title: 'Instances that do not answer',
      description: 'Instances that Prometheus cannot scrape.',
      width: 4,
      unit: Short,
      steps: [
        [null, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: `count(up{${JOB}} == 0) or vector(0)`, legend: 'down' }],
      alerts: ['ChatProbeInstanceDown'],
    }),
    stat({
      title: 'Requests refused',
      description: 'Of the requests for a verdict of 5 minutes, the share that was refused (4xx): their chats are routed unasked.',
      width: 4,
      unit: PercentUnit,
      steps: [
        [null, 'green'],
        [0.05, 'orange'],
        [0.5, 'red'],
      ],
      queries: [{ expr: `max(job:chatprobe_refused:ratio_rate5m{${JOB}} >= 0)`, legend: 'refused' }],
      whenEmpty: 'nobody asked',
      alerts: ['ChatProbeRequestsRefused', 'ChatProbeNobodyAsks'],
    }),
    stat({
      title: 'Verdicts that rest on nothing',
      description: 'The error budget: of the verdicts of an hour, the share with evidence unknown. One in a hundred is budgeted; the worst target.',
      width: 4,
      unit: PercentUnit,
      decimals: 1,
      steps: [
        [null, 'green'],
        [0.06, 'orange'],
        [0.144, 'red'],
      ],
      queries: [{ expr: `max(job_target:chatprobe_blind:ratio_rate1h{${TARGET}} >= 0)`, legend: 'blind' }],
      whenEmpty: 'nobody asked',
      alerts: ['ChatProbeBudgetBurnsFast', 'ChatProbeBudgetBurnsSlowly'],
    }),
    stat({
      title: 'Bugs met',
      description: 'Bugs of the service itself that were met in the chosen time. The log has each at level error.',
      width: 4,
      unit: Short,
      decimals: 0,
      steps: [
        [null, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: `sum(increase(chatprobe_faults_total{${JOB}}[$__range]))`, legend: 'bugs' }],
      alerts: ['ChatProbeFaults'],
    }),
    stat({
      title: 'Configuration',
      description: 'Whether the configuration that was read last is in force on every instance. If not, an older one is.',
      width: 4,
      unit: 'none',
      steps: PLAIN,
      states: [
        [0, 'REFUSED', 'red'],
        [1, 'in force', 'green'],
      ],
      queries: [{ expr: `min(chatprobe_config_last_reload_successful{${JOB}})`, legend: 'configuration' }],
      alerts: ['ChatProbeConfigRefused'],
    }),
    stat({
      title: 'The next certificate expires in',
      description: 'The first certificate of those that are configured, whichever it is: docs/operating.md, "TLS".',
      width: 4,
      unit: DurationSeconds,
      steps: [
        [null, 'red'],
        [2 * 86_400, 'orange'],
        [14 * 86_400, 'green'],
      ],
      queries: [{ expr: `min(chatprobe_certificate_not_after_timestamp_seconds{${JOB}}) - time()`, legend: 'expires in' }],
      whenEmpty: 'none configured',
      alerts: ['ChatProbeCertificateExpires', 'ChatProbeCertificateExpired'],
    }),
  ];
}

function requests() {
  return [
    graph({
      title: 'Requests for a verdict, by status',
      description: 'A minute. Every well-formed probe gets 200, whatever is broken; anything else is a mistake of the caller.',
      width: 12,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [{ expr: perMinute('code', `chatprobe_http_requests_total{${JOB}, ${ROUTE}}`), legend: '{{code}}' }],
      alerts: ['ChatProbeRequestsRefused', 'ChatProbeNobodyAsks'],
    }),
    graph({
      title: 'Requests, by caller',
      description: 'A minute, of those that need a scope. unauthorized: no valid secret. forbidden: not for this caller. refused: a mistake in the request.',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [
        { expr: perMinute('caller, outcome', `chatprobe_caller_requests_total{${JOB}}`), legend: '{{caller}} {{outcome}}' },
      ],
    }),
    graph({
      title: 'What served the answers',
      description:
        'Answers a minute. probe: asked for this request. coalesced, recent: shared with another request. canary, observation: known from another chat of the same Chat Server. none: nothing was sent.',
      width: 12,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [{ expr: perMinute('served_by', `chatprobe_requests_total{${TARGET}}`), legend: '{{served_by}}' }],
    }),
    graph({
      title: 'Callers who hung up',
      description: 'Probes a minute that were cancelled because their caller left before the verdict: its time-out may be shorter than the policy.',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('target', `chatprobe_probes_cancelled_total{${TARGET}}`), legend: '{{target}}' }],
    }),
  ];
}

function time() {
  const verdicts = `chatprobe_probe_duration_seconds_bucket{${TARGET}}`;
  return [
    graph({
      title: 'Time to a verdict',
      description: 'So many of the probes take no longer. A gap means that nobody asked.',
      width: 12,
      unit: Seconds,
      steps: PLAIN,
      queries: [0.5, 0.95, 0.99].map((share) => ({ expr: quantile(share, '', verdicts), legend: `${share * 100} %` })),
    }),
    graph({
      title: 'Time to a verdict, by evidence: 99 of 100',
      description: 'Living chats should answer at once; the others are asked again until the policy ends.',
      width: 12,
      unit: Seconds,
      steps: PLAIN,
      queries: [{ expr: quantile(0.99, 'evidence', verdicts), legend: '{{evidence}}' }],
    }),
    graph({
      title: 'Time of a send, by result: 99 of 100',
      description: 'ok: delivered. fault: a valid fault or error of Interaction Server. transport: no valid answer, up to the time-out of an attempt.',
      width: 12,
      unit: Seconds,
      steps: PLAIN,
      queries: [{ expr: quantile(0.99, 'result', `chatprobe_attempt_duration_seconds_bucket{${TARGET}}`), legend: '{{result}}' }],
    }),
    graph({
      title: 'Time of a request, by route: 99 of 100',
      description: 'All of HTTP, from the first byte to the last. Those for a verdict last as long as the probe.',
      width: 12,
      unit: Seconds,
      steps: PLAIN,
      queries: [{ expr: quantile(0.99, 'route', `chatprobe_http_request_duration_seconds_bucket{${JOB}}`), legend: '{{route}}' }],
    }),
  ];
}

function attempts() {
  const messages = `chatprobe_hidden_messages_total{${TARGET}}`;
  return [
    graph({
      title: 'Attempts, by reason',
      description: 'Single sends a minute, and what came of them. docs/reference.md says what each reason proves.',
      width: 24,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('reason', `chatprobe_attempts_total{${TARGET}}`), legend: '{{reason}}' }],
      alerts: ['ChatProbeNeverDelivered'],
    }),
    graph({
      title: 'Messages for each probe',
      description: 'Hidden messages of an hour for each probe. Well over 1 means retries, below 1 that requests share probes.',
      width: 8,
      unit: Short,
      decimals: 2,
      steps: PLAIN,
      queries: [
        { expr: `max by (target) (job_target:chatprobe_hidden_messages_per_probe:ratio_rate1h{${TARGET}})`, legend: '{{target}}' },
      ],
    }),
    graph({
      title: 'Messages in transcripts',
      description: 'A minute. unconfirmed: written, but neither answered validly nor rejected.',
      width: 8,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [{ expr: perMinute('delivery', messages), legend: '{{delivery}}' }],
      alerts: ['ChatProbeNeverDelivered'],
    }),
    graph({
      title: 'Messages spared',
      description: 'Messages a minute that were not sent, and thanks to what.',
      width: 8,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [{ expr: perMinute('mechanism', `chatprobe_messages_saved_total{${TARGET}}`), legend: '{{mechanism}}' }],
    }),
  ];
}

function states() {
  return [
    timeline({
      title: "The gateways' circuit breakers",
      description: 'Open: the gateway keeps failing, one trial at a time asks it, and all other chats are routed unasked. The worst of the instances.',
      width: 12,
      states: GATEWAY_STATES,
      queries: [{ expr: `max by (target) (chatprobe_gateway_open{${TARGET}})`, legend: '{{target}}' }],
      alerts: ['ChatProbeGatewayOpen'],
    }),
    timeline({
      title: "The Chat Servers' circuit breakers",
      description: 'Not found: one canary at a time asks. Recovering: slow start. The worst of the instances.',
      width: 12,
      states: CHAT_SERVER_STATES,
      queries: [{ expr: `max by (target, chat_server) (${chatServerStates(TARGET)})`, legend: '{{target}} {{chat_server}}' }],
      alerts: ['ChatProbeChatServerSuspect', 'ChatProbeServerStillUsed'],
    }),
    timeline({
      title: 'The guard',
      description: 'Each instance has its own; the worst of them.',
      width: 12,
      states: GUARD_STATES,
      queries: [{ expr: `max by (target) (${guardStates(TARGET)})`, legend: '{{target}}' }],
      alerts: ['ChatProbeGuardTripped', 'ChatProbeGuardReleased'],
    }),
    timeline({
      title: 'Control probes',
      description: 'The last answer to each interaction whose answer is known. While one is wrong, nothing is stopped.',
      width: 12,
      states: CONTROL_STATES,
      queries: [{ expr: controlStates(TARGET), legend: '{{target}} {{control}}' }],
      alerts: ['ChatProbeControlWrong'],
    }),
    graph({
      title: 'Stops withheld, by cause',
      description: 'Stops a minute that were concluded and answered with route. docs/operating.md explains each cause under "The guard".',
      width: 24,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('cause', `chatprobe_stops_withheld_total{${TARGET}}`), legend: '{{cause}}' }],
      alerts: ['ChatProbeServerStillUsed', 'ChatProbeNotEnforced'],
    }),
  ];
}

function load() {
  return [
    graph({
      title: 'Probes under way',
      description: 'Parked ones wait for a Chat Server that is down, is coming back, or has as many messages as it may get.',
      width: 12,
      unit: Short,
      steps: PLAIN,
      queries: [
        { expr: `sum by (target) (chatprobe_probes_in_flight{${TARGET}})`, legend: '{{target}} under way' },
        { expr: `sum by (target) (chatprobe_probes_parked{${TARGET}})`, legend: '{{target}} parked' },
      ],
      alerts: ['ChatProbeShedding'],
    }),
    graph({
      title: 'Probes shed, by cause',
      description: 'Probes a minute that were answered overloaded. docs/operating.md explains each cause under "Overload".',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('cause', `chatprobe_probes_shed_total{${TARGET}}`), legend: '{{cause}}' }],
      alerts: ['ChatProbeShedding'],
    }),
    graph({
      title: 'Evidence that made room',
      description: 'Records of answered probes a minute that a newer one pushed out of memory. It is a loss only if stops go within a day.',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('verdict', `chatprobe_evidence_evicted_total{${TARGET}}`), legend: '{{verdict}}' }],
      alerts: ['ChatProbeEvidenceLost'],
    }),
    graph({
      title: 'Feedback',
      description: 'Probes a minute of which somebody said what the chat really was.',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [
        { expr: perMinute('verdict, truth', `chatprobe_feedback_total{${TARGET}}`), legend: 'answered {{verdict}}, was {{truth}}' },
      ],
      alerts: ['ChatProbeFalseStops'],
    }),
  ];
}

function processes() {
  const worst = (expr: string) => `max by (instance) (${expr})`;
  return [
    graph({
      title: 'Longest delay of the event loop',
      description: 'In the minute before. Beyond the line (server.maxEventLoopDelayMs unless changed) probes are shed.',
      width: 12,
      unit: Seconds,
      lines: true,
      steps: [
        [null, 'green'],
        [1, 'red'],
      ],
      queries: [{ expr: worst(`chatprobe_event_loop_delay_max_seconds{${JOB}}`), legend: '{{instance}}' }],
      alerts: ['ChatProbeShedding'],
    }),
    graph({
      title: 'Processor',
      description: 'Of one processor. Node.js runs the service on one; 100 % is all it can use.',
      width: 12,
      unit: PercentUnit,
      lines: true,
      steps: [
        [null, 'green'],
        [0.8, 'red'],
      ],
      queries: [{ expr: worst(`rate(process_cpu_seconds_total{${JOB}}[$__rate_interval])`), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Memory',
      description: 'Of the process, and of it what the heap uses and has.',
      width: 12,
      unit: BytesIEC,
      steps: PLAIN,
      queries: [
        { expr: worst(`process_resident_memory_bytes{${JOB}}`), legend: '{{instance}} resident' },
        { expr: worst(`nodejs_heap_size_total_bytes{${JOB}}`), legend: '{{instance}} heap' },
        { expr: worst(`nodejs_heap_size_used_bytes{${JOB}}`), legend: '{{instance}} heap used' },
      ],
    }),
    graph({
      title: 'Open descriptors',
      description: 'Of those that the process may open, each connection being one.',
      width: 12,
      unit: PercentUnit,
      lines: true,
      steps: [
        [null, 'green'],
        [0.8, 'red'],
      ],
      queries: [{ expr: worst(`process_open_fds{${JOB}} / process_max_fds{${JOB}}`), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Configuration read again',
      description: 'Times in the chosen time, up to each moment, whether or not it could be used.',
      width: 8,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: overall('result', `chatprobe_config_reloads_total{${JOB}}`), legend: '{{result}}' }],
      alerts: ['ChatProbeConfigRefused'],
    }),
    graph({
      title: 'Age of the process and of its configuration',
      description: 'A line that falls to zero is a restart, or a configuration that was put in force.',
      width: 8,
      unit: DurationSeconds,
      steps: PLAIN,
      queries: [
        { expr: `time() - max by (instance) (process_start_time_seconds{${JOB}})`, legend: '{{instance}} process' },
        {
          expr: `time() - max by (instance) (chatprobe_config_last_reload_success_timestamp_seconds{${JOB}})`,
          legend: '{{instance}} configuration',
        },
      ],
    }),
    graph({
      title: 'Instances, by version',
      description: 'Of the service and of Node.js.',
      width: 8,
      unit: Short,
      decimals: 0,
      stacked: true,
      steps: PLAIN,
      queries: [
        { expr: `count by (version, node_version) (chatprobe_build_info{${JOB}})`, legend: '{{version}} on Node.js {{node_version}}' },
      ],
    }),
  ];
}
