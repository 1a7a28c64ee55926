import { CountsPerMinute, DurationSeconds, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { bars, graph, PLAIN, stat, tooMuch } from './panels.ts';
import { JOB, overall, perMinute, TARGET } from './queries.ts';

/** What the probe spared agents and transcripts, and whether it was right. */
export function savedPanels() {
  const stops = `chatprobe_stops_answered_total{${TARGET}}`;
  return [
    stat({
      title: "Agents' visits saved",
      description: 'Stops that callers were answered with. Each is a ghost that did not go to an agent.',
      width: 4,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: `sum(increase(${stops}[$__range]))`, legend: 'visits' }],
    }),
    stat({
      title: "Agents' time saved",
      description: 'Those visits, at the minutes that stand above.',
      width: 4,
      unit: DurationSeconds,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: `sum(increase(${stops}[$__range])) * 60 * $visit_minutes`, legend: 'time' }],
    }),
    stat({
      title: 'False stops, in 7 days',
      description:
        'Of the stops of which somebody told the truth (POST /probes/{probeId}/feedback), the share whose customer was there. The worst target.',
      width: 4,
      unit: PercentUnit,
      decimals: 1,
      steps: tooMuch(0.01),
      queries: [{ expr: `max(job_target:chatprobe_false_stop:ratio_rate7d{${TARGET}} >= 0)`, legend: 'false stops' }],
      whenEmpty: 'nobody told',
      alerts: ['ChatProbeFalseStops'],
    }),
    stat({
      title: 'Alerts that fire',
      description: 'Of this service, whichever target. The red marks in the graphs tell when they began.',
      width: 4,
      unit: Short,
      steps: tooMuch(1),
      queries: [{ expr: `count(ALERTS{alertname=~"ChatProbe.+", alertstate="firing", ${JOB}}) or vector(0)`, legend: 'alerts' }],
    }),
    stat({
      title: 'Messages in transcripts',
      description: 'Each probe leaves a hidden message in the transcript of a chat that lives, visible to supervisors only.',
      width: 4,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: `sum(increase(chatprobe_hidden_messages_total{${TARGET}}[$__range]))`, legend: 'messages' }],
    }),
    stat({
      title: 'Messages spared',
      description: 'Messages that the service did not need to send, since another probe had just asked, or there was nobody to ask.',
      width: 4,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: `sum(increase(chatprobe_messages_saved_total{${TARGET}}[$__range]))`, legend: 'messages' }],
    }),
    graph({
      title: 'Visits saved over time, by reason',
      description: 'Stops answered a minute.',
      width: 12,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [{ expr: perMinute('reason', stops), legend: '{{reason}}' }],
    }),
    bars({
      title: 'Visits saved, by reason',
      description: 'Stops answered in the chosen time.',
      width: 6,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: overall('reason', stops), legend: '{{reason}}' }],
    }),
    bars({
      title: 'What the chats really were',
      description: 'Of the probes of the chosen time of which somebody told the truth: what was answered, and what was so.',
      width: 6,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: overall('verdict, truth', `chatprobe_feedback_total{${TARGET}}`), legend: 'answered {{verdict}}, was {{truth}}' }],
      alerts: ['ChatProbeFalseStops'],
    }),
  ];
}
