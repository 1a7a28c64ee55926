import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../probe/clock.ts';
import type { StatusData } from './status-data.ts';
import { LIVE } from './status-sections.ts';

/** What streams are made of. */
export interface StreamParts {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly maxStreams: number;
  /** What is shown, of one target or of all. */
  readonly data: (target: string | null) => Promise<StatusData>;
  /** Whether new streams are refused, and all others end. */
  readonly isLeaving: () => boolean;
}

export interface StatusStreams {
  readonly count: number;
  /** Sends what is new to this browser from now on. @returns false if there are too many, or none are to begin any more. */
  open(response: ServerResponse, target: string | null): boolean;
  /** Ends them all. */
  close(): void;
}

/** How often it is looked whether there is news, or the end. */
export const LOOK_EVERY_MS = 250;
/** How often news is sent at the most. */
export const SEND_EVERY_MS = 1_000;
/** Proxies take a connection without a word for dead. */
export const HEARTBEAT_MS = 15_000;
/** After that the browser comes again, and shows its secret again: one that is no longer valid sees nothing more. */
export const LONGEST_MS = 300_000;
/** When browsers come again that were cut off: not all at once. */
const LEAST_RETRY_MS = 3_000;
const MOST_RETRY_MS = 8_000;

interface Stream {
  readonly response: ServerResponse;
  readonly target: string | null;
  /** The part of the page that was sent last, by its id. */
  readonly sent: Map<string, string>;
  readonly openedAtMs: number;
  wroteAtMs: number;
}

/** Server-sent events for pages that are open. One look for all of them, and nothing is kept for one that does not read. */
export function createStatusStreams(parts: StreamParts): StatusStreams {
  const { clock } = parts;
  const streams = new Set<Stream>();
  let cancelLook = (): void => undefined;
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let isSending = false;

  const end = (stream: Stream): void => {
    streams.delete(stream);
    stream.response.end();
  };
  const close = (): void => {
    cancelLook();
    streams.forEach(end);
  };
  const send = async (): Promise<void> => {
    const pages = new Map<string | null, readonly Part[]>();
    for (const stream of streams) {
      const page = pages.get(stream.target) ?? partsOf(await parts.data(stream.target));
      pages.set(stream.target, page);
      if (streams.has(stream)) tellNews(stream, page, clock.nowMs());
    }
  };
  const sendNow = (nowMs: number): void => {
    sentAtMs = nowMs;
    isSending = true;
    const sent = (): void => {
      isSending = false;
    };
    // What cannot be found out now, the next look may.
    send().then(sent, sent);
  };
  const look = (): void => {
    if (parts.isLeaving()) close();
    const nowMs = clock.nowMs();
    for (const stream of streams) {
      if (nowMs - stream.openedAtMs >= LONGEST_MS) end(stream);
      else if (nowMs - stream.wroteAtMs >= HEARTBEAT_MS) write(stream, ': alive\n\n', nowMs);
    }
    if (!isSending && nowMs - sentAtMs >= SEND_EVERY_MS) sendNow(nowMs);
    if (streams.size > 0) cancelLook = clock.schedule(LOOK_EVERY_MS, look);
  };
  return {
    get count() {
      return streams.size;
    },
    open(response, target) {
      if (streams.size >= parts.maxStreams || parts.isLeaving()) return false;
      const nowMs = clock.nowMs();
      const stream: Stream = { response, target, sent: new Map(), openedAtMs: nowMs, wroteAtMs: nowMs };
      response.once('close', () => streams.delete(stream));
      response.write(`retry: ${Math.round(LEAST_RETRY_MS + parts.random() * (MOST_RETRY_MS - LEAST_RETRY_MS))}\n\n`);
      streams.add(stream);
      if (streams.size > 1) return true;
      cancelLook();
      cancelLook = clock.schedule(LOOK_EVERY_MS, look);
      return true;
    },
    close,
  };
}

function write(stream: Stream, text: string, nowMs: number): void {
  const { response } = stream;
  // What was written long ago and is still here waits for one who does not read: more would only pile up.
  if (response.writableLength > 0) {
    response.destroy();
    return;
  }
  response.write(text);
  stream.wroteAtMs = nowMs;
}

function tellNews(stream: Stream, page: readonly Part[], nowMs: number): void {
  const news = page.filter(({ id, version }) => stream.sent.get(id) !== version);
  if (news.length === 0) return;
  for (const { id, version } of news) stream.sent.set(id, version);
  write(stream, news.map((part) => `event: part\ndata: ${JSON.stringify(part)}\n\n`).join(''), nowMs);
}

interface Part {
  readonly id: string;
  readonly version: string;
  readonly html: string;
}

function partsOf(data: StatusData): readonly Part[] {
  return Object.entries(LIVE).map(([id, render]) => {
    const { text } = render(data);
    return { id, html: text, version: createHash('sha256').update(text).digest('base64url').slice(0, 12) };
  });
}
