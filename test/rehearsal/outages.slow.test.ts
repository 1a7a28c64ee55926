import { describe, expect, it } from 'vitest';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { OnChatServerDown } from '../../src/probe/target.ts';
import { brokenPromises } from './outage-promises.ts';

const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));

async function rehearsed(name: string, onChatServerDown: OnChatServerDown, plain = false) {
  const parsed = parseScenario(LIBRARY.text(name) ?? '');
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const scenario = { ...parsed.scenario, target: { ...parsed.scenario.target, onChatServerDown } };
  return rehearse({ scenario, chats: 10_000, policyName: 'inline', policy: BUILT_IN_POLICIES.inline, seed: scenario.seed, plain });
}

// `npm run rehearsals` holds every scenario, policy and rule to these.
describe('outage protection keeps its promises to 10,000 chats', { timeout: 180_000 }, () => {
  it.each([
    ['fail-over-3s', 'stop'],
    ['fail-over-30s', 'stop'],
    ['one-of-four-without-ha', 'auto'],
    ['crash-without-ha', 'auto'],
    ['crash-without-ha-released', 'auto'],
    ['misconfigured-target', 'stop'],
  ] as const)('in %s, with onChatServerDown %s', async (name, rule) => {
    expect(brokenPromises(await rehearsed(name, rule), BUILT_IN_POLICIES.inline.deadlineMs)).toEqual([]);
  });

  it('which each probe for itself does not', async () => {
    const broken = brokenPromises(await rehearsed('fail-over-30s', 'stop', true), BUILT_IN_POLICIES.inline.deadlineMs);
    expect(broken).toContain('no living chat is stopped');
  });
});
