import type { StoreConfig } from '../config/config.ts';
import { type Position, SHARE_OF_STOPS } from '../evidence/evidence-rules.ts';
import { TRUTHS, type Truth } from '../resilience/events.ts';
import { EVIDENCE_OF_INTERACTION, FIND_EVIDENCE, LIST_EVIDENCE, WRITE_EVIDENCE } from './evidence-scripts.ts';
import { createRedisConnection } from './redis-connection.ts';
import {
  type EvidenceBatch,
  type EvidenceBounds,
  type FindReply,
  type ListReply,
  type ListRequest,
  LOOKED_AT_ONCE,
  type RecordsReply,
  type SharedEvidence,
  type StoredRecord,
  type WordReply,
  type WriteReply,
  type WrittenRecord,
} from './shared-evidence.ts';

/** Later than any record. */
const END = Number.MAX_SAFE_INTEGER;

/** Evidence on Valkey or Redis, by a connection of its own. Each call is one step of the server's (`evidence-scripts.ts`). */
export function createRedisEvidence(settings: StoreConfig, { keptMs, recordsOfTarget }: EvidenceBounds): SharedEvidence {
  const { key, run, reset, close } = createRedisConnection(settings);
  const keys = [key('evidence:')];
  const bounds = [keptMs, recordsOfTarget, Math.floor(recordsOfTarget * SHARE_OF_STOPS)].map(String);
  return {
    write(batch) {
      const { writer, number, records, words } = batch;
      const said = words.flatMap(({ probeId, truth, ageMs }) => [probeId, truth, ageMs.toFixed(0)]);
      const args = [writer, String(number), ...bounds, String(records.length), ...records.flatMap(argumentsOf), ...said];
      return run(WRITE_EVIDENCE, keys, args, (reply) => readWritten(reply, batch));
    },
    find: (probeId) =>
      run(FIND_EVIDENCE, keys, [probeId], (reply): FindReply | null => {
        const records = readRecords(reply);
        return records === null ? null : { kind: 'found', record: records[0] ?? null };
      }),
    ofInteraction: (interactionId) =>
      run(EVIDENCE_OF_INTERACTION, keys, [interactionId], (reply): RecordsReply | null => {
        const records = readRecords(reply);
        return records === null ? null : { kind: 'records', records };
      }),
    list: (request) => run(LIST_EVIDENCE, keys, [...askedFor(request), ...request.alsoHeld], readList),
    reset,
    close,
  };
}

function argumentsOf(record: WrittenRecord): readonly string[] {
  const { probeId, order, verdict, reason, target, chatServer, interactionId, rank, requests, truth, text } = record;
  const words = [probeId, truth ?? '-', order, verdict, reason, target, serverWord(chatServer), interactionId, rank, requests];
  return [words.join(' '), text];
}

/** Names of Chat Servers come from outside, and may have spaces. */
function serverWord(chatServer: string | null): string {
  return chatServer === null ? '-' : Buffer.from(chatServer).toString('base64url');
}

function askedFor({ filter, before, limit }: ListRequest): readonly string[] {
  const { verdict, reason, target, chatServer, sinceMs } = filter;
  const server = chatServer === null ? '' : serverWord(chatServer);
  const sinceOrder = Math.min(END, Math.max(0, Math.ceil((sinceMs ?? 0) * 1_000)));
  const { order, probeId } = before ?? { order: END, probeId: '' };
  return [
    verdict ?? '',
    reason ?? '',
    target ?? '',
    server,
    ...[sinceOrder, order].map(String),
    probeId,
    String(limit),
    String(LOOKED_AT_ONCE),
  ];
}

function readWritten(reply: unknown, { number, words }: EvidenceBatch): WriteReply | null {
  if (!Array.isArray(reply)) return null;
  const [isKnown, answered, about]: readonly unknown[] = reply;
  if (typeof answered !== 'string' || !Array.isArray(about)) return null;
  const [gone = '', heard = ''] = answered.split('|');
  const evicted = gone === '' ? [] : gone.split(';').map(readEvicted);
  const said = heard === '' ? [] : heard.split(';');
  if (said.length !== words.length) return null;
  const read = said.map((word, n): WordReply => {
    const [isFirst, before = ''] = word.split(' ');
    return { isFirst: isFirst === '1', before: truthOf(before), record: readRecord(about[n]) };
  });
  return { kind: 'written', evicted: evicted.filter((each) => each !== null), words: read, hasForgotten: number > 1 && isKnown !== 1 };
}

function readEvicted(text: string): WriteReply['evicted'][number] | null {
  const [target = '', verdict, count] = text.split(' ');
  return verdict === 'stop' || verdict === 'route' ? { target, verdict, count: Number(count) } : null;
}

function readList(reply: unknown): ListReply | null {
  if (!Array.isArray(reply)) return null;
  const [order, probeId, shown, held]: readonly unknown[] = reply;
  const records = readRecords(shown);
  if (records === null || typeof order !== 'string' || typeof probeId !== 'string' || !Array.isArray(held)) return null;
  const lookedTo: Position | null = order === '' ? null : { order: Number(order), probeId };
  return { kind: 'listed', records, lookedTo, held: new Set(held.filter((id) => typeof id === 'string')) };
}

function readRecords(shown: unknown): readonly StoredRecord[] | null {
  return Array.isArray(shown) ? shown.map(readRecord).filter((record) => record !== null) : null;
}

/** A record as the scripts show it: its id, its head and text, and what was said of it. */
function readRecord(shown: unknown): StoredRecord | null {
  if (!Array.isArray(shown)) return null;
  const [probeId, whole, said]: readonly unknown[] = shown;
  if (typeof probeId !== 'string' || typeof whole !== 'string' || typeof said !== 'string') return null;
  const end = whole.indexOf('\n');
  const [order, , , , , , writer = '', rank, requests] = whole.slice(0, Math.max(0, end)).split(' ');
  const [truth = ''] = said.split(' ');
  const numbers = { order: Number(order), rank: Number(rank), requests: Number(requests) };
  return { probeId, ...numbers, writer, truth: truthOf(truth), text: whole.slice(end + 1) };
}

function truthOf(word: string): Truth | null {
  return TRUTHS.find((truth) => truth === word) ?? null;
}
