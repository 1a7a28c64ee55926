import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { ChatCensus } from './chat-census.ts';
import type { JudgedProbe, Play } from './judged-probe.ts';
import { SURROUNDINGS, type Trouble, troublesIn } from './server-events.ts';

/** How an outage went, over time, in ms since the world began: what a picture of it shows. */
export interface OutageCourse {
  /** When the last answer was given or the last message sent; above 0. */
  readonly endMs: number;
  readonly chats: readonly ChatsAt[];
  /** The Chat Servers in the order of the scenario, then what else went wrong. */
  readonly servers: readonly { readonly name: string; readonly troubles: readonly Trouble[] }[];
  /** Length of the spans in which answers and messages are counted. */
  readonly spanMs: number;
  readonly answers: readonly AnswerSpan[];
  readonly messages: readonly MessageSpan[];
}

export interface ChatsAt {
  readonly atMs: number;
  readonly living: number;
  /** Chats whose customer is gone and that no answer has stopped. */
  readonly ghosts: number;
}

/** Answers that were given within one span; living and dead are meant at that moment. */
export interface AnswerSpan {
  readonly fromMs: number;
  readonly livingRouted: number;
  readonly livingStopped: number;
  readonly deadRouted: number;
  readonly deadStopped: number;
}

/** Attempts to send that began within one span. */
export interface MessageSpan {
  readonly fromMs: number;
  readonly toServerDown: number;
  readonly others: number;
}

/** The spans that clocks have names for, in ms. */
const SPANS_MS = [
  ...[100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000],
  ...[1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 1_440].map((minutes) => minutes * 60_000),
];
const MOST_SPANS = 110;

/** The shortest span of which no more than so many fill a time. */
export function spanFor(timeMs: number, mostSpans: number): number {
  return SPANS_MS.find((spanMs) => spanMs * mostSpans >= timeMs) ?? Math.ceil(timeMs / mostSpans);
}

export function outageCourse(scenario: Scenario, { probes, sends }: Play, census: ChatCensus): OutageCourse {
  const endMs = probes.reduce((latest, probe) => Math.max(latest, answeredAtMs(probe)), sends.at(-1)?.atMs ?? 1);
  const spanMs = spanFor(endMs, MOST_SPANS);
  // The last moment belongs to the last span, and has one even where it is the end of another.
  const spans = Array.from({ length: Math.floor(endMs / spanMs) + 1 }, (_, n) => n * spanMs);
  const within = <T>(things: readonly T[], atMs: (thing: T) => number): readonly (readonly T[])[] => {
    const found: T[][] = spans.map(() => []);
    for (const thing of things) found[Math.floor(atMs(thing) / spanMs)]?.push(thing);
    return found;
  };
  return {
    endMs,
    spanMs,
    chats: chatsOver(probes, census, endMs),
    servers: serversIn(scenario),
    answers: within(probes, answeredAtMs).map((given, n) => ({ fromMs: spans[n] ?? 0, ...countedAnswers(given) })),
    messages: within(sends, ({ atMs }) => atMs).map((sent, n) => {
      const toServerDown = sent.filter((send) => send.toServerDown).length;
      return { fromMs: spans[n] ?? 0, toServerDown, others: sent.length - toServerDown };
    }),
  };
}

function answeredAtMs({ startedAtMs, elapsedMs }: JudgedProbe): number {
  return startedAtMs + elapsedMs;
}

function countedAnswers(given: readonly JudgedProbe[]): Omit<AnswerSpan, 'fromMs'> {
  const count = (living: boolean, verdict: JudgedProbe['verdict']): number =>
    given.filter((probe) => probe.living === living && probe.verdict === verdict).length;
  return {
    livingRouted: count(true, 'route'),
    livingStopped: count(true, 'stop'),
    deadRouted: count(false, 'route'),
    deadStopped: count(false, 'stop'),
  };
}

/** A chat is a ghost from when its customer was first missed until it is stopped. */
function chatsOver(probes: readonly JudgedProbe[], { counts, goneSinceMs }: ChatCensus, endMs: number): readonly ChatsAt[] {
  const stoppedAtMs = new Map<string, number>();
  for (const probe of probes) {
    if (probe.verdict !== 'stop') continue;
    stoppedAtMs.set(probe.id, Math.min(answeredAtMs(probe), stoppedAtMs.get(probe.id) ?? Number.POSITIVE_INFINITY));
  }
  const gone = [...goneSinceMs].map(([id, sinceMs]) => ({ sinceMs, untilMs: stoppedAtMs.get(id) ?? Number.POSITIVE_INFINITY }));
  // The last count comes after the last answer, and tells how it ended.
  const told = counts.filter(({ atMs }, n) => atMs < endMs || n === counts.length - 1);
  return told.map((count) => {
    const atMs = Math.min(count.atMs, endMs);
    return { atMs, living: count.living, ghosts: gone.filter(({ sinceMs, untilMs }) => sinceMs <= count.atMs && atMs < untilMs).length };
  });
}

function serversIn({ chatServers, events, service }: Scenario): OutageCourse['servers'] {
  const troubles = troublesIn(events);
  const named = [...chatServers, ...SURROUNDINGS].map((name) => ({ name, troubles: troubles.filter(({ who }) => who === name) }));
  const stalls = service.stalls.map(({ atMs, forMs }) => ({
    who: STALLED,
    what: 'stands still' as const,
    fromMs: atMs,
    toMs: atMs + forMs,
  }));
  return [...named, { name: STALLED, troubles: stalls }].filter(({ name, troubles: own }) => chatServers.includes(name) || own.length > 0);
}

const STALLED = 'this service';
