import { type Dashboard, TextBoxVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { CountsPerMinute, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboardOf } from './dashboard.ts';
import { bars, graph, PLAIN, stat, timeline, tooLittle, tooMuch } from './panels.ts';
import { CHAT_SERVER_STATES, chatServerStates, GUARD_STATES, guardStates, overall, perMinute, quantile, TARGET } from './queries.ts';
import { savedPanels } from './saved-panels.ts';

/** For the shift lead: what is dying, what it costs agents, what was saved. */
export function chatLiveness(): Dashboard {
  return dashboardOf({
    uid: 'chat-liveness',
    title: 'Chat liveness',
    description: 'For the shift lead: which chats are dying, what that costs the agents, and what was saved.',
    from: 'now-6h',
    variables: [
      new TextBoxVariableBuilder('visit_minutes')
        .label('Minutes an agent loses to a ghost')
        .description('Your own figure: how long an agent is busy with a chat in which nobody is there any more.')
        .defaultValue('1')
        .current({ text: '1', value: '1' }),
    ],
    rows: [
      ['Now', now()],
      ['What is dying', dying()],
      ['What it costs the agents', costs()],
      ['What was saved, in the chosen time', savedPanels()],
    ],
  });
}

function now() {
  return [
    stat({
      title: 'Chat Servers not found',
      description:
        'Chat Servers that callers name and Interaction Server does not find. Their chats are orphans; some may be restored elsewhere.',
      width: 4,
      unit: Short,
      steps: tooMuch(1),
      queries: [
        {
          expr: `sum(max by (job, target, chat_server) (chatprobe_chat_servers_down{${TARGET}, state="suspect"}))`,
          legend: 'not found',
        },
      ],
      alerts: ['ChatProbeChatServerSuspect', 'ChatProbeServerStillUsed'],
    }),
    stat({
      title: 'Chats that are gone',
      description:
        'Of the chats of 5 minutes whose state is known, the share whose customer is gone; the worst target. Everything above 30 % calls.',
      width: 4,
      unit: PercentUnit,
      steps: tooMuch(0.3, 0.1),
      queries: [{ expr: `max(job_target:chatprobe_stale:ratio_rate5m{${TARGET}} >= 0)`, legend: 'gone' }],
      whenEmpty: 'nobody asked',
      alerts: ['ChatProbeStaleChatsHigh'],
    }),
    stat({
      title: 'Verdicts without proof',
      description:
        'Of the verdicts of 5 minutes, the share that rests on no proof: the Chat Server is down, or the service cannot tell. The worst target.',
      width: 4,
      unit: PercentUnit,
      steps: tooMuch(0.2, 0.05),
      queries: [{ expr: `max(job_target:chatprobe_degraded:ratio_rate5m{${TARGET}} >= 0)`, legend: 'without proof' }],
      whenEmpty: 'nobody asked',
      alerts: ['ChatProbeDegradedHigh', 'ChatProbeGatewayOpen'],
    }),
    stat({
      title: 'Guard',
      description:
        'Tripped: too many chats look dead at once, so that stops are withheld. Released: an operator lets them pass for a while.',
      width: 4,
      unit: 'none',
      steps: PLAIN,
      states: GUARD_STATES,
      queries: [{ expr: `max(${guardStates(TARGET)})`, legend: 'guard' }],
      alerts: ['ChatProbeGuardTripped', 'ChatProbeGuardReleased'],
    }),
    stat({
      title: 'Verdicts that are answered',
      description: 'Below 100 % the service runs in shadow mode, or for a part of the chats only: the others are all routed.',
      width: 4,
      unit: PercentUnit,
      steps: tooLittle(1, 0),
      queries: [{ expr: `min(chatprobe_enforced_ratio{${TARGET}})`, legend: 'answered' }],
      alerts: ['ChatProbeNotEnforced'],
    }),
    stat({
      title: 'Answers come from',
      description: 'A simulator knows nothing of real chats: its verdicts are made up.',
      width: 4,
      unit: 'none',
      steps: PLAIN,
      states: [
        [0, 'Interaction Server', 'green'],
        [1, 'a simulator', 'red'],
      ],
      queries: [{ expr: `max(chatprobe_simulated{${TARGET}})`, legend: 'answers' }],
      alerts: ['ChatProbeSimulated'],
    }),
  ];
}

function dying() {
  return [
    graph({
      title: 'Chats, by what was found out',
      description:
        'Finished probes a minute. alive: the customer is there. dead: the session is gone. orphaned: its Chat Server is down. closed: it had ended properly. unknown: the service cannot tell.',
      width: 12,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [{ expr: perMinute('evidence', `chatprobe_probes_total{${TARGET}}`), legend: '{{evidence}}' }],
    }),
    graph({
      title: 'Share of chats that are gone',
      description: 'As the alert sees it: of the chats of 5 minutes whose state is known. A gap means that nobody asked.',
      width: 12,
      unit: PercentUnit,
      lines: true,
      steps: tooMuch(0.3),
      queries: [{ expr: `max by (target) (job_target:chatprobe_stale:ratio_rate5m{${TARGET}})`, legend: '{{target}}' }],
      alerts: ['ChatProbeStaleChatsHigh'],
    }),
    timeline({
      title: 'Chat Servers',
      description:
        'Not found: Interaction Server does not know it, and one probe at a time asks whether it is back. Recovering: it is back and gets its messages slowly. "other" stands for names that are not configured, and for messages by type.',
      width: 12,
      states: CHAT_SERVER_STATES,
      queries: [{ expr: `max by (target, chat_server) (${chatServerStates(TARGET)})`, legend: '{{target}} {{chat_server}}' }],
      alerts: ['ChatProbeChatServerSuspect', 'ChatProbeServerStillUsed'],
    }),
    graph({
      title: 'Chats that are gone, by Chat Server',
      description: 'Probes a minute that found the session or its Chat Server gone.',
      width: 12,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [
        {
          expr: perMinute('target, chat_server', `chatprobe_server_probes_total{${TARGET}, evidence=~"dead|orphaned"}`),
          legend: '{{target}} {{chat_server}}',
        },
      ],
    }),
  ];
}

function costs() {
  return [
    graph({
      title: 'Routed although nobody may be there',
      description:
        'Verdicts a minute that send a chat to an agent without knowing that its customer is there. Each may cost an agent a visit; stopping it might cost a customer.',
      width: 12,
      unit: CountsPerMinute,
      stacked: true,
      steps: PLAIN,
      queries: [
        {
          expr: perMinute('', `chatprobe_probes_total{${TARGET}, evidence="orphaned", verdict="route"}`),
          legend: 'may come back elsewhere',
        },
        { expr: perMinute('', `chatprobe_stops_withheld_total{${TARGET}}`), legend: 'stop withheld' },
        { expr: perMinute('', `chatprobe_probes_total{${TARGET}, evidence="unknown"}`), legend: 'could not tell' },
      ],
    }),
    graph({
      title: 'How long a chat waits for its verdict',
      description:
        'Half of the verdicts, and 99 of 100, take no longer. While a Chat Server is down, chats of it are asked about again and again.',
      width: 6,
      unit: Seconds,
      steps: PLAIN,
      queries: [0.5, 0.99].map((share) => ({
        expr: quantile(share, '', `chatprobe_probe_duration_seconds_bucket{${TARGET}}`),
        legend: `${share * 100} %`,
      })),
    }),
    bars({
      title: 'Stops withheld, by cause',
      description:
        'Stops that the service concluded and did not answer, in the chosen time. docs/operating.md explains each cause under "The guard".',
      width: 6,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [{ expr: overall('cause', `chatprobe_stops_withheld_total{${TARGET}}`), legend: '{{cause}}' }],
      alerts: ['ChatProbeGuardTripped', 'ChatProbeServerStillUsed', 'ChatProbeControlWrong'],
    }),
  ];
}
