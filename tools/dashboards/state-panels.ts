import { CountsPerMinute, Short } from '@grafana/grafana-foundation-sdk/units';
import { graph, PLAIN, timeline } from './panels.ts';
import {
  CHAT_SERVER_STATES,
  CONTROL_STATES,
  chatServerStates,
  controlStates,
  GATEWAY_STATES,
  GUARD_STATES,
  guardStates,
  perMinute,
  TARGET,
} from './queries.ts';

/** What holds probes and stops back. */
export function statePanels() {
  return [
    timeline({
      title: "The gateways' circuit breakers",
      description:
        'Open: the gateway keeps failing, one trial at a time asks it, and all other chats are routed unasked. The worst of the instances.',
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

/** How much there is of everything that is bounded. */
export function loadPanels() {
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
