import { box, grouped, label, line, svgOf } from '../lab/rehearsal/svg.ts';

/** What one row of a picture is about. */
interface Shown {
  readonly scenario: string;
  readonly policy: 'inline' | 'ha';
  readonly rule: 'auto' | 'stop';
}

/** The pictures of README.md and docs/rehearsals.md, by file: an outage that costs visits and one that costs living chats; then all of "In short". */
const PICTURES: Readonly<Record<string, readonly Shown[]>> = {
  'docs/pictures/in-short.svg': [
    { scenario: 'server-stays-down', policy: 'inline', rule: 'auto' },
    { scenario: 'fail-over-30s', policy: 'inline', rule: 'stop' },
  ],
  'docs/pictures/rehearsals.svg': [
    { scenario: 'server-stays-down', policy: 'inline', rule: 'auto' },
    { scenario: 'server-stays-down', policy: 'ha', rule: 'auto' },
    ...['fail-over-3s', 'fail-over-6s', 'fail-over-15s', 'fail-over-30s', 'half-the-servers', 'primary-backup'].map(
      (scenario) => ({ scenario, policy: 'inline', rule: 'stop' }) as const,
    ),
    ...['crash-without-ha', 'one-of-four-without-ha', 'misconfigured-target'].map(
      (scenario) => ({ scenario, policy: 'inline', rule: 'auto' }) as const,
    ),
  ],
};

/** A figure without a probe, plain and watched. */
type Three = readonly [number, number, number];

interface Row extends Shown {
  readonly ghostVisits: Three;
  readonly livingStopped: Three;
}

/** Every picture, drawn from the tables of docs/rehearsals.md. Throws if they lack a figure. */
export function picturesOf(page: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(PICTURES).map(([file, shown]) => [file, pictureOf(shown.map((row) => figuresOf(page, row)))]));
}

function figuresOf(page: string, shown: Shown): Row {
  const { scenario, policy, rule } = shown;
  const stoppedAs = (mode: string): number => numberAfter(page, [scenario, policy, rule, mode], 1);
  const visits = (nth: number): number => numberAfter(page, [scenario, policy, rule], nth);
  return {
    ...shown,
    ghostVisits: [visits(0), visits(1), visits(2)],
    // Nobody is stopped where nobody asks.
    livingStopped: [0, stoppedAs('plain'), stoppedAs('watched')],
  };
}

/** The number in the nth column after these words, in the first row that begins with them and goes on with a number. */
function numberAfter(page: string, words: readonly string[], nth: number): number {
  const begin = `| ${words.join(' | ')} | `;
  const row = page.split('\n').find((candidate) => candidate.startsWith(begin) && /^\d/.test(candidate.slice(begin.length)));
  const cell = row?.slice(begin.length).split(' | ')[nth];
  if (cell === undefined || !/^\d+$/.test(cell)) throw new Error(`docs/rehearsals.md has no figure ${nth} of ${words.join(', ')}`);
  return Number(cell);
}

const MODES = ['no probe', 'plain', 'watched'] as const;
const WIDTH = 800;
const TOP = 88;
const ROW_HEIGHT = 68;
const BAR_STEP = 18;
/** Where the bars of each column begin, and how long the longest is. */
const COLUMNS = { ghostVisits: 260, livingStopped: 570 } as const;
const LONGEST = 160;

function pictureOf(rows: readonly Row[]): string {
  const title = 'Ghosts that reach agents, and living chats that are stopped';
  const head = [
    label(16, 28, title, 'head large'),
    label(
      16,
      48,
      'No probe: every chat is routed. Plain: each probe for itself. Watched: this service. Each row has its own scale.',
      'quiet',
    ),
    label(COLUMNS.ghostVisits, 76, 'Visits of ghosts to agents', 'head'),
    label(COLUMNS.livingStopped, 76, 'Living chats stopped', 'head'),
  ];
  const body = rows.flatMap((row, n) => drawnRow(row, TOP + ROW_HEIGHT * n));
  return svgOf({
    width: WIDTH,
    height: TOP + ROW_HEIGHT * rows.length + 8,
    title,
    description: rows.map(inWords).join(' '),
    body: [...head, ...body],
  });
}

function drawnRow(row: Row, y: number): readonly string[] {
  return [
    line(16, y, WIDTH - 16, y, 'grid'),
    label(16, y + 22, row.scenario, 'head'),
    label(16, y + 40, `${row.policy}, onChatServerDown ${row.rule}`, 'quiet'),
    ...drawnBars(row.ghostVisits, COLUMNS.ghostVisits, y, 'ghost'),
    ...drawnBars(row.livingStopped, COLUMNS.livingStopped, y, 'cut'),
  ];
}

function drawnBars(figures: Three, x: number, y: number, kind: string): readonly string[] {
  const most = Math.max(1, ...figures);
  return figures.flatMap((figure, n) => {
    const width = (LONGEST * figure) / most;
    const top = y + 8 + BAR_STEP * n;
    const mode = MODES[n] ?? '';
    return [
      label(x - 8, top + 11, mode, 'quiet end'),
      ...(figure === 0 ? [] : [box({ x, y: top, width: Math.max(1, width), height: BAR_STEP - 4 }, kind, `${mode}: ${grouped(figure)}`)]),
      label(x + width + 6, top + 11, grouped(figure), figure === 0 ? 'quiet' : 'head'),
    ];
  });
}

function inWords({ scenario, policy, rule, ghostVisits, livingStopped }: Row): string {
  const three = (figures: Three): string => figures.map((figure, n) => `${grouped(figure)} ${MODES[n]}`).join(', ');
  return `${scenario}, policy ${policy}, onChatServerDown ${rule}: visits of ghosts ${three(ghostVisits)}; living chats stopped ${three(livingStopped)}.`;
}
