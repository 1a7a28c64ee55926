import type { RehearsalName, RehearsalReport } from './rehearsal-report.ts';
import { LIFE_CAUSES, STOP_RULES } from './stop-words.ts';
import { textTable } from './text-table.ts';

/** A report for a person at a terminal. Ends with a line break. */
export function reportText(report: RehearsalReport): string {
  const { scenario, policy, seed, chats, unknown, degraded, messages, verdictMs } = report;
  const rows = [
    ['living chats routed', report.living.routed],
    ['living chats stopped', report.living.stopped],
    ['dead chats routed (ghosts)', report.dead.routed],
    ['dead chats stopped', report.dead.stopped],
    ['visits of ghosts to agents', report.agents.ghostVisits],
    ['  of them ghosts of a server that was down', report.agents.ofServerDown],
    ["agents' minutes lost to them", report.agents.minutesLost],
    ...chatRows(report),
    ['evidence unknown', unknown],
    ['degraded', degraded],
    ['stops withheld', report.withheld.reduce((sum, row) => sum + row.chats, 0)],
    ['messages sent', messages.sent],
    ['messages delivered', messages.delivered],
    ['messages sent to a server while it was down', messages.toServerDown],
    ['most messages sent within a second', messages.peakPerSecond],
    ['most messages under way to one server', messages.peakUnderWay],
    ['most within a second to one server known to be down', messages.peakToSuspect],
    ['the same to one server known to be coming back', messages.peakToRecovering],
    ['median time to a verdict, ms', verdictMs.p50],
    ['99 of 100 verdicts within, ms', verdictMs.p99],
    ['longest time to a verdict, ms', verdictMs.max],
  ];
  return [
    `${scenario}, policy ${policy}, onChatServerDown ${report.onChatServerDown}, seed ${seed}: ${chats} chats, ${askedText(report)}${modeText(report)}`,
    textTable(rows),
    ...stoppedSection(report),
    ...section(
      'Dead chats routed, by reason',
      report.ghostsRouted.map(({ chats: count, reason }) => [count, reason]),
    ),
    ...section(
      'Stops withheld, by why',
      report.withheld.map(({ chats: count, because }) => [count, because]),
    ),
    ...section('Dead chats probed after the guard was released', releasedRows(report)),
    ...section(
      'Answers, by where they came from',
      report.servedBy.map(({ chats: count, servedBy }) => [count, servedBy]),
    ),
    ...section(
      'All verdicts, by reason',
      report.reasons.map(({ chats: count, verdict, reason }) => [count, verdict, reason]),
    ),
    '',
  ].join('\n');
}

/** Where chats come back the rows above count questions. */
function chatRows({ chats, asked, chatsBy, knownDown }: RehearsalReport): readonly (readonly [string, number])[] {
  const chatsOnce: readonly (readonly [string, number])[] =
    asked === chats
      ? []
      : [
          ['different chats that lived', chatsBy.living],
          ['  of them stopped while they did', chatsBy.livingStopped],
          ['different chats that were dead', chatsBy.ghosts],
          ['  of them stopped in the end', chatsBy.ghostsStopped],
        ];
  if (knownDown === null) return chatsOnce;
  return [
    ...chatsOnce,
    ['questions about ghosts of a server known to be down', knownDown.asked],
    ['  95 of 100 answered within, ms', knownDown.p95Ms],
  ];
}

function askedText({ chats, asked, noProbe }: RehearsalReport): string {
  if (noProbe) return `routed ${asked} times`;
  return asked === chats ? 'each probed once' : `asked about ${asked} times`;
}

/** How the probes were played, after what they were; empty where they were watched as always. */
export function modeText({ plain, noProbe, observed, without }: RehearsalName): string {
  if (noProbe) return ' without a probe';
  if (observed === true && without.length === 0) return ', workflows send by themselves';
  if (plain) return ', each probe for itself';
  return without.length === 0 ? '' : `, without ${without.join(', ')}`;
}

function releasedRows({ deadAfterRelease: dead }: RehearsalReport): readonly (readonly (string | number)[])[] {
  return dead === null
    ? []
    : [
        [dead.routed, 'routed'],
        [dead.stopped, 'stopped'],
      ];
}

/** Two lines for each row: why it was stopped, and why it lived. */
function stoppedSection({ livingStopped }: RehearsalReport): readonly string[] {
  if (livingStopped.length === 0) return [];
  const width = Math.max(...livingStopped.map(({ chats }) => String(chats).length));
  const lines = livingStopped.flatMap(({ chats, reason, rule, cause }) => [
    `  ${String(chats).padStart(width)}  ${reason}, by ${plain(STOP_RULES[rule])}`,
    `  ${' '.repeat(width)}  lived, because ${plain(LIFE_CAUSES[cause])}`,
  ]);
  return ['', 'Living chats stopped', ...lines];
}

function section(title: string, rows: readonly (readonly (string | number)[])[]): readonly string[] {
  return rows.length === 0 ? [] : ['', title, textTable(rows)];
}

/** Without the marks of code, which are for documents. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
