import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { GATEWAY_TARGET } from '../src/config/schema.ts';
import { BUILT_IN_POLICIES } from '../src/probe/policy.ts';
import { REASONS } from '../src/probe/reasons.ts';
import { valueAt } from '../src/schema-tree/tree.ts';
import { answersOf, curlExamples, requestOf, withoutChance } from './support/pasted-curl.ts';

const PAGE = readFileSync(new URL('../docs/workflow.md', import.meta.url), 'utf8');
/** The assignments that the page gives the author, `name = expression` each, block by block. */
const [READ = '', BRANCH = '', COUNT = '', WORD = '', OBSERVED = ''] = [...PAGE.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(
  ([, block = '']) => block,
);
const EXAMPLES = curlExamples(PAGE);
const CHAT = { ChatServerAppName: 'ChatServer_1', IsOnline: '1' };

/** A chat as the engine shows it. */
function engine(id: string | undefined, udata: object) {
  return { system: { InteractionID: id }, _genesys: { ixn: { interactions: { [String(id)]: { udata } } } } };
}

/** The variables after these assignments. */
function assigned(block: string, variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const context = { ...variables };
  runInNewContext(block, context);
  return context;
}

/** Takes a chat through the blocks of the drawing; each time it is asked about, the next answer comes. */
function walk(answers: readonly unknown[]) {
  let variables: Readonly<Record<string, unknown>> = { ...engine('0006Ka9HFHRR0T2B', CHAT), rounds: 0 };
  for (let asked = 1; ; asked += 1) {
    variables = { ...assigned(READ, variables), probeAnswer: answers[Math.min(asked, answers.length) - 1] };
    const { isStop, isRecheck } = assigned(BRANCH, variables);
    if (isStop === true) return { asked, end: 'stop' };
    if (isRecheck !== true || asked > 99) return { asked, end: 'route' };
    variables = assigned(COUNT, variables);
  }
}

describe('the curl lines of docs/workflow.md', () => {
  it('get the answers that are shown, as pasted and in their order', async () => {
    expect(EXAMPLES).toHaveLength(PAGE.match(/^curl /gm)?.length ?? 0);
    const shown = EXAMPLES.map(({ answer }) => ({ status: valueAt(answer, ['status']) ?? 200, answer }));
    expect(withoutChance(await answersOf(EXAMPLES))).toEqual(withoutChance(shown));
  });

  it('send what the expressions of the page make of a chat', () => {
    const { probeUrl, chatServer, isOnline } = assigned(READ, engine('0006Ka9HFHRR0T2B', CHAT));
    const [live, , , empty] = EXAMPLES.map(({ curl }) => requestOf(curl));
    expect(`http://127.0.0.1:8080${live?.url}`).toBe(probeUrl);
    expect(live).toMatchObject({ method: 'POST', payload: `chatServerAppName=${String(chatServer)}&isOnline=${String(isOnline)}` });
    const lost = assigned(READ, engine(undefined, {}));
    expect(`http://127.0.0.1:8080${empty?.url}`).toBe(lost['probeUrl']);
    expect(empty).toMatchObject({ payload: `chatServerAppName=${String(lost['chatServer'])}&isOnline=${String(lost['isOnline'])}` });
  });
});

describe('the conditions of docs/workflow.md', () => {
  const verdictsShown = EXAMPLES.map(({ answer }) => [answer, valueAt(answer, ['verdict'])] as const);
  const noAnswers = ['', 'stop', '<html>stop</html>', undefined, null, 0, [], {}, { result: 'route' }, { verdict: 'STOPPED' }];
  const shadowed = { verdict: 'route', shadowVerdict: 'stop', recheckAfterMs: null };

  it('stop a chat for a stop and for nothing else', () => {
    expect(verdictsShown.map(([, verdict]) => verdict)).toContain('stop');
    for (const [answer, verdict] of verdictsShown) {
      const { isStop } = assigned(BRANCH, { probeAnswer: answer, rounds: 0 });
      expect([answer, isStop]).toEqual([answer, verdict === 'stop']);
    }
    expect([...noAnswers, shadowed].map((probeAnswer) => walk([probeAnswer]))).toEqual(
      [...noAnswers, shadowed].map(() => ({ asked: 1, end: 'route' })),
    );
  });

  it('stop a chat for the one word, as it is wrapped, and for nothing else', () => {
    const isStop = (probeAnswer: unknown) => assigned(WORD, { probeAnswer })['isStopWord'];
    expect(isStop({ result: 'stop' })).toBe(true);
    expect([...noAnswers, shadowed].filter((answer) => isStop(answer) === true)).toEqual([]);
  });

  it('ask again three times at most, and only where a later answer may differ', () => {
    const [unsure, alive] = EXAMPLES.filter(({ curl }) => curl.includes('100p9yPPb8H4YWhX')).map(({ answer }) => answer);
    const stop = verdictsShown.find(([, verdict]) => verdict === 'stop')?.[0];
    expect(walk([unsure, alive])).toEqual({ asked: 2, end: 'route' });
    expect(walk([unsure, stop])).toEqual({ asked: 2, end: 'stop' });
    expect(walk([unsure])).toEqual({ asked: 3, end: 'route' });
    expect(walk([alive])).toEqual({ asked: 1, end: 'route' });
  });

  it('of a workflow that sends by itself are those of the example, and false for anything that is no answer', () => {
    const scxml = readFileSync(new URL('../examples/workflow/observe.scxml', import.meta.url), 'utf8');
    const inScxml = [...scxml.matchAll(/cond="([^"]+)"/g)].map(([, cond = '']) =>
      cond.replaceAll('&amp;', '&').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('answer', 'probeAnswer'),
    );
    expect([...OBSERVED.matchAll(/= (.*)$/gm)].map(([, cond]) => cond)).toEqual(inScxml);
    const branch = (probeAnswer: unknown, attempt = 1, round = 0) => {
      const { isStop, isAgain, isRecheck } = assigned(OBSERVED, { probeAnswer, attempt, round });
      return [isStop, isAgain, isRecheck].map((value) => value === true);
    };
    const nobody = [...noAnswers, shadowed].map((answer) => branch(answer));
    expect(nobody.flat()).not.toContain(true);
    const open = { verdict: 'route', askAgainAfterMs: 200, recheckAfterMs: null };
    expect([branch(open), branch(open, 6)]).toEqual([
      [false, true, false],
      [false, false, false],
    ]);
    expect(branch({ verdict: 'stop', askAgainAfterMs: null })).toEqual([true, false, false]);
  });

  it('find the text of a stop in no other answer', () => {
    const [, word = ''] = PAGE.match(/Search it for exactly `([^`]+)`/) ?? [];
    const quoting = { ...shadowed, chatServer: word, faultString: `${word}"verdict":"stop"` };
    const texts = [...verdictsShown, [quoting, 'route'] as const].map(([answer, verdict]) => [JSON.stringify(answer), verdict] as const);
    expect(texts.filter(([text]) => text.includes(word)).length).toBeGreaterThan(0);
    expect(texts.filter(([text, verdict]) => text.includes(word) !== (verdict === 'stop'))).toEqual([]);
  });
});

describe('docs/workflow.md', () => {
  it('tags every row and step that is to be built', () => {
    const rows = [...PAGE.matchAll(/^\|(?:[^|\n]*\|)* \|\n\|[-|]+\|\n((?:\|.*\|\n)+)/gm)].flatMap(([, body = '']) =>
      body.trim().split('\n'),
    );
    const steps = PAGE.split('\n## ')
      .find((section) => section.startsWith('IRD'))
      ?.match(/^\d\. (?:.|\n {3})+/gm);
    expect([rows.length > 25, steps?.length]).toEqual([true, 4]);
    expect(rows.filter((row) => !/ (?:\[[DSIU]\]|-) \|$/.test(row))).toEqual([]);
    expect(steps?.filter((step) => !/\[[DSIU]\]/.test(step))).toEqual([]);
  });

  it('gives each policy its time, and no more rounds than a chat may get messages', () => {
    const rows = [...PAGE.matchAll(/^\| `(inline|ha)`[^|]*\| (\d+) s \| (\d+) s \| (\d)/gm)];
    expect(rows.map(([, name]) => name)).toEqual(['inline', 'ha']);
    const limit = Number(valueAt(GATEWAY_TARGET, ['properties', 'outage', 'properties', 'messageLimit', 'default']));
    for (const [, name, answers, waits, rounds] of rows) {
      const { attempts, deadlineMs } = BUILT_IN_POLICIES[name === 'ha' ? 'ha' : 'inline'];
      expect(Number(answers) * 1_000).toBe(deadlineMs);
      expect(Number(waits)).toBeGreaterThan(Number(answers));
      expect(attempts * Number(rounds)).toBeLessThanOrEqual(limit);
    }
  });

  it('lets a chat wait as long as any reason asks for', () => {
    const [, seconds] = PAGE.match(/-> 6 Wait (\d+) s/) ?? [];
    expect(Number(seconds) * 1_000).toBe(Math.max(...Object.values(REASONS).map(({ recheckAfterMs }) => recheckAfterMs ?? 0)));
  });
});
