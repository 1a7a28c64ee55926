import type { RehearsalReport } from './rehearsal-report.ts';
import { ONE_REPLICA, type RehearsedReplicas, STORE_DELAY_MS } from './rehearsed-fleet.ts';
import { textTable } from './text-table.ts';

/** What one fleet did with the same chats as the others. */
export interface FleetRow {
  readonly fleet: RehearsedReplicas;
  readonly report: RehearsalReport;
}

/** In which several replicas can be worse than one. */
const COLUMNS = [
  ['living stopped', ({ living }) => living.stopped],
  ['ghost visits', ({ agents }) => agents.ghostVisits],
  ['messages', ({ messages }) => messages.sent],
  ['to a dead server', ({ messages }) => messages.toServerDown],
  ['doubled', ({ messages }) => messages.doubled],
] as const satisfies readonly (readonly [string, (report: RehearsalReport) => number])[];

/** What is compared, and by how much more than one replica a fleet that shares may have of it: a tenth, or a few where there are few. */
export const FLEET_FIGURES: readonly string[] = COLUMNS.map(([title]) => title);
const FEW = 10;

export function fleetFigures(report: RehearsalReport): readonly number[] {
  return COLUMNS.map(([, read]) => read(report));
}

/** The figures of a fleet that are beyond what one replica has, by more than a tenth. */
export function beyondOne(one: RehearsalReport, of: RehearsalReport): readonly string[] {
  return COLUMNS.flatMap(([title, read]) => {
    const most = title === 'living stopped' ? read(one) : Math.max(read(one) + FEW, read(one) * 1.1);
    return read(of) > most ? [`${title}: ${read(of)}, of one replica ${read(one)}`] : [];
  });
}

/** One row for each. */
export function fleetTable(rows: readonly FleetRow[]): string {
  const body = rows.map(({ fleet, report }) => [fleetName(fleet), ...fleetFigures(report)]);
  return `${textTable([['', ...FLEET_FIGURES], ...body])}\n`;
}

/** What tells it from others. */
export function fleetName({ replicas, isShared, balancer, ...of }: RehearsedReplicas): string {
  const { storeDelayMs, storeOutageMs, restartAtMs, bornAtMs } = of;
  const number = replicas === 1 ? '1 replica' : `${replicas} ${isShared ? 'sharing' : 'alone'}`;
  return [
    number,
    ...(balancer === ONE_REPLICA.balancer ? [] : [`by ${balancer}`]),
    ...(storeDelayMs === STORE_DELAY_MS ? [] : [`the store ${storeDelayMs} ms away`]),
    ...(storeOutageMs === null ? [] : [`the store lost ${storeOutageMs.map((ms) => `${ms / 1_000}s`).join('..')}`]),
    ...(restartAtMs === null ? [] : [`restarted from ${restartAtMs / 1_000}s on`]),
    ...(bornAtMs === null ? [] : [`one more born at ${bornAtMs / 1_000}s`]),
  ].join(', ');
}
