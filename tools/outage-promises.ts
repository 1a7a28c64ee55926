import type { RehearsalReport } from '../src/rehearsal/rehearsal-report.ts';

/** What docs/outages.md promises of every scenario, held against one rehearsal with the watch over outages. */
export function brokenPromises(report: RehearsalReport, deadlineMs: number): readonly string[] {
  const { chats, living, messages, verdictMs } = report;
  const promises: readonly (readonly [string, boolean])[] = [
    ['no living chat is stopped', living.stopped === 0 || isRuledUnseen(report)],
    ['at most 0.25 messages for each chat go to a server that is down', messages.toServerDown <= 0.25 * chats],
    ['at most 10 messages a second go to a server known to be down', messages.peakToSuspect <= 10],
    ['at most 500 messages a second go to a server that is coming back', messages.peakToRecovering <= 500],
    ['every verdict comes by the deadline + 50 ms', verdictMs.max <= deadlineMs + 50],
    ...(PROMISES_OF[report.scenario]?.(report) ?? []),
  ];
  return promises.filter(([, isKept]) => !isKept).map(([promise]) => promise);
}

/** The one exception: the site says stop, and nobody saw the Chat Server fall. Told in docs/outages.md, "What it does not do". */
function isRuledUnseen({ scenario, onChatServerDown }: RehearsalReport): boolean {
  return scenario === 'cold-start' && onChatServerDown === 'stop';
}

type Promises = (report: RehearsalReport) => readonly (readonly [string, boolean])[];

/** Of single scenarios. */
const PROMISES_OF: Readonly<Record<string, Promises>> = {
  'one-of-four-without-ha': ({ dead, withheld }) => [
    ['95 of 100 dead chats are stopped', dead.stopped >= 0.95 * (dead.stopped + dead.routed)],
    ['the guard does not trip', withheld.length === 0],
  ],
  'crash-without-ha': (report) => [
    ['the guard trips', withheldBy(report, 'mass_stop') > 0],
    ['what is not stopped is withheld by the guard', withheldBy(report, 'mass_stop') === report.dead.routed],
  ],
  'crash-without-ha-released': ({ deadAfterRelease: later }) => [
    ['95 of 100 dead chats probed after the release are stopped', later !== null && later.stopped >= 0.95 * (later.stopped + later.routed)],
  ],
  'misconfigured-target': ({ reasons }) => [
    [
      'nothing is stopped but what its own data call closed',
      reasons.every(({ verdict, reason }) => verdict === 'route' || reason === 'session_offline'),
    ],
  ],
};

function withheldBy({ withheld }: RehearsalReport, cause: string): number {
  return withheld.find(({ because }) => because === cause)?.chats ?? 0;
}
