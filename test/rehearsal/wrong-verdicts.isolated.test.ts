import { afterEach, expect, it, vi } from 'vitest';
import { unexplainedIn } from '../../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { runRehearsal } from '../../lab/rehearsal/run-rehearsal.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { classify } from '../../src/probe/attempt.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { TargetRules } from '../../src/probe/target.ts';

type Classify = typeof classify;

vi.mock(import('../../src/probe/attempt.ts'), async (original) => {
  const all = await original();
  return { ...all, classify: vi.fn(all.classify) };
});

const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));
const { classify: rightly } = await vi.importActual<{ readonly classify: Classify }>('../../src/probe/attempt.ts');

afterEach(() => {
  vi.mocked(classify).mockImplementation(rightly);
});

async function rehearsed(name: string, rules: Partial<TargetRules> = {}) {
  const parsed = parseScenario(LIBRARY.text(name) ?? '');
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const scenario = { ...parsed.scenario, target: { ...parsed.scenario.target, ...rules } };
  return rehearse({ scenario, chats: 1_000, policyName: 'ha', policy: BUILT_IN_POLICIES.ha, seed: 1, plain: true });
}

it('a prober that forgets that a session may have moved stops living chats, and the judge does not believe it', async () => {
  const right = await rehearsed('rolling-restart');
  vi.mocked(classify).mockImplementation((request, idKeys, outcome, rules) => rightly(request, idKeys, outcome, rules, false));
  const wrong = await rehearsed('rolling-restart');
  expect(unexplainedIn(right)).toBe(0);
  expect(wrong.living.stopped - right.living.stopped).toBeGreaterThan(5);
  expect(unexplainedIn(wrong)).toBe(wrong.living.stopped - right.living.stopped);
});

it('nor one that takes a time-out for a server that is down', async () => {
  vi.mocked(classify).mockImplementation((request, idKeys, outcome, rules, mayHaveMoved) =>
    outcome.kind === 'failure' ? 'chat_server_not_found' : rightly(request, idKeys, outcome, rules, mayHaveMoved),
  );
  const wrong = await rehearsed('gateway-outage', { onChatServerDown: 'stop', ha: false });
  expect(wrong.living.stopped).toBe(0);
  const worse = await rehearsed('slow-recovery', { onChatServerDown: 'stop' });
  expect(unexplainedIn(worse)).toBeGreaterThan(0);
});

it('npm run rehearse ends with exit code 70 and says so, after its report', async () => {
  vi.mocked(classify).mockImplementation((request, idKeys, outcome, rules) => rightly(request, idKeys, outcome, rules, false));
  const [printed, complained]: [string[], string[]] = [[], []];
  const exitCode = await runRehearsal({
    args: ['--scenario', 'rolling-restart', '--policy', 'ha', '--plain', '--chats', '1000'],
    scenarios: LIBRARY,
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    open: () => ({ ok: false, problem: 'no files here' }),
  });
  expect(exitCode).toBe(70);
  expect(printed.join('')).toContain('NO RULE makes a stop of this');
  expect(complained.join('')).toMatch(/^rehearse: \d+ living chats stopped without an explanation/);
});
