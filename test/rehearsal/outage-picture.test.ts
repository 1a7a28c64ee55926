import { describe, expect, it } from 'vitest';
import { chatsOf } from '../../lab/rehearsal/changed-scenario.ts';
import type { Rehearsal } from '../../lab/rehearsal/rehearsal.ts';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { rehearse, rehearseDrawn } from '../../lab/rehearsal/rehearse.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { text } from '../support/pages.ts';
import { problemsOfSvg } from '../support/svg-check.ts';

function scenarioOf(name: string): Scenario {
  const parsed = parseScenario(text(`scenarios/${name}.yaml`), name);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return parsed.scenario;
}

function rehearsalOf(name: string, change: Partial<Rehearsal> = {}): Rehearsal {
  const scenario = scenarioOf(name);
  const common = { scenario, chats: Math.min(600, chatsOf(scenario)), policyName: 'inline', policy: BUILT_IN_POLICIES.inline };
  return { ...common, plain: false, seed: scenario.seed, ...change };
}

/** What the bars of one kind come to, by what a pointer over them is told. */
function sumOfBars(picture: string, words: string): number {
  return [...picture.matchAll(/<title>([^<]*), from [\d.]+ s: ([\d,]+)<\/title>/g)]
    .filter(([, told]) => told === words)
    .reduce((sum, [, , count = '']) => sum + Number(count.replaceAll(',', '')), 0);
}

function figuresDrawn(picture: string) {
  const sum = (words: string): number => sumOfBars(picture, words);
  return {
    living: { routed: sum('Answers, living, routed'), stopped: sum('Answers, living, stopped') },
    dead: { routed: sum('Answers, ghosts, routed'), stopped: sum('Answers, ghosts, stopped') },
    sent: sum('Messages sent, others') + sum('Messages sent, to a server that is down'),
    toServerDown: sum('Messages sent, to a server that is down'),
  };
}

const figuresReported = ({ living, dead, messages: { sent, toServerDown } }: RehearsalReport) => ({ living, dead, sent, toServerDown });

describe('the picture of an outage', () => {
  it.each<readonly [string, Partial<Rehearsal>]>([
    ['fail-over-6s', { plain: true, policyName: 'ha', policy: BUILT_IN_POLICIES.ha }],
    ['crash-without-ha', {}],
    ['lost-link', {}],
    ['flapping', {}],
    ['stalled-process', {}],
    ['misconfigured-target', { plain: true }],
    ['gateway-outage', { noProbe: true }],
  ])('shows what the report of %s counts, in one well-formed file', async (name, change) => {
    const { report, picture } = await rehearseDrawn(rehearsalOf(name, change));
    expect(figuresDrawn(picture)).toEqual(figuresReported(report));
    expect(problemsOfSvg(picture)).toEqual([]);
    for (const server of scenarioOf(name).chatServers) expect(picture).toContain(`>${server}</text>`);
  });

  it('changes nothing in the report, and is the same bytes for the same seed', async () => {
    const rehearsal = rehearsalOf('rolling-restart');
    const drawn = await rehearseDrawn(rehearsal);
    expect(drawn.report).toEqual(await rehearse(rehearsal));
    expect((await rehearseDrawn(rehearsal)).picture).toBe(drawn.picture);
    expect((await rehearseDrawn({ ...rehearsal, seed: 7 })).picture).not.toBe(drawn.picture);
  });

  it('tells which Chat Server was down, from when to when', async () => {
    const { picture } = await rehearseDrawn(rehearsalOf('fail-over-6s'));
    expect(picture).toContain('<title>ChatServer_2: down from 10 s to 70 s</title>');
    expect(picture).not.toContain('ChatServer_1: down');
  });

  it('ends with the ghosts that nothing has stopped, and those who live', async () => {
    const { report, picture } = await rehearseDrawn(rehearsalOf('fail-over-6s'));
    const { living, dead } = report;
    expect(picture).toContain(`At the end ${living.routed} chats live and ${dead.routed} ghosts are left.`);
  });

  it('escapes the names of a scenario', async () => {
    const scenario = { ...scenarioOf('gateway-outage'), name: '<b>&"' };
    expect(problemsOfSvg((await rehearseDrawn(rehearsalOf('gateway-outage', { scenario, chats: 5 }))).picture)).toEqual([]);
  });
});
