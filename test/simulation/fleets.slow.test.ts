import { describe, expect, it } from 'vitest';
import { fleetName } from '../../lab/rehearsal/fleet-report.ts';
import { simulateFleet } from './random-fleet.ts';

const SEEDS = Number(process.env['FLEET_SEEDS'] ?? 60);

describe('random fleets in random outages, of Chat Servers and of their store', () => {
  it('stop no more living chats than one replica, and none where it is sure of all that it stops', async () => {
    const worse: string[] = [];
    const seen = { outages: 0, stopped: 0, toServerDown: 0, livingByOne: 0, livingByAll: 0, unasked: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { fleet, one, all } = await simulateFleet(seed);
      // Each replica has its own gateway breaker: what one alone did not ask it cannot have stopped.
      const hasAsked = one.reasons.every(({ reason }) => reason !== 'gateway_open');
      if (!hasAsked) seen.unasked += 1;
      if (hasAsked && one.living.stopped === 0 && all.living.stopped > 0)
        worse.push(`seed ${seed}, ${fleetName(fleet)}: ${all.living.stopped}`);
      seen.livingByOne += one.living.stopped;
      seen.livingByAll += all.living.stopped;
      seen.outages += fleet.storeOutageMs === null ? 0 : 1;
      seen.stopped += all.dead.stopped;
      seen.toServerDown += all.messages.toServerDown;
    }
    expect(worse).toEqual([]);
    expect(seen.livingByAll).toBeLessThanOrEqual(seen.livingByOne);
    // Else nothing would have been at stake.
    expect(seen.outages).toBeGreaterThan(SEEDS / 2);
    expect(seen.stopped).toBeGreaterThan(SEEDS);
    expect(seen.toServerDown).toBeGreaterThan(SEEDS / 2);
    expect(seen.unasked).toBeLessThan(SEEDS / 2);
  }, 120_000);
});
