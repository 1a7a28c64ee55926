import type { RehearsalReport } from '../lab/rehearsal/rehearsal-report.ts';
import { pageTable } from './page-table.ts';

/** The same chats, once asked about by probes and once by workflows that send and tell. */
export interface BothWays {
  readonly probes: RehearsalReport;
  readonly observations: RehearsalReport;
}

const COLUMNS = [
  ['Living stopped', ({ living }) => living.stopped],
  ['Ghost visits', ({ agents }) => agents.ghostVisits],
  ['Messages', ({ messages }) => messages.sent],
  ['To a dead server', ({ messages }) => messages.toServerDown],
  ['p99 ms', ({ verdictMs }) => verdictMs.p99],
] as const satisfies readonly (readonly [string, (report: RehearsalReport) => number])[];

export const WAYS = pageTable(
  'ways',
  ['Scenario', 'Policy'],
  COLUMNS.flatMap(([title]) => [`${title}, probes`, 'observations']),
);

export function wayLine({ probes, observations }: BothWays): string {
  return WAYS.line([probes.scenario, probes.policy, ...COLUMNS.flatMap(([, read]) => [read(probes), read(observations)])]);
}

/** What workflows that send may cost beyond the service that sends: one living chat, and half as many visits of ghosts again. */
export function beyondProbes({ probes, observations }: BothWays): readonly string[] {
  const living = observations.living.stopped - probes.living.stopped;
  const [visits, most] = [observations.agents.ghostVisits, 1.5 * probes.agents.ghostVisits];
  return [
    ...(living > 1 ? [`${living} living chats more are stopped`] : []),
    ...(visits > most ? [`${visits} visits of ghosts, of probes ${probes.agents.ghostVisits}`] : []),
  ];
}
