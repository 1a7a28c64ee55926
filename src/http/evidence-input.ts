import type { EvidenceFilter, Position } from '../evidence/evidence-rules.ts';
import { isReason } from '../probe/reasons.ts';
import { VERDICTS } from '../probe/verdict.ts';
import { TRUTHS, type Truth } from '../resilience/events.ts';
import { type Query, readQuery } from './form.ts';
import { type Checked, passed, refused } from './problems.ts';
import { type Body, isGiven } from './request-body.ts';
import { knownFields, readFields } from './request-fields.ts';

/** Which records a page is to have. */
export interface AskedPage {
  readonly filter: EvidenceFilter;
  /** Where the page before ended; null for the first. */
  readonly before: Position | null;
  readonly limit: number;
}

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;

const FILTERS = ['verdict', 'reason', 'target', 'chatServer', 'since', 'limit', 'cursor'] as const;
const KNOWN = knownFields(FILTERS, { nested: null, ofMany: null });
type Given = { readonly [K in (typeof FILTERS)[number]]?: string };

/**
 * Reads the query of a list. A filter that is misspelt, or that nothing can ever pass, is refused: whoever looks for stops must not
 * take "none found" for an answer.
 *
 * @param epoch names those who can read each other's cursors.
 */
export function readPage(asked: Query, epoch: string): Checked<AskedPage> {
  const form = readQuery(asked);
  if (!form.ok) return form;
  const query = form.value;
  const stranger = Object.keys(query).find((name) => !KNOWN.all.has(name.toLowerCase()));
  if (stranger !== undefined) return refused('invalid_field', stranger.slice(0, 64), `is no filter: there are ${FILTERS.join(', ')}`);
  const read = readFields(KNOWN, query, null);
  if (!read.ok) return read;
  const given: Given = Object.fromEntries(Object.entries(read.value).map(([name, value]) => [name, String(value).trim()]));
  const { target = null, chatServer = null } = given;
  const verdict = oneOf(VERDICTS, given.verdict);
  if (verdict === undefined) return refused('invalid_field', 'verdict', `must be ${VERDICTS.join(' or ')}`);
  const reason = given.reason?.toLowerCase() ?? null;
  if (reason !== null && !isReason(reason)) return refused('invalid_field', 'reason', 'is no reason: see docs/reference.md');
  const sinceMs = given.since === undefined ? null : momentOf(given.since);
  if (Number.isNaN(sinceMs)) return refused('invalid_field', 'since', 'must be a date and time with its zone, as 2026-11-27T09:30:00Z');
  const limit = given.limit === undefined ? DEFAULT_LIMIT : Number(given.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return refused('invalid_field', 'limit', `must be a whole number from 1 to ${MAX_LIMIT}`);
  const before = given.cursor === undefined ? null : positionOf(given.cursor, epoch);
  if (before === undefined)
    return refused(
      'invalid_field',
      'cursor',
      'is none of this instance since it was started, nor of one that shares its evidence: begin again without a cursor',
    );
  return passed({ filter: { verdict, reason, target, chatServer, sinceMs }, before, limit });
}

/** The word of a closed list in whatever case; null if none was given, undefined if it is another. */
function oneOf<W extends string>(words: readonly W[], given: string | undefined): W | null | undefined {
  return given === undefined ? null : words.find((word) => word === given.toLowerCase());
}

/** RFC 3339. The plus of a zone that was not percent-encoded arrives as a space. */
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)t\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:z|[+ -]\d\d:\d\d)$/i;

/** Unix time in milliseconds; NaN if it is no moment. */
function momentOf(text: string): number {
  const [, year, month, day] = MOMENT.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  // JavaScript takes the 30th of February for a day in March.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isDay ? Date.parse(text.toUpperCase().replace(' ', '+')) : Number.NaN;
}

/** Where a page ended, for whoever asks for the next one. */
export function cursorOf({ order, probeId }: Position, epoch: string): string {
  return Buffer.from(`${epoch}.${order}.${probeId}`).toString('base64url');
}

/** Undefined if it is no cursor of theirs. */
function positionOf(cursor: string, epoch: string): Position | undefined {
  const [, of, order = '', probeId = ''] = /^([^.]*)\.(\d{1,16})\.(.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return of === epoch ? { order: Number(order), probeId } : undefined;
}

const FEEDBACK = knownFields(['truth'], { nested: null, ofMany: null });

/** Reads what somebody says of a chat, from JSON, a form or the query. */
export function readTruth(asked: Query, body: Body | null): Checked<Truth> {
  const query = readQuery(asked);
  if (!query.ok) return query;
  const read = readFields(FEEDBACK, query.value, body);
  if (!read.ok) return read;
  const { truth } = read.value;
  const word = typeof truth === 'string' && isGiven(truth) ? oneOf(TRUTHS, truth.trim()) : null;
  return word === null || word === undefined ? refused('invalid_field', 'truth', `must be ${TRUTHS.join(' or ')}`) : passed(word);
}
