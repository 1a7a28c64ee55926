import { REASON_NAMES } from '../../src/probe/reasons.ts';
import { SERVED_BY } from '../../src/probe/verdict.ts';
import {
  CONTROL_STATES,
  CONTROLS,
  GUARD_STATES,
  SAVINGS,
  SERVER_STATES,
  type ServiceEvent,
  WITHHOLDINGS,
} from '../../src/resilience/events.ts';
import type { Answer } from '../../src/resilience/probe-service.ts';
import { TROUBLES } from './plan.ts';
import type { Played, Recorded } from './record.ts';

/** What a simulation went through, in words. Seeds that never get into trouble prove nothing. */
export function reachOf({ plan, log }: Played): ReadonlySet<string> {
  const planned = plan.targets.flatMap(({ scenario }) =>
    scenario.events.map((event) => Object.keys(event).filter((key) => key !== 'atMs')[0]),
  );
  return new Set([...log.flatMap(wordsOf), ...planned.map((kind) => `event ${kind}`)]);
}

/** What all seeds together have to go through. */
export const ALL_REACHED: readonly string[] = [
  ...REASON_NAMES.map((reason) => `answered ${reason}`),
  // Workflows that send by themselves are rehearsed instead: test/rehearsal/sending-workflow.slow.test.ts.
  ...SERVED_BY.filter((servedBy) => servedBy !== 'observation').map((servedBy) => `served by ${servedBy}`),
  ...SAVINGS.map((saving) => `saved by ${saving}`),
  ...WITHHOLDINGS.map((withholding) => `withheld for ${withholding}`),
  ...SERVER_STATES.map((state) => `server ${state}`),
  ...GUARD_STATES.map((state) => `guard ${state}`),
  ...CONTROLS.flatMap((control) => CONTROL_STATES.map((state) => `${control} control ${state}`)),
  ...TROUBLES.map((trouble) => `trouble ${trouble}`),
  'gateway open',
  'gateway closed',
  'stopped while dead',
  'stopped while living',
  'given up',
  'shared until a deadline',
  'drained',
  ...['crash', 'start', 'slow', 'flap', 'limit', 'link', 'interactionServer', 'gateway', 'misconfigure'].map((kind) => `event ${kind}`),
  'known down, stopped at once by a proof that stood',
  'known down, stopped by one message',
  'known down, routed all the same',
  'stopped for more than one caller',
];

function wordsOf(recorded: Recorded): readonly string[] {
  if (recorded.type === 'left') return recorded.how === 'draining' ? ['drained'] : [];
  if (recorded.type === 'sent') return recorded.passage.trouble === null ? [] : [`trouble ${recorded.passage.trouble}`];
  if (recorded.type === 'told') return wordsOfEvent(recorded.event);
  if (recorded.type === 'declined') return [`answered ${recorded.answer.reason}`];
  if (recorded.type !== 'answered') return [];
  const { answer, living } = recorded;
  if (answer === null) return ['given up'];
  const words = [`answered ${answer.reason}`, `served by ${answer.servedBy}`];
  if (answer.verdict === 'stop') words.push(living ? 'stopped while living' : 'stopped while dead');
  if (answer.servedBy === 'coalesced' && answer.reason === 'deadline') words.push('shared until a deadline');
  if (answer.servedBy === 'coalesced' && answer.verdict === 'stop') words.push('stopped for more than one caller');
  if (answer.isKnownDown) words.push(wordForKnownDown(answer));
  return words;
}

function wordForKnownDown({ verdict, attempts }: Answer): string {
  if (verdict === 'route') return 'known down, routed all the same';
  if (attempts.length > 1) return 'known down, stopped in the end';
  return attempts.length === 0 ? 'known down, stopped at once by a proof that stood' : 'known down, stopped by one message';
}

function wordsOfEvent(event: ServiceEvent): readonly string[] {
  if (event.type === 'message_saved') return [`saved by ${event.by}`];
  if (event.type === 'stop_withheld') return [`withheld for ${event.because}`];
  if (event.type === 'server_changed') return [`server ${event.to}`];
  if (event.type === 'guard_changed') return [`guard ${event.state}`];
  if (event.type === 'gateway_changed') return [event.open ? 'gateway open' : 'gateway closed'];
  return event.type === 'control_answered' ? [`${event.control} control ${event.state}`] : [];
}
