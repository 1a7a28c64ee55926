import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REHEARSAL_USAGE } from '../../lab/rehearsal/rehearsal-options.ts';
import { runRehearsal } from '../../lab/rehearsal/run-rehearsal.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';

const text = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const PAGE = text('docs/rehearsals.md');
const PROSE_LINES = PAGE.slice(0, PAGE.indexOf('## The figures'));
const PROSE = PROSE_LINES.replaceAll(/\s+/g, ' ');

type Row = Readonly<Record<string, string>>;

/** The rows of a table, each by its header. */
function table(page: string, title: string): readonly Row[] {
  const [, after = ''] = page.split(`### ${title}\n\n`);
  const [header = [], , ...rows] = (after.split('\n\n')[0] ?? '').split('\n').map(cells);
  return rows.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column] ?? ''])));
}

const cells = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const FIGURES = table(PAGE, 'Every scenario under every policy');
const STOPPED = table(PAGE, 'Living chats stopped, all of them');

/** One figure of one row, a number. */
function figure(column: string, scenario: string, policy: string, rule: string, mode: string): number {
  const rows = FIGURES.filter(
    (row) => row['Scenario'] === scenario && row['Policy'] === policy && row['Server down'] === rule && row['Mode'] === mode,
  );
  expect(rows, `${scenario}, ${policy}, ${rule}, ${mode}`).toHaveLength(1);
  return Number(rows[0]?.[column]);
}
const stopped = (...which: readonly [string, string, string, string]): number => figure('of them stopped', ...which);
const sumOf = (column: string, ofWhich: (row: Row) => boolean): number =>
  FIGURES.filter(ofWhich).reduce((sum, row) => sum + Number(row[column]), 0);

const FAIL_OVERS = [...new Set(FIGURES.map((row) => row['Scenario'] ?? ''))].filter((name) => name.startsWith('fail-over-'));
const inWords = (number: number): string => number.toLocaleString('en');

describe('docs/rehearsals.md says of its figures what they say', () => {
  it.each<readonly [string, () => boolean]>([
    [
      '**Watched, no living chat is stopped,** in any scenario, under any policy and rule.',
      () => sumOf('of them stopped', (row) => row['Mode'] === 'watched') === 0,
    ],
    [
      '**All at once is not death.**',
      () =>
        ['slow-reconnect', 'all-at-once'].every(
          (name) =>
            sumOf('of them stopped', (row) => row['Scenario'] === name && row['Mode'] === 'plain') > 0 &&
            sumOf('of them stopped', (row) => row['Scenario'] === name && row['Mode'] === 'watched') === 0,
        ),
    ],
    [
      'Every `fail-over-...` scenario shows it',
      () =>
        FAIL_OVERS.length > 4 &&
        FAIL_OVERS.every((name) => stopped(name, 'ha', 'auto', 'plain') > stopped(name, 'inline', 'auto', 'plain')),
    ],
    [
      'and primary-backup most of all of those in which a server really falls',
      () =>
        FIGURES.filter((row) => row['Policy'] === 'ha' && row['Server down'] === 'auto' && row['Mode'] === 'plain')
          .filter((row) => !/^(misconfigured|lost-link)-?/.test(row['Scenario'] ?? ''))
          .every((row) => Number(row['of them stopped']) <= stopped('primary-backup', 'ha', 'auto', 'plain')),
    ],
    [
      'not found a place yet (half-the-servers)',
      () => STOPPED.some((row) => row['Scenario'] === 'half-the-servers' && row['Reason'] === '`session_not_found`'),
    ],
    [
      'the same verdicts, later, with more messages',
      () =>
        ['Living', 'of them stopped', 'Dead', 'of them routed'].every(
          (column) =>
            figure(column, 'crash-without-ha', 'ha', 'auto', 'plain') === figure(column, 'crash-without-ha', 'inline', 'auto', 'plain'),
        ) && figure('Sent', 'crash-without-ha', 'ha', 'auto', 'plain') > figure('Sent', 'crash-without-ha', 'inline', 'auto', 'plain'),
    ],
    [
      'Plain, every living chat is stopped, with what looks like proof, and none of the verdicts is degraded',
      () =>
        FIGURES.filter((row) => row['Scenario'] === 'misconfigured-target' && row['Mode'] === 'plain').every(
          (row) => row['Living'] === row['of them stopped'] && row['Degraded'] === '0',
        ),
    ],
    [
      'saves more than half of the messages',
      () =>
        ['inline', 'ha'].every(
          (policy) =>
            figure('Sent', 'misconfigured-target', policy, 'auto', 'watched') <
            figure('Sent', 'misconfigured-target', policy, 'auto', 'plain') / 2,
        ),
    ],
    [
      '**An outage of the gateway stops no living chat**',
      () => sumOf('of them stopped', (row) => row['Scenario'] === 'gateway-outage') === 0,
    ],
    [
      '**One of Interaction Server stops none either.**',
      () => sumOf('of them stopped', (row) => row['Scenario'] === 'interaction-server-fail-over') === 0,
    ],
    [
      'Where that takes longer (slow-reconnect), plain probes stop living chats.',
      () => sumOf('of them stopped', (row) => row['Scenario'] === 'slow-reconnect' && row['Mode'] === 'plain') > 0,
    ],
    [
      `It withholds ${inWords(figure('Withheld', 'crash-without-ha', 'inline', 'auto', 'watched'))} stops of dead chats`,
      () => figure('Withheld', 'crash-without-ha', 'inline', 'auto', 'watched') > 0,
    ],
    [
      '**By type, no ghost is found**',
      () =>
        FIGURES.filter((row) => row['Scenario'] === 'by-type').every((row) => Number(row['of them stopped']) === 0) &&
        FIGURES.filter((row) => row['Scenario'] === 'by-type' && row['Policy'] === 'inline').every(
          (row) => Number(row['Unknown']) > 10_000 / 3,
        ),
    ],
    [
      'every dead one that its own data do not call closed is routed',
      () => new Set(FIGURES.filter((row) => row['Scenario'] === 'by-type').map((row) => row['of them routed'])).size === 1,
    ],
    [
      '**Where a message restores sessions, some living chats are still stopped,**',
      () =>
        stopped('restore-by-message', 'inline', 'auto', 'plain') > 0 &&
        STOPPED.filter((row) => row['Scenario'] === 'restore-by-message').every((row) => /moved/.test(row['Why the chat lived'] ?? '')),
    ],
  ])('%s', (sentence, isTrue) => {
    expect(PROSE).toContain(sentence);
    expect(isTrue()).toBe(true);
  });
});

describe('the figures in short are those of the tables', () => {
  it('of living chats stopped, and of messages to a server that is down', () => {
    const rows = [...PROSE_LINES.matchAll(/^\| ([a-z0-9-]+), `(auto|stop)` \|(.*)\|$/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, name = '', rule = '', figures = ''] of rows) {
      const expected = ['of them stopped', 'To a server down'].flatMap((column) =>
        ['plain', 'watched'].map((mode) => figure(column, name, 'inline', rule, mode)),
      );
      expect(figures.split('|').map(Number), `${name}, ${rule}`).toEqual(expected);
    }
  });

  it('of ghosts at agents', () => {
    const rows = [...PROSE_LINES.matchAll(/^\| ([a-z0-9-]+), `(inline|ha)` \|(.*)\|$/gm)];
    expect(rows.length).toBeGreaterThan(1);
    for (const [, name = '', policy = '', figures = ''] of rows)
      expect(figures.split('|').map(Number), `${name}, ${policy}`).toEqual(costs(name, policy));
  });

  it('of the sentence in README.md', () => {
    const [, without = '', watched = ''] =
      text('README.md')
        .replaceAll(/\s+/g, ' ')
        .match(
          /Without a probe ghosts reach agents ([\d,]+) times\. With this service they do so ([\d,]+) times, and no living chat is stopped/,
        ) ?? [];
    const [visits, , visitsWatched] = costs('server-stays-down', 'inline');
    expect([without, watched]).toEqual([visits, visitsWatched].map((count) => inWords(count ?? 0)));
    expect(stopped('server-stays-down', 'inline', 'auto', 'watched')).toBe(0);
  });

  it('of what plain probes under ha stop there, too', () => {
    expect(PROSE).toContain('and three living chats with them');
    expect(stopped('server-stays-down', 'ha', 'auto', 'plain')).toBe(3);
  });
});

describe('the rehearsal in docs/rehearsals.md', () => {
  it('shows what it prints, and stops no living chat without --plain', async () => {
    const [, args = '', shown = ''] = PAGE.match(/^npm run -s rehearse -- (.+)\n```\n\n```text\n([\s\S]*?)^```$/m) ?? [];
    const printed = await rehearsed(args.split(' '));
    const parts = shown.split('...\n');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.filter((part) => !printed.includes(part))).toEqual([]);
    expect(await rehearsed(args.replace(' --plain', '').split(' '))).toMatch(/living chats stopped +0$/m);
  });

  it('lists every option, and no other', () => {
    const named = [...PROSE_LINES.matchAll(/^\| (`--.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/--[a-z-]+/g)].map(String));
    const known = new Set([...REHEARSAL_USAGE.matchAll(/--[a-z][a-z-]*/g)].map(String));
    const ofAnyRun = ['--scenario', '--seed', '--chats', '--json', '--help'];
    expect([...named, ...ofAnyRun].sort()).toEqual([...known].sort());
  });
});

/** Visits of ghosts, then minutes lost, each without a probe, plain and watched. */
function costs(scenario: string, policy: string): readonly number[] {
  const [, section = ''] = PAGE.split('### What ghosts cost the agents\n');
  const rows = section.split('\n').map(cells);
  return (rows.find((row) => row.slice(0, 3).join() === [scenario, policy, 'auto'].join()) ?? []).slice(3, 9).map(Number);
}

async function rehearsed(args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const scenarios = scenariosIn(new URL('../../scenarios/', import.meta.url));
  const write = (line: string) => printed.push(line);
  await runRehearsal({ args, scenarios, print: write, complain: write, open: () => ({ ok: false, problem: 'no files here' }) });
  return printed.join('');
}
