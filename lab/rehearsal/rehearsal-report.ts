import { REASON_NAMES, type Reason } from '../../src/probe/reasons.ts';
import type { OnChatServerDown } from '../../src/probe/target.ts';
import { SERVED_BY, type ServedBy, VERDICTS, type Verdict } from '../../src/probe/verdict.ts';
import { WITHHOLDINGS, type Withholding } from '../../src/resilience/events.ts';
import { type AgentCounts, agentCounts, type ChatCounts, chatCounts, type KnownDown, knownDownIn } from './ghost-counts.ts';
import type { JudgedProbe, Play } from './judged-probe.ts';
import type { Mechanism } from './mechanisms.ts';
import { peakRate } from './peak-rate.ts';
import { percentile } from './percentile.ts';
import { serverPeaks } from './server-peaks.ts';
import { LIFE_CAUSES, type LifeCause, STOP_RULES, type StopRule } from './stop-words.ts';

/**
 * What a policy did to the chats of a scenario. Counts are questions unless said otherwise, of which a chat has one each time that
 * it is about to be routed; living and dead are meant at the moment of the verdict.
 */
export interface RehearsalReport extends RehearsalName {
  /** Chats that were asked about. */
  readonly chats: number;
  /** Questions about them; one for each chat where none comes back. */
  readonly asked: number;
  readonly chatsBy: ChatCounts;
  readonly agents: AgentCounts;
  readonly knownDown: KnownDown | null;
  readonly living: ByVerdict;
  readonly dead: ByVerdict;
  /** Living chats stopped, every one in one row, in a fixed order. */
  readonly livingStopped: readonly StoppedRow[];
  /** Dead chats routed: each goes to an agent who finds nobody. */
  readonly ghostsRouted: readonly ReasonRow[];
  /** Verdicts whose evidence is `unknown`. */
  readonly unknown: number;
  /** Verdicts that do not rest on proof. */
  readonly degraded: number;
  /** Computed stops that were answered with `route`, by why. */
  readonly withheld: readonly { readonly because: Withholding; readonly chats: number }[];
  /** Answers by where they came from. */
  readonly servedBy: readonly { readonly servedBy: ServedBy; readonly chats: number }[];
  /** Dead chats probed after the guard was released; null if it never was. */
  readonly deadAfterRelease: ByVerdict | null;
  readonly messages: MessageCounts;
  readonly verdictMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Every verdict, in one row each by its reason. */
  readonly reasons: readonly (ReasonRow & { readonly verdict: Verdict })[];
}

export interface RehearsalName {
  readonly scenario: string;
  readonly policy: string;
  readonly seed: number;
  /** True if each probe fended for itself. */
  readonly plain: boolean;
  /** True if nothing was found out and every chat routed. */
  readonly noProbe: boolean;
  /** Left out where the service sends. */
  readonly observed?: boolean;
  /** Mechanisms of outage protection that were switched off. */
  readonly without: readonly Mechanism[];
  /** The target's rule for chats whose Chat Server is down. */
  readonly onChatServerDown: OnChatServerDown;
}

export interface ByVerdict {
  readonly routed: number;
  readonly stopped: number;
}

export interface ReasonRow {
  readonly reason: Reason;
  readonly chats: number;
}

export interface StoppedRow extends ReasonRow {
  readonly rule: StopRule;
  readonly cause: LifeCause;
}

export interface MessageCounts {
  /** Attempts, whether or not anything was written. */
  readonly sent: number;
  /** Those that reached a session. */
  readonly delivered: number;
  /** Those that named a Chat Server which was down at that moment. */
  readonly toServerDown: number;
  /** Most attempts within any one second. */
  readonly peakPerSecond: number;
  /** Most under way at once to one Chat Server. */
  readonly peakUnderWay: number;
  /** As `peakPerSecond`, of attempts to one Chat Server that the service knew to be down, or to be coming back. */
  readonly peakToSuspect: number;
  readonly peakToRecovering: number;
}

/** Counts a play. The same play gives the same report, key by key. */
export function rehearsalReport(name: RehearsalName, { probes, sends, delivered, outage, releasedAtMs, handleMs }: Play): RehearsalReport {
  const living = probes.filter((probe) => probe.living);
  const dead = probes.filter((probe) => !probe.living);
  const elapsedMs = probes.map((probe) => probe.elapsedMs).sort((a, b) => a - b);
  const verdictMs = (share: number): number => Math.round(percentile(elapsedMs, share));
  const peaks = serverPeaks(sends, outage);
  return {
    ...name,
    chats: new Set(probes.map(({ id }) => id)).size,
    asked: probes.length,
    chatsBy: chatCounts(probes),
    agents: agentCounts(dead, handleMs),
    knownDown: knownDownIn(dead),
    living: byVerdict(living),
    dead: byVerdict(dead),
    livingStopped: stoppedRows(living),
    ghostsRouted: byReason(dead.filter(({ verdict }) => verdict === 'route')),
    unknown: probes.filter(({ evidence }) => evidence === 'unknown').length,
    degraded: probes.filter(({ degraded }) => degraded).length,
    withheld: withheldIn(outage),
    servedBy: counted(SERVED_BY, probes, (probe) => probe.servedBy).map(([servedBy, chats]) => ({ servedBy, chats })),
    deadAfterRelease: releasedAtMs === null ? null : byVerdict(dead.filter(({ startedAtMs }) => startedAtMs >= releasedAtMs)),
    messages: {
      sent: sends.length,
      delivered,
      toServerDown: sends.filter(({ toServerDown }) => toServerDown).length,
      peakPerSecond: peakRate(
        sends.map(({ atMs }) => atMs),
        1_000,
      ),
      peakUnderWay: sends.reduce((most, { underWay, chatServer }) => (chatServer === null ? most : Math.max(most, underWay)), 0),
      peakToSuspect: peaks.suspect,
      peakToRecovering: peaks.recovering,
    },
    verdictMs: { p50: verdictMs(0.5), p99: verdictMs(0.99), max: verdictMs(1) },
    reasons: VERDICTS.flatMap((verdict) =>
      byReason(probes.filter((probe) => probe.verdict === verdict)).map(({ reason, chats }) => ({ reason, verdict, chats })),
    ),
  };
}

/** Living chats stopped for which no rule or no cause was found: a bug in the world, the rules or the judge. */
export function unexplainedIn({ livingStopped }: RehearsalReport): number {
  const rows = livingStopped.filter(({ rule, cause }) => rule === 'no_rule' || cause === 'unexplained');
  return rows.reduce((sum, { chats }) => sum + chats, 0);
}

function byVerdict(probes: readonly JudgedProbe[]): ByVerdict {
  const routed = probes.filter(({ verdict }) => verdict === 'route').length;
  return { routed, stopped: probes.length - routed };
}

function withheldIn(outage: Play['outage']): RehearsalReport['withheld'] {
  const causes = outage.flatMap(({ event }) => (event.type === 'stop_withheld' ? [event.because] : []));
  return counted(WITHHOLDINGS, causes, (because) => because).map(([because, chats]) => ({ because, chats }));
}

function byReason(probes: readonly JudgedProbe[]): readonly ReasonRow[] {
  return counted(REASON_NAMES, probes, (probe) => probe.reason).map(([reason, chats]) => ({ reason, chats }));
}

/** How many there are of each of these words, in their order; of which there are none is left out. */
function counted<W extends string, T>(
  words: readonly W[],
  things: readonly T[],
  wordOf: (thing: T) => W,
): readonly (readonly [W, number])[] {
  const counts = new Map<W, number>();
  for (const thing of things) counts.set(wordOf(thing), (counts.get(wordOf(thing)) ?? 0) + 1);
  return words.flatMap((word) => {
    const count = counts.get(word) ?? 0;
    return count === 0 ? [] : [[word, count] as const];
  });
}

/** A living chat that was stopped and not explained counts as unexplained: no chat falls out of the table. */
function stoppedRows(living: readonly JudgedProbe[]): readonly StoppedRow[] {
  const counts = new Map<string, StoppedRow>();
  for (const { verdict, reason, explanation } of living) {
    if (verdict !== 'stop') continue;
    const { rule, cause } = explanation ?? ({ rule: 'no_rule', cause: 'unexplained' } as const);
    const key = orderOf(reason, rule, cause);
    counts.set(key, { reason, chats: (counts.get(key)?.chats ?? 0) + 1, rule, cause });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

const RULES = Object.keys(STOP_RULES);
const CAUSES = Object.keys(LIFE_CAUSES);

/** Sorts as the tables do. */
function orderOf(reason: Reason, rule: StopRule, cause: LifeCause): string {
  return [REASON_NAMES.indexOf(reason), RULES.indexOf(rule), CAUSES.indexOf(cause)].map((place) => String(place).padStart(3, '0')).join();
}
