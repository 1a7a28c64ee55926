import { CountsPerMinute, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { graph, PLAIN } from './panels.ts';
import { JOB, perMinute, quantile, TARGET } from './queries.ts';

const ROUTE = 'route="/interactions/:id/probe"';

/** What callers ask for and get. */
export function requestPanels() {
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
      description:
        'A minute, of those that need a scope. unauthorized: no valid secret. forbidden: not for this caller. refused: a mistake in the request.',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('caller, outcome', `chatprobe_caller_requests_total{${JOB}}`), legend: '{{caller}} {{outcome}}' }],
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
      description:
        'Probes a minute that were cancelled because their caller left before the verdict: its time-out may be shorter than the policy.',
      width: 12,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('target', `chatprobe_probes_cancelled_total{${TARGET}}`), legend: '{{target}}' }],
    }),
  ];
}

/** How long it takes. */
export function timePanels() {
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
      description:
        'ok: delivered. fault: a valid fault or error of Interaction Server. transport: no valid answer, up to the time-out of an attempt.',
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

/** What is sent for it. */
export function attemptPanels() {
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
      queries: [{ expr: `max by (target) (job_target:chatprobe_hidden_messages_per_probe:ratio_rate1h{${TARGET}})`, legend: '{{target}}' }],
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
