import { createHash } from 'node:crypto';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import type { Plan } from './plan.ts';
import type { Played, Recorded } from './record.ts';

/** What happened, a line for each happening. */
export function traceOf(played: Played): readonly string[] {
  return [...played.plan.targets.flatMap((mine) => planLines(played.plan, mine)), ...played.log.map(lineOf)];
}

/** The same for the same trace. */
export function hashOf(played: Played): string {
  return createHash('sha256').update(JSON.stringify(played.plan)).update(traceOf(played).join('\n')).digest('hex');
}

function planLines({ seed, repairedAtMs, ending, stalls }: Plan, mine: Plan['targets'][number]): readonly string[] {
  const { name, isCalm, rules, safety, scenario, chats, troubles, requests } = mine;
  return [
    `seed ${seed}, target ${name}${isCalm ? ', calm' : ''}: ${chats} chats, ${requests.length} requests; repaired at ${repairedAtMs}, ending ${ending}`,
    `  rules    ${JSON.stringify(rules)}`,
    `  outage   ${JSON.stringify(safety.outage)}`,
    `  guard    ${JSON.stringify(safety.guard)}`,
    `  controls ${JSON.stringify(safety.controls)}, enforcement ${JSON.stringify(safety.enforcement)}`,
    `  world    ${scenario.chatServers.join()}, ${scenario.highAvailability}, ${JSON.stringify(scenario.clients)}`,
    ...scenario.events.map((event) => `  will     ${JSON.stringify(event)}`),
    ...troubles.map((trouble) => `  will     ${JSON.stringify(trouble)}`),
    ...stalls.map(({ atMs, forMs }) => `  will     hang for ${forMs} ms at ${atMs}`),
  ];
}

function lineOf(recorded: Recorded): string {
  return `${recorded.atMs.toFixed(3).padStart(11)} ${recorded.target} ${textOf(recorded)}`;
}

function textOf(recorded: Recorded): string {
  switch (recorded.type) {
    case 'asked': {
      const { interactionId, chatServer, policy, policyName, isOffline, probeId } = recorded.order;
      const how = `${policyName}, ${policy.attempts} x ${policy.attemptTimeoutMs} ms in ${policy.deadlineMs} ms`;
      return `request ${recorded.request} (${probeId}) asks about ${interactionId} via ${chatServer ?? 'type'}${isOffline ? ', closed' : ''} (${how})`;
    }
    case 'left':
      return `request ${recorded.request} ${recorded.how === 'draining' ? 'is drained' : 'hangs up'}`;
    case 'answered': {
      const { answer, request, living } = recorded;
      if (answer === null) return `request ${request} is given up`;
      const { verdict, evidence, reason, servedBy, guarded, shadowVerdict, probeId } = answer;
      const marks = `${guarded ? ', guarded' : ''}${shadowVerdict === null ? '' : `, in shadow ${shadowVerdict}`}`;
      return `request ${request} is answered ${verdict} (${evidence}, ${reason}) by ${servedBy} of ${probeId}${marks}; the customer is ${living ? 'there' : 'gone'}`;
    }
    case 'rejected':
      return `request ${recorded.request} IS REJECTED: ${recorded.fault}`;
    case 'declined':
      return `${recorded.order.probeId} is declined: ${recorded.answer.reason}`;
    case 'sent': {
      const { request, trouble } = recorded.passage;
      return `${recorded.probeId ?? 'a control probe'} sends ${request.referenceId} to ${request.appName ?? 'any'}${trouble === null ? '' : `, and meets ${trouble}`}`;
    }
    case 'told':
      return textOfEvent(recorded.event);
    case 'looked':
      return `is looked at: ${JSON.stringify(recorded.state)}`;
    case 'closing':
      return 'is closed';
    case 'released':
      return `has its guard released for ${recorded.minutes} min`;
    case 'came_to':
      return `is ${recorded.phase}, ${recorded.timers} timers run: ${JSON.stringify(recorded.state)}`;
  }
}

function textOfEvent(event: ServiceEvent): string {
  if (event.type === 'attempt_finished' || event.type === 'attempt_cancelled') {
    const { n, reason, durationMs } = event.attempt;
    return `${event.probe.probeId} ${event.type}: ${n}, ${reason}, after ${durationMs} ms`;
  }
  if (event.type === 'probe_finished') {
    const { verdict, reason, attempts, servedBy } = event.result;
    return `${event.probe.probeId} probe_finished: ${verdict}, ${reason}, ${attempts.length} attempts, by ${servedBy}`;
  }
  if (event.type === 'probe_started' || event.type === 'probe_cancelled') return `${event.probe.probeId} ${event.type}`;
  if (event.type === 'stop_withheld') return `${event.probe.probeId} stop_withheld: ${event.because}`;
  if (event.type === 'answer_shared') return `${event.request.probeId} answer_shared: ${event.servedBy} of ${event.probeId}`;
  if (event.type === 'fault') return `fault: ${event.requestId}, ${String(event.fault)}`;
  return JSON.stringify({ ...event, target: undefined });
}
