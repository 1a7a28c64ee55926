import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DurationSeconds, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboardOf } from './dashboard.ts';
import { PLAIN, stat, tooLittle, tooMuch } from './panels.ts';
import { processPanels } from './process-panels.ts';
import { JOB, TARGET } from './queries.ts';
import { loadPanels, statePanels } from './state-panels.ts';
import { attemptPanels, requestPanels, timePanels } from './work-panels.ts';

/** For the engineer: how the service itself is doing. */
export function probeInternals(): Dashboard {
  return dashboardOf({
    uid: 'probe-internals',
    title: 'Probe internals',
    description: 'For the engineer: time, attempts, circuit breakers, guard, load shedding, evidence, configuration and the process.',
    from: 'now-1h',
    rows: [
      ['Now', now()],
      ['Requests', requestPanels()],
      ['Time', timePanels()],
      ['Attempts and messages', attemptPanels()],
      ['Circuit breakers and guard', statePanels()],
      ['Load', loadPanels()],
      ['Process', processPanels()],
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
      steps: tooMuch(1),
      queries: [{ expr: `count(up{${JOB}} == 0) or vector(0)`, legend: 'down' }],
      alerts: ['ChatProbeInstanceDown'],
    }),
    stat({
      title: 'Requests refused',
      description: 'Of the requests for a verdict of 5 minutes, the share that was refused (4xx): their chats are routed unasked.',
      width: 4,
      unit: PercentUnit,
      steps: tooMuch(0.5, 0.05),
      queries: [{ expr: `max(job:chatprobe_refused:ratio_rate5m{${JOB}} >= 0)`, legend: 'refused' }],
      whenEmpty: 'nobody asked',
      alerts: ['ChatProbeRequestsRefused', 'ChatProbeNobodyAsks'],
    }),
    stat({
      title: 'Verdicts that rest on nothing',
      description:
        'The error budget: of the verdicts of an hour, the share with evidence unknown. One in a hundred is budgeted; the worst target.',
      width: 4,
      unit: PercentUnit,
      decimals: 1,
      steps: tooMuch(0.144, 0.06),
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
      steps: tooMuch(1),
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
      steps: tooLittle(14 * 86_400, 2 * 86_400),
      queries: [{ expr: `min(chatprobe_certificate_not_after_timestamp_seconds{${JOB}}) - time()`, legend: 'expires in' }],
      whenEmpty: 'none configured',
      alerts: ['ChatProbeCertificateExpires', 'ChatProbeCertificateExpired'],
    }),
  ];
}
