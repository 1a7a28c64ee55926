import type { RehearsalReport } from './rehearsal-report.ts';
import { textTable } from './text-table.ts';

/** What one replica, several alone, and several that share did with the same chats. */
export interface FleetRow {
  readonly replicas: number;
  readonly store: 'shared' | 'none';
  readonly report: RehearsalReport;
}

const COLUMNS = [
  ['living stopped', (report: RehearsalReport) => report.living.stopped],
  ['ghost visits', (report: RehearsalReport) => report.agents.ghostVisits],
  ['messages', (report: RehearsalReport) => report.messages.sent],
  ['to a dead server', (report: RehearsalReport) => report.messages.toServerDown],
  ['doubled', (report: RehearsalReport) => report.messages.doubled],
] as const;

/** One row for each, one column for each thing in which several replicas can be worse than one. */
export function fleetTable(rows: readonly FleetRow[]): string {
  const head = ['', ...COLUMNS.map(([title]) => title)];
  const body = rows.map(({ replicas, store, report }) => [rowName(replicas, store), ...COLUMNS.map(([, read]) => read(report))]);
  return `${textTable([head, ...body])}\n`;
}

function rowName(replicas: number, store: FleetRow['store']): string {
  if (replicas === 1) return '1 replica';
  return `${replicas} ${store === 'shared' ? 'sharing' : 'alone'}`;
}
