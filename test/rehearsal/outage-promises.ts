import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';

/**
 * What docs/outages.md promises of every scenario, held against one rehearsal with outage protection. What takes several
 * rehearsals to see: `must-show.ts`.
 *
 * @param latestMs the policy's deadline and, where the process stands still, so long on top.
 */
export function brokenPromises(report: RehearsalReport, latestMs: number): readonly string[] {
  const { asked, living, messages, verdictMs } = report;
  const promises: readonly (readonly [string, boolean])[] = [
    LIVING_OF[report.scenario]?.(report) ?? ['no living chat is stopped', living.stopped === 0],
    ['at most 0.25 messages for each question go to a server that is down', messages.toServerDown <= 0.25 * asked],
    ['at most 10 messages a second go to a server known to be down', messages.peakToSuspect <= 10],
    ['at most 500 messages a second go to a server that is coming back', messages.peakToRecovering <= 500],
    ['at most 250 messages are under way to one server', messages.peakUnderWay <= 250],
    ['every verdict comes by the deadline + 50 ms', verdictMs.max <= latestMs + 50],
    ...(PROMISES_OF[report.scenario]?.(report) ?? []),
  ];
  return promises.filter(([, isKept]) => !isKept).map(([promise]) => promise);
}

type Promised = readonly [string, boolean];

/** Where a living server looks exactly as a dead one does, chance has its part. */
const fewLiving = ({ chatsBy: { living, livingStopped } }: RehearsalReport): Promised => [
  'at most one in a thousand living chats is stopped',
  livingStopped <= living / 1_000,
];
const LIVING_OF: Readonly<Record<string, (report: RehearsalReport) => Promised>> = {
  'lost-link': fewLiving,
  'lost-link-in-stages': fewLiving,
};

type Promises = (report: RehearsalReport) => readonly Promised[];

const almostAllDead = (share: number): Promises => {
  const words = `${share * 100} of 100 dead chats are stopped`;
  return ({ dead, reasons }) => {
    // Those that their own data call closed need nobody to find them out.
    const closed = reasons.find(({ reason }) => reason === 'session_offline')?.chats ?? 0;
    return [[words, dead.stopped - closed >= share * (dead.stopped + dead.routed - closed)]];
  };
};

/** Of single scenarios. */
const PROMISES_OF: Readonly<Record<string, Promises>> = {
  'one-of-four-without-ha': (report) => [...almostAllDead(0.99)(report), ['the guard does not trip', report.withheld.length === 0]],
  'two-of-four-without-ha': almostAllDead(0.99),
  'healthy-with-stale': almostAllDead(0.95),
  'server-stays-down': ({ agents, chatsBy, knownDown, onChatServerDown }) => [
    ['a ghost visits two agents at most', onChatServerDown === 'route' || agents.ghostVisits <= 2 * chatsBy.ghosts],
    ['once its server is known to be down, a ghost is answered within 100 ms (p95)', knownDown !== null && knownDown.p95Ms < 100],
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
