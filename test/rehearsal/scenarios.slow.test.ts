import { describe, expect, it } from 'vitest';
import { type RehearsalReport, unexplainedIn } from '../../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';

const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));
const CHATS = 200;

async function play(name: string, policyName: keyof typeof BUILT_IN_POLICIES, plain: boolean): Promise<RehearsalReport> {
  const parsed = parseScenario(LIBRARY.text(name) ?? '');
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const { chats } = parsed.scenario;
  // So few, and yet over all the time in which something happens.
  const arrivePerSecond = chats.arrivePerSecond === 0 ? 0 : CHATS / (chats.arriveForMs / 1_000);
  const scenario = { ...parsed.scenario, chats: { ...chats, arrivePerSecond } };
  return rehearse({ scenario, chats: CHATS, policyName, policy: BUILT_IN_POLICIES[policyName], seed: scenario.seed, plain });
}

describe.each(LIBRARY.names)('%s', (name) => {
  it.each([
    ['inline', 'plain'],
    ['ha', 'plain'],
    ['inline', 'watched'],
    ['ha', 'watched'],
  ] as const)('under %s, %s, gives every question a verdict, in time, and explains each living chat stopped', async (policy, mode) => {
    const report = await play(name, policy, mode === 'plain');
    const { chats, asked, living, dead, messages, verdictMs } = report;
    expect(chats).toBe(CHATS);
    expect(asked).toBeGreaterThanOrEqual(CHATS);
    expect(living.routed + living.stopped + dead.routed + dead.stopped).toBe(asked);
    expect(sum(report.reasons)).toBe(asked);
    expect(sum(report.livingStopped)).toBe(living.stopped);
    expect(sum(report.ghostsRouted)).toBe(dead.routed);
    expect(unexplainedIn(report)).toBe(0);
    expect(verdictMs.max).toBeLessThanOrEqual(BUILT_IN_POLICIES[policy].deadlineMs + 50 + longestStallMs(name));
    expect(messages.delivered).toBeLessThanOrEqual(messages.sent);
    expect(messages.sent).toBeLessThanOrEqual(asked * BUILT_IN_POLICIES[policy].attempts);
  });
});

/** While its process stands still nobody can answer. */
function longestStallMs(name: string): number {
  const parsed = parseScenario(LIBRARY.text(name) ?? '');
  return parsed.ok ? Math.max(0, ...parsed.scenario.service.stalls.map(({ forMs }) => forMs)) : 0;
}

const sum = (rows: readonly { readonly chats: number }[]): number => rows.reduce((total, { chats }) => total + chats, 0);
