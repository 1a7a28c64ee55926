/** A message to a chat, as the relay saw it; all times are on one clock. */
export interface Message {
  readonly interactionId: string;
  readonly chatServer: string;
  readonly begunMs: number;
  /** Infinity while it is in flight. */
  readonly endedMs: number;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the replicas said of the store at one moment. */
export interface FleetSample {
  readonly atMs: number;
  /** `gone` for one whose process has ended, null for one that did not answer. */
  readonly replicas: readonly (ReplicaSample | 'gone' | null)[];
}

export interface ReplicaSample {
  readonly pid: number;
  readonly isLinked: boolean;
  /** Times that it left the store alone, since its process began. */
  readonly troubles: number;
}

/**
 * The spans in which all replicas that live heard of each other: only there do they promise to act as one. Not the moment in which one died: how
 * it had fared since the sample before, it can tell nobody.
 */
export function wholeSpans(samples: readonly FleetSample[]): readonly Span[] {
  const spans: Span[] = [];
  for (const [n, sample] of samples.entries()) {
    const before = samples[n - 1];
    if (before === undefined || !isWholeBetween(before, sample)) continue;
    const last = spans.at(-1);
    if (last?.toMs === before.atMs) spans[spans.length - 1] = { fromMs: last.fromMs, toMs: sample.atMs };
    else spans.push({ fromMs: before.atMs, toMs: sample.atMs });
  }
  return spans;
}

function isWholeBetween(before: FleetSample, after: FleetSample): boolean {
  return after.replicas.every((now, n) => {
    const then = before.replicas[n] ?? null;
    if (now === null || then === null) return false;
    if (now === 'gone') return then === 'gone';
    if (!now.isLinked) return false;
    if (then === 'gone') return now.troubles === 0;
    return then.isLinked && now.pid === then.pid && now.troubles === then.troubles;
  });
}

export function isWithin({ fromMs, toMs }: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => span.fromMs <= fromMs && toMs <= span.toMs);
}

/** What spans have in common with one, in ms. */
export function sharedMs({ fromMs, toMs }: Span, spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs)), 0);
}

/** The times at which two messages to one chat were in flight, each with the time from the first one's beginning to the end of the last. */
export function doubledMessages(messages: readonly Message[]): readonly (Span & Pick<Message, 'interactionId'>)[] {
  const last = new Map<string, Message>();
  return [...messages]
    .sort((one, other) => one.begunMs - other.begunMs)
    .flatMap((message) => {
      const before = last.get(message.interactionId);
      if (before === undefined || before.endedMs <= message.endedMs) last.set(message.interactionId, message);
      if (before === undefined || before.endedMs <= message.begunMs) return [];
      const { interactionId } = message;
      return [{ interactionId, fromMs: before.begunMs, toMs: Math.max(before.endedMs, message.endedMs) }];
    });
}

/** Canaries within the spans: how many, how many at once at most, and the least time from one to the next. */
export interface Canaries {
  readonly count: number;
  readonly mostAtOnce: number;
  readonly leastGapMs: number;
}

/** @param messages those to a Chat Server that is down. */
export function canariesWithin(messages: readonly Message[], spans: readonly Span[]): Canaries {
  const kept = messages
    .filter(({ begunMs, endedMs }) => isWithin({ fromMs: begunMs, toMs: endedMs }, spans))
    .sort((one, other) => one.begunMs - other.begunMs);
  const atOnce = kept.map(({ begunMs }) => kept.filter((other) => other.begunMs <= begunMs && begunMs < other.endedMs).length);
  const gaps = kept.slice(1).map(({ begunMs }, n) => begunMs - (kept[n]?.begunMs ?? Number.NaN));
  return { count: kept.length, mostAtOnce: Math.max(0, ...atOnce), leastGapMs: Math.min(Number.POSITIVE_INFINITY, ...gaps) };
}

/** The least value that so much of all are not above; NaN where there are none. @param share in (0, 1]. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
