import { describe, expect, it } from 'vitest';
import { changedScenario, chatsOf } from '../../lab/rehearsal/changed-scenario.ts';
import type { ScenarioChanges } from '../../lab/rehearsal/rehearsal-options.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';

const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));

function rehearsed(name: string, observed: boolean, chats?: number, changes: Partial<ScenarioChanges> = {}) {
  const parsed = parseScenario(LIBRARY.text(name) ?? '');
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const changed = changedScenario(parsed.scenario, changes);
  if (!changed.ok) throw new Error(changed.problem);
  const { scenario } = changed;
  const { inline: policy } = BUILT_IN_POLICIES;
  return rehearse({
    scenario,
    chats: chats ?? chatsOf(scenario),
    policyName: 'inline',
    policy,
    seed: scenario.seed,
    plain: false,
    observed,
  });
}

describe('workflows that send by themselves, in the same outage', { timeout: 120_000 }, () => {
  it.each([
    ['fail-over-6s', 1_500],
    ['crash-without-ha', 1_000],
    ['misconfigured-target', 600],
    ['server-stays-down', 5_000],
    ['two-of-four-without-ha', 10_000],
  ])('stop no living chat in %s, and leave few more ghosts to the agents', async (name, chats) => {
    const [probed, observed] = [await rehearsed(name, false, chats), await rehearsed(name, true, chats)];
    expect(observed.living.stopped).toBe(probed.living.stopped);
    expect(observed.living.stopped).toBe(0);
    expect(observed.agents.ghostVisits).toBeLessThanOrEqual(1.5 * probed.agents.ghostVisits);
    // What it costs: nobody keeps a workflow from sending.
    expect(observed.messages.sent).toBeGreaterThanOrEqual(probed.messages.sent);
  });

  it('stop no living chat either where a target that went wrong says that no Chat Server is there, and nothing protects but the guard', async () => {
    const bare = { ha: false, onChatServerDown: 'stop' } as const;
    for (const observed of [false, true])
      expect((await rehearsed('misconfigured-later-not-found', observed, undefined, bare)).living.stopped).toBe(0);
  });
});
