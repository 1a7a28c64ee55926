import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { ONE_REPLICA, type RehearsedReplicas } from '../../lab/rehearsal/rehearsed-fleet.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';

/** Ten minutes of traffic, then a Chat Server falls and stays down; asked of that many replicas. */
async function played(fleet: RehearsedReplicas) {
  const name = 'server-stays-down';
  const parsed = parseScenario(readFileSync(new URL(`../../scenarios/${name}.yaml`, import.meta.url), 'utf8'), name);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const policy = BUILT_IN_POLICIES.inline;
  const report = await rehearse({ scenario: parsed.scenario, policyName: 'inline', policy, plain: false, chats: 4_500, seed: 1, fleet });
  const { living, agents, messages } = report;
  return { stopped: living.stopped, visits: agents.ghostVisits, toServerDown: messages.toServerDown, doubled: messages.doubled };
}

describe('four replicas that share', () => {
  it.each([
    ['while the store is there', null],
    ['while it is lost for half a minute of the outage', [610_000, 640_000] as const],
  ])(
    'do as one does, within a tenth, and stop nobody who lives, %s',
    async (_when, storeOutageMs) => {
      const one = await played(ONE_REPLICA);
      const four = await played({ ...ONE_REPLICA, replicas: 4, isShared: true, storeOutageMs });
      expect([one.stopped, four.stopped, four.doubled]).toEqual([0, 0, 0]);
      expect(four.visits).toBeLessThanOrEqual(1.1 * one.visits);
      expect(four.toServerDown).toBeLessThanOrEqual(1.1 * one.toServerDown);
    },
    120_000,
  );

  it('are needed: four that share nothing send more ghosts to agents', async () => {
    const one = await played(ONE_REPLICA);
    const alone = await played({ ...ONE_REPLICA, replicas: 4 });
    expect(alone.visits).toBeGreaterThan(1.5 * one.visits);
  }, 120_000);
});
