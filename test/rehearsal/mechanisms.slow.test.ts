import { describe, expect, it } from 'vitest';
import { changedScenario } from '../../lab/rehearsal/changed-scenario.ts';
import { MECHANISMS, type Mechanism, safetyWithout } from '../../lab/rehearsal/mechanisms.ts';
import type { ScenarioChanges } from '../../lab/rehearsal/rehearsal-options.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { BUILT_IN_GUARD, BUILT_IN_OUTAGE } from '../../src/resilience/settings.ts';
import { summaryRow } from '../../tools/rehearsals-page.ts';

const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));

interface Played {
  readonly scenario: string;
  readonly chats: number;
  readonly changes?: Partial<ScenarioChanges>;
}

/** The row of the tables, by its columns. */
async function figures({ scenario: name, chats, changes = {} }: Played, without: readonly Mechanism[]): Promise<readonly string[]> {
  const parsed = parseScenario(LIBRARY.text(name) ?? '', name);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const changed = changedScenario(parsed.scenario, changes);
  if (!changed.ok) throw new Error(changed.problem);
  const { scenario } = changed;
  const policy = BUILT_IN_POLICIES.inline;
  return summaryRow(await rehearse({ scenario, chats, policyName: 'inline', policy, plain: false, without, seed: scenario.seed }));
}

/** As few chats as show it. */
const SHOWS: Readonly<Record<Mechanism, Played>> = {
  coalesce: { scenario: 'crowded', chats: 300 },
  reuseAlive: { scenario: 'crowded', chats: 300 },
  canary: { scenario: 'fail-over-30s', chats: 300 },
  maxInFlightPerServer: { scenario: 'crowded', chats: 2_400 },
  maxRelease: { scenario: 'all-at-once', chats: 6_000 },
  holdWhileRestoring: { scenario: 'fail-over-30s', chats: 300, changes: { onChatServerDown: 'stop' } },
  breaker: { scenario: 'gateway-outage', chats: 300 },
  retryBudget: { scenario: 'misconfigured-target', chats: 300 },
  messageLimit: { scenario: 'crowded', chats: 300 },
  stopsPerInteraction: { scenario: 'crowded', chats: 300 },
  massStop: { scenario: 'misconfigured-later-fault', chats: 2_700, changes: { ha: false, arrivePerSecond: 15 } },
  requireDelivery: { scenario: 'misconfigured-target', chats: 40 },
};

describe('each mechanism of outage protection is seen in the tables', { timeout: 180_000 }, () => {
  it.each(MECHANISMS)('%s', async (mechanism) => {
    const played = SHOWS[mechanism];
    expect(await figures(played, [mechanism])).not.toEqual(await figures(played, []));
  });

  it('and no play differs from itself', async () => {
    expect(await figures(SHOWS.canary, [])).toEqual(await figures(SHOWS.canary, []));
  });
});

describe('the settings of a rehearsal', () => {
  it('are the built-in ones, but for the mechanisms that are switched off', () => {
    expect(safetyWithout([], true)).toMatchObject({ outage: BUILT_IN_OUTAGE, guard: BUILT_IN_GUARD });
    expect(safetyWithout(['canary', 'massStop'], false)).toMatchObject({
      outage: { ...BUILT_IN_OUTAGE, canary: false },
      guard: { ...BUILT_IN_GUARD, massStop: false, requireDelivery: false },
    });
  });

  it.each(MECHANISMS)('have %s changed by switching it off alone', (mechanism) => {
    expect(safetyWithout([mechanism], true)).not.toEqual(safetyWithout([], true));
  });
});
