import type { RehearsalReport } from '../lab/rehearsal/rehearsal-report.ts';
import { LIFE_CAUSES, STOP_RULES } from '../lab/rehearsal/stop-words.ts';

/** What the script writes stands between these lines of docs/rehearsals.md; the rest is written by hand. */
const BEGIN = '<!-- rehearsals: begin. `npm run rehearsals` writes the tables; do not edit them. -->';
const END = '<!-- rehearsals: end -->';

const WORDS = ['Scenario', 'Policy', 'Server down', 'Mode'];
const SUMMARY = [
  ...WORDS,
  ...['Living', 'of them stopped', 'Dead', 'of them routed', 'Unknown', 'Degraded', 'Withheld', 'Sent', 'Delivered'],
  ...['To a server down', 'Peak per s', 'Peak to it', 'Peak after', 'p50 ms', 'p99 ms', 'Longest ms'],
];
const COST = [
  ...['Scenario', 'Policy', 'Server down'],
  ...['Visits, no probe', 'plain', 'watched', 'Minutes, no probe', 'plain', 'watched', 'Asked, known down', 'p95 ms'],
];
const STOPPED = [...WORDS, 'Chats', 'Reason', 'The rule that made a stop of it', 'Why the chat lived'];
const GHOSTS = [...WORDS, 'Chats', 'Reason'];

/** The page with its tables replaced. Throws if the page has no place for them. */
export function withTables(page: string, reports: readonly RehearsalReport[]): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error('docs/rehearsals.md has lost the lines between which the tables stand');
  return `${page.slice(0, before)}${BEGIN}\n\n${tables(reports)}\n\n${page.slice(after)}`;
}

/** Rows by hand at the top of the page: scenario and rule, then living chats stopped and messages to a server down, under `inline`. */
const SHORT_ROW = /^\| ([a-z0-9-]+), `(auto|stop)` \|.*\|$/gm;
/** The same of scenario and policy, then visits of ghosts and minutes lost, each without a probe, plain, watched. */
const SHORT_COST_ROW = /^\| ([a-z0-9-]+), `(inline|ha)` \|.*\|$/gm;

/** The page with the figures of its "In short" replaced. */
export function withShortRows(page: string, reports: readonly RehearsalReport[]): string {
  const costs = page.replace(SHORT_COST_ROW, (_row, scenario: string, policy: string) => {
    const own = reports.find((report) => report.scenario === scenario && report.noProbe)?.onChatServerDown ?? 'auto';
    return `| ${scenario}, \`${policy}\` | ${costsOf(reports, [scenario, policy, own]).join(' | ')} |`;
  });
  return costs.replace(SHORT_ROW, (_row, scenario: string, rule: string) => {
    const figures = beforeAndAfter(reports, [scenario, 'inline', rule], [livingStopped, toServerDown]);
    return `| ${scenario}, \`${rule}\` | ${figures} |`;
  });
}

type Figure = (report: RehearsalReport) => number;

const livingStopped: Figure = ({ living }) => living.stopped;
const toServerDown: Figure = ({ messages }) => messages.toServerDown;

/** Each figure plain, then watched. */
function beforeAndAfter(reports: readonly RehearsalReport[], words: readonly string[], figures: readonly Figure[]): string {
  const [plain, watched] = [reportOf(reports, words, 'plain'), reportOf(reports, words, 'watched')];
  return figures.flatMap((figure) => [figure(plain), figure(watched)]).join(' | ');
}

/** Visits of ghosts, then minutes lost to them: each without a probe, plain, watched. */
function costsOf(reports: readonly RehearsalReport[], words: readonly string[]): readonly string[] {
  const [scenario = ''] = words;
  const without = reports.find((report) => report.scenario === scenario && report.noProbe);
  if (without === undefined) throw new Error(`${scenario} was not rehearsed without a probe`);
  const three = [without, reportOf(reports, words, 'plain'), reportOf(reports, words, 'watched')];
  return [...three.map(({ agents }) => agents.ghostVisits), ...three.map(({ agents }) => agents.minutesLost)].map(String);
}

/** Throws if there is no such rehearsal. */
function reportOf(reports: readonly RehearsalReport[], words: readonly string[], mode: string): RehearsalReport {
  const found = reports.find((report) => !report.noProbe && wordsOf(report).join() === [...words, mode].join());
  if (found === undefined) throw new Error(`nothing was rehearsed as ${words.join(', ')}, ${mode}`);
  return found;
}

/** The lines of all tables that are about one scenario. */
export function linesAbout(scenario: string, page: string): readonly string[] {
  return page.split('\n').filter((line) => line.startsWith(`| ${scenario} |`));
}

/** The scenarios that the page's tables tell of, once each. */
export function scenariosIn(page: string): readonly string[] {
  const rows = page.slice(page.indexOf(BEGIN), page.indexOf(END)).matchAll(/^\| ([a-z0-9-]*[a-z0-9][a-z0-9-]*) \|/gm);
  return [...new Set([...rows].map(([, name = '']) => name))];
}

function tables(all: readonly RehearsalReport[]): string {
  const reports = all.filter(({ noProbe }) => !noProbe);
  const watched = reports.filter(({ plain }) => !plain);
  return [
    table(
      'What ghosts cost the agents',
      COST,
      watched.map((report) => costRow(all, report)),
      COST.length,
      3,
    ),
    table('Every scenario under every policy', SUMMARY, reports.map(summaryRow)),
    table('Living chats stopped, all of them', STOPPED, reports.flatMap(stoppedRows), WORDS.length + 1),
    table('Dead chats routed', GHOSTS, reports.flatMap(ghostRows), WORDS.length + 1),
  ].join('\n\n');
}

function wordsOf({ scenario, policy, onChatServerDown, plain }: RehearsalReport): readonly string[] {
  return [scenario, policy, onChatServerDown, plain ? 'plain' : 'watched'];
}

/** The cells of the first table about one rehearsal. */
export function summaryRow(report: RehearsalReport): readonly string[] {
  const { living, dead, unknown, degraded, messages, verdictMs } = report;
  const withheld = report.withheld.reduce((sum, { chats }) => sum + chats, 0);
  const counts = [living.routed + living.stopped, living.stopped, dead.routed + dead.stopped, dead.routed, unknown, degraded, withheld];
  const peaks = [messages.peakPerSecond, messages.peakToSuspect, messages.peakToRecovering];
  const sends = [messages.sent, messages.delivered, messages.toServerDown, ...peaks];
  return [...wordsOf(report), ...[...counts, ...sends, verdictMs.p50, verdictMs.p99, verdictMs.max].map(String)];
}

function costRow(reports: readonly RehearsalReport[], report: RehearsalReport): readonly string[] {
  const words = wordsOf(report).slice(0, -1);
  const { knownDown } = report;
  return [...words, ...costsOf(reports, words), String(knownDown?.asked ?? 0), knownDown === null ? '-' : String(knownDown.p95Ms)];
}

function stoppedRows(report: RehearsalReport): readonly (readonly string[])[] {
  return report.livingStopped.map(({ chats, reason, rule, cause }) => [
    ...wordsOf(report),
    String(chats),
    `\`${reason}\``,
    STOP_RULES[rule],
    LIFE_CAUSES[cause],
  ]);
}

function ghostRows(report: RehearsalReport): readonly (readonly string[])[] {
  return report.ghostsRouted.map(({ chats, reason }) => [...wordsOf(report), String(chats), `\`${reason}\``]);
}

/**
 * @param lastNumber column after the words at which numbers end; by default all but the words are numbers.
 * @param words how many columns of words there are.
 */
function table(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  lastNumber = header.length,
  words = WORDS.length,
): string {
  const rule = header.map((_, column) => (column >= words && column < lastNumber ? '---:' : '---'));
  return [`### ${title}`, '', ...[header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}
