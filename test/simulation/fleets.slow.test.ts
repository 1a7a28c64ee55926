import { describe, expect, it } from 'vitest';
import { fleetName } from '../../lab/rehearsal/fleet-report.ts';
import { simulateFleet } from './random-fleet.ts';

const SEEDS = Number(process.env['FLEET_SEEDS'] ?? 60);

describe('random fleets in random outages, of Chat Servers and of their store', () => {
  it('stop no living chat that one replica would not', async () => {
    const worse: string[] = [];
    const seen = { outages: 0, stopped: 0, toServerDown: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { fleet, one, all } = await simulateFleet(seed);
      if (all.living.stopped > one.living.stopped)
        worse.push(`seed ${seed}, ${fleetName(fleet)}: ${all.living.stopped} living stopped, by one replica ${one.living.stopped}`);
      seen.outages += fleet.storeOutageMs === null ? 0 : 1;
      seen.stopped += all.dead.stopped;
      seen.toServerDown += all.messages.toServerDown;
    }
    expect(worse).toEqual([]);
    // Else nothing would have been at stake.
    expect(seen.outages).toBeGreaterThan(SEEDS / 2);
    expect(seen.stopped).toBeGreaterThan(SEEDS);
    expect(seen.toServerDown).toBeGreaterThan(SEEDS);
  }, 120_000);
});
