import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import { createFleet } from '../../src/store/fleet.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { RehearsalReport } from './rehearsal-report.ts';
import { createRehearsedService, type RehearsedParts, type RehearsedService } from './rehearsed-service.ts';
import { textTable } from './text-table.ts';

/** How many replicas there are, and what they have of each other. */
export interface RehearsedReplicas {
  readonly replicas: number;
  readonly isShared: boolean;
  /** From when to when the store answers nobody, in ms since the world began; null for never. */
  readonly storeOutageMs: readonly [number, number] | null;
}

export const ONE_REPLICA: RehearsedReplicas = { replicas: 1, isShared: false, storeOutageMs: null };

/** Of each round trip to the store: a slow day of a network. */
const STORE_DELAY_MS = 2;
/** What the store's clock shows when the world begins. */
const STORE_BEGAN_MS = 1_700_000_000_000;

/** Replicas behind a balancer that asks each in turn; an operator releases the guards of all. */
export async function createRehearsedFleet(
  parts: RehearsedParts,
  { replicas, isShared, storeOutageMs }: RehearsedReplicas,
  world: VirtualClock,
): Promise<RehearsedService> {
  if (replicas === 1 && !isShared) return createRehearsedService(parts);
  const store = createMemoryStore(world, STORE_BEGAN_MS);
  const outage = storeOutageMs ?? [];
  const timers = outage.map((atMs, n) => world.schedule(atMs - world.nowMs(), () => store.setReachable(n === 1)));
  const members = Array.from({ length: replicas }, (_, n) => {
    const fleet = createFleet({
      clock: parts.clock,
      store: store.connect(STORE_DELAY_MS),
      replica: `replica ${n}`,
      changed: () => undefined,
    });
    return { fleet, service: createRehearsedService(parts, isShared ? fleet.join : undefined) };
  });
  if (isShared) await world.drive(Promise.all(members.map(({ fleet }) => fleet.start(1_000))));
  const services = members.map(({ service }) => service);
  let next = 0;
  return {
    ask(order, signal) {
      const service = services[next % replicas];
      next += 1;
      return service?.ask(order, signal) ?? Promise.resolve(null);
    },
    // What one is told the others hear; where they do not, somebody goes from one to the next.
    releaseGuard: () => services.slice(0, isShared ? 1 : replicas).forEach((service) => void service.releaseGuard()),
    close() {
      for (const cancel of timers) cancel();
      for (const { fleet, service } of members) {
        service.close();
        fleet.close();
      }
    },
  };
}

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
