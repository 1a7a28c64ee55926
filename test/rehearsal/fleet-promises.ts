import { beyondOne, fleetName } from '../../lab/rehearsal/fleet-report.ts';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { ONE_REPLICA, type RehearsedReplicas } from '../../lab/rehearsal/rehearsed-fleet.ts';
import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';

const FOUR: RehearsedReplicas = { ...ONE_REPLICA, replicas: 4, isShared: true };
/** Where a scenario has no outage, all else happens as if one began then. */
const QUIET_MS = 30_000;

/** One replica, four alone, and four that share whatever becomes of them and of their store in the scenario's outage. */
export function fleetsOf({ events }: Pick<Scenario, 'events'>): readonly RehearsedReplicas[] {
  const later = events.map(({ atMs }) => atMs).filter((atMs) => atMs > 0);
  const outageAtMs = later.length === 0 ? QUIET_MS : Math.min(...later);
  const storeOutageMs = [outageAtMs + 2_000, outageAtMs + 32_000] as const;
  return [
    ONE_REPLICA,
    { ...FOUR, isShared: false },
    FOUR,
    { ...FOUR, storeOutageMs },
    { ...FOUR, balancer: 'hash' },
    { ...FOUR, balancer: 'hash', storeOutageMs },
    { ...FOUR, restartAtMs: outageAtMs + 5_000 },
    { ...FOUR, bornAtMs: outageAtMs + 5_000 },
  ];
}

/** Which of them share. */
export const SHARING: readonly number[] = fleetsOf({ events: [] }).flatMap(({ isShared }, n) => (isShared ? [n] : []));

/** Larger fleets, in one scenario that is not long. */
export const LARGE_FLEETS: Readonly<Record<string, readonly RehearsedReplicas[]>> = {
  'fail-over-6s': [10, 100].map((replicas) => ({ ...FOUR, replicas })),
};

/** What a fleet that shares had beyond one replica. */
export function brokenByFleet(one: RehearsalReport, fleet: RehearsedReplicas, report: RehearsalReport): readonly string[] {
  return fleet.isShared ? beyondOne(one, report).map((what) => `${report.scenario}, ${fleetName(fleet)}: ${what}`) : [];
}
