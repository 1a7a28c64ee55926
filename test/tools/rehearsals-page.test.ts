import { describe, expect, it } from 'vitest';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { linesAbout, scenariosIn, withShortRows, withTables } from '../../tools/rehearsals-page.ts';

const PAGE = `# Rehearsals

By hand.

<!-- rehearsals: begin. \`npm run rehearsals\` writes the tables; do not edit them. -->

old tables

<!-- rehearsals: end -->

More by hand.
`;

const report = (scenario: string, stopped: number): RehearsalReport => ({
  scenario,
  policy: 'inline',
  seed: 1,
  plain: false,
  noProbe: false,
  without: [],
  onChatServerDown: 'auto',
  withheld: [{ because: 'restoring', chats: 8 }],
  servedBy: [],
  deadAfterRelease: null,
  chats: 10,
  asked: 10,
  chatsBy: { living: 8, livingStopped: stopped, ghosts: 2, ghostsStopped: 0 },
  agents: { ghostVisits: 2, ofServerDown: 1, minutesLost: 2 },
  knownDown: null,
  living: { routed: 8 - stopped, stopped },
  dead: { routed: 2, stopped: 0 },
  livingStopped: stopped === 0 ? [] : [{ reason: 'session_not_found', chats: stopped, rule: 'last_not_found', cause: 'stale_name' }],
  ghostsRouted: [{ reason: 'timeout', chats: 2 }],
  unknown: 2,
  degraded: 2,
  messages: {
    sent: 12,
    delivered: 7,
    doubled: 0,
    toServerDown: 1,
    peakPerSecond: 4,
    peakUnderWay: 2,
    peakToSuspect: 6,
    peakToRecovering: 7,
  },
  verdictMs: { p50: 3, p99: 4, max: 5 },
  reasons: [],
});

/** What is written of one scenario: without a probe, plain, watched. */
const played = (scenario: string, stopped: number): readonly RehearsalReport[] => [
  { ...report(scenario, 0), noProbe: true, agents: { ghostVisits: 112, ofServerDown: 56, minutesLost: 113 } },
  { ...report(scenario, stopped), plain: true, agents: { ghostVisits: 7, ofServerDown: 1, minutesLost: 8 } },
  { ...report(scenario, stopped), knownDown: { asked: 9, p95Ms: 4 } },
];

describe('the page of rehearsals', () => {
  const all = [...played('calm', 0), ...played('storm', 3)];
  const written = withTables(PAGE, all);

  it('keeps what is written by hand and replaces the tables', () => {
    expect(written.startsWith('# Rehearsals\n\nBy hand.\n\n<!-- rehearsals: begin.')).toBe(true);
    expect(written.endsWith('<!-- rehearsals: end -->\n\nMore by hand.\n')).toBe(true);
    expect(written).not.toContain('old tables');
    expect(withTables(written, all)).toBe(written);
  });

  it('has what ghosts cost, one row for each rehearsal, and one for each way in which living chats were stopped or ghosts routed', () => {
    const figures = '8 | 3 | 2 | 2 | 2 | 2 | 8 | 12 | 7 | 1 | 4 | 6 | 7 | 3 | 4 | 5 |';
    const stopped = /^\| storm \| inline \| auto \| (plain|watched) \| 3 \| `session_not_found` \| .*100 too \| it had moved/;
    expect(linesAbout('storm', written)).toEqual([
      '| storm | inline | auto | 112 | 7 | 2 | 113 | 8 | 2 | 9 | 4 |',
      `| storm | inline | auto | plain | ${figures}`,
      `| storm | inline | auto | watched | ${figures}`,
      expect.stringMatching(stopped),
      expect.stringMatching(stopped),
      '| storm | inline | auto | plain | 2 | `timeout` |',
      '| storm | inline | auto | watched | 2 | `timeout` |',
    ]);
    expect(linesAbout('calm', written)).toHaveLength(5);
  });

  it('says where no server was ever known to be down', () => {
    const [noProbe, plain, watched] = played('calm', 0);
    if (noProbe === undefined || plain === undefined || watched === undefined) throw new Error('three modes are played');
    expect(withTables(PAGE, [noProbe, plain, { ...watched, knownDown: null }])).toContain('| 113 | 8 | 2 | 0 | - |');
  });

  it('shows a change in any of them', () => {
    const changed = withTables(PAGE, played('storm', 4));
    expect(linesAbout('storm', changed)).not.toEqual(linesAbout('storm', written));
  });

  it('knows which scenarios it tells of', () => {
    expect(scenariosIn(written)).toEqual(['calm', 'storm']);
  });

  it('is refused without the place for the tables', () => {
    expect(() => withTables('# Rehearsals\n', [])).toThrow('lost the lines');
  });
});

describe('the figures in short', () => {
  const plain = { ...report('storm', 3), plain: true };
  const both = [plain, report('storm', 0)];

  it('are written into the rows that are there, plain before watched, and into nothing else', () => {
    expect(withShortRows('a\n| storm, `auto` | old |\n| `auto` | - |\n', both)).toBe(
      'a\n| storm, `auto` | 3 | 0 | 1 | 1 |\n| `auto` | - |\n',
    );
  });

  it('are those of ghosts at agents where a row is about a policy', () => {
    expect(withShortRows('| storm, `inline` | old |\n', played('storm', 0))).toBe('| storm, `inline` | 112 | 7 | 2 | 113 | 8 | 2 |\n');
    expect(() => withShortRows('| storm, `inline` | old |\n', both)).toThrow('storm was not rehearsed without a probe');
  });

  it('are not made up for what was not rehearsed', () => {
    expect(() => withShortRows('| calm, `auto` | old |', both)).toThrow('nothing was rehearsed as calm, inline, auto, plain');
  });
});
