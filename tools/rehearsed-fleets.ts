import { FLEET_FIGURES, type FleetRow, fleetFigures, fleetName } from '../lab/rehearsal/fleet-report.ts';
import { pageTable } from './page-table.ts';

const TITLES = FLEET_FIGURES.map((title) => `${title[0]?.toUpperCase()}${title.slice(1)}`);

export const FLEETS = pageTable('fleets', ['Scenario', 'Policy', 'Replicas'], TITLES);

/** The line of one fleet. */
export function fleetLine({ fleet, report }: FleetRow): string {
  return FLEETS.line([report.scenario, report.policy, fleetName(fleet), ...fleetFigures(report)]);
}
