import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';

/** For what a process has open anyway, files that are read, lookups of names, and connections that are just being closed. */
const SPARE = 64;
/** Where the limit cannot be read. */
const PLENTY = 10_000;
const FEWEST = 16;

/** How many files this process may have open; null where nobody says, as beyond Linux. */
export function descriptorLimit(): number | null {
  try {
    const soft = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === undefined || soft === 'unlimited' ? null : Number(soft);
  } catch {
    return null;
  }
}

/**
 * The most connections of callers: as configured, else what the limit leaves beside those to the gateways. Under a low limit these get
 * half of it: they are not needed all at once, while callers come who ask nothing.
 */
export function maxConnections({ server, targets }: Pick<Config, 'server' | 'targets'>, limit: number | null): number {
  if (server.maxConnections !== undefined) return server.maxConnections;
  if (limit === null) return PLENTY;
  const pools = [...targets.values()].map(({ adapter }) => (adapter.kind === 'gateway' ? adapter.urls.length * adapter.maxConnections : 0));
  const left = limit - SPARE;
  const ofGateways = pools.reduce((sum, size) => sum + size, 0);
  return Math.max(FEWEST, left - Math.min(ofGateways, Math.floor(left / 2)));
}
