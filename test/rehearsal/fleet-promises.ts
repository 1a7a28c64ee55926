import { beyondOne } from '../../lab/rehearsal/fleet-report.ts';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { ONE_REPLICA, type RehearsedReplicas } from '../../lab/rehearsal/rehearsed-fleet.ts';
import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';

const FOUR: RehearsedReplicas = { ...ONE_REPLICA, replicas: 4, isShared: true };
/** Where a scenario has no outage, all else happens as if one began then. */
const QUIET_MS = 30_000;

/** One that lasts longer is played with a few fleets only: each asks its store twenty times a second. */
const LONG_MS = 1_000_000;

/** One replica, four alone, and four that share whatever becomes of them and of their store in the scenario's outage. */
export function fleetsOf(scenario: Pick<Scenario, 'events' | 'chats'>): readonly RehearsedReplicas[] {
  const { arrivePerSecond, arriveForMs } = scenario.chats;
  const outageAtMs = outageOf(scenario);
  const storeOutageMs = [outageAtMs + 2_000, outageAtMs + 32_000] as const;
  const few = [ONE_REPLICA, { ...FOUR, isShared: false }, FOUR, { ...FOUR, storeOutageMs }];
  if (arrivePerSecond > 0 && arriveForMs > LONG_MS) return few;
  const byHash = { ...FOUR, balancer: 'hash' } as const;
  return [...few, byHash, { ...byHash, storeOutageMs }, ...replacedIn(outageAtMs)];
}

function outageOf({ events }: Pick<Scenario, 'events'>): number {
  const later = events.map(({ atMs }) => atMs).filter((atMs) => atMs > 0);
  return later.length === 0 ? QUIET_MS : Math.min(...later);
}

function replacedIn(outageAtMs: number): readonly RehearsedReplicas[] {
  return [
    { ...FOUR, restartAtMs: outageAtMs + 5_000 },
    { ...FOUR, bornAtMs: outageAtMs + 5_000 },
  ];
}

/** What else is played in one scenario: larger fleets, and a store that is far away or farther than anybody waits. */
export const MORE_FLEETS: Readonly<Record<string, readonly RehearsedReplicas[]>> = {
  'fail-over-6s': [...[10, 100].map((replicas) => ({ ...FOUR, replicas })), ...[15, 30].map((storeDelayMs) => ({ ...FOUR, storeDelayMs }))],
};

/** Figures, as docs/rehearsals.md owns up to them. */
const KNOWN_BEYOND: Readonly<Record<string, readonly string[]>> = {
  crowded: ['ghost visits', 'messages', 'to a dead server', 'doubled'],
  'gateway-outage': ['messages'],
  flapping: ['to a dead server'],
};

/** What a fleet that shares had beyond one replica, but for that. */
export function brokenByFleet(scenario: string, one: RehearsalReport, report: RehearsalReport): readonly string[] {
  const known = KNOWN_BEYOND[scenario] ?? [];
  return beyondOne(one, report).filter((what) => !known.some((title) => what.startsWith(`${title}:`)));
}
