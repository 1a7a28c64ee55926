import type { Check } from '../check.ts';
import { allOf, broken, expecting, KEPT } from '../check.ts';
import { espAnswerIn, inWords, written } from '../esp-answer.ts';
import { expectNotFound } from '../expectations.ts';

const SOURCE = 'contract §5';

/** The ends of the range that the service counts through, and one in between that 16 bits cannot hold. */
const REFERENCE_IDS = [1, 65_537, 2 ** 31 - 1];
/** The service reads no more of an answer. */
const MOST_REPLY_BYTES = 64 * 1024;

export const REFERENCE_IDS_ECHOED: Check = {
  id: 'reference-ids',
  title: 'replies carry the reference id of their message',
  promise: 'The reply has the same referenceId as the request: a 32-bit number.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const findings = [];
    for (const referenceId of REFERENCE_IDS) {
      const exchange = await site.post(site.messageToDead({ referenceId }));
      const echoed = espAnswerIn(exchange)?.referenceId;
      const instead = echoed === undefined ? inWords(exchange) : written(echoed);
      findings.push(echoed === referenceId ? KEPT : broken(`expected referenceId ${referenceId}, got ${instead}`, exchange));
    }
    return allOf(findings);
  },
};

export const CONTENT_TYPE: Check = {
  id: 'content-type',
  title: 'replies say that they are JSON, in UTF-8 and not compressed',
  promise: 'JSON both ways: content-type application/json, without a charset or with utf-8, and no content-encoding.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    const found = expectNotFound(exchange);
    if (exchange.kind === 'broken' || !found.kept) return found;
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = exchange.headers;
    if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
      return broken(`the content-type is ${JSON.stringify(type)}`, exchange);
    return encoding === 'identity' ? KEPT : broken(`the content-encoding is ${JSON.stringify(encoding)}; none was asked for`, exchange);
  },
};

export const REPLY_SIZE: Check = {
  id: 'reply-size',
  title: 'replies are no larger than 64 KiB',
  promise: 'A reply that is too large is taken for a protocol error: more than 64 KiB are not read.',
  source: 'contract §1, reason protocol_error',
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    if (exchange.kind === 'broken' || exchange.bodyBytes <= MOST_REPLY_BYTES) return expectNotFound(exchange);
    return broken(`the reply has ${exchange.bodyBytes} bytes`, exchange);
  },
};

export const REPLY_USER_DATA: Check = {
  id: 'reply-user-data',
  title: 'user data in a reply is that of the message',
  promise: 'A reply with a user-data id that is present and differs is a mismatch, and proves nothing.',
  source: 'contract §2.2',
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    const { idKeys, dead } = site.settings;
    const userData = espAnswerIn(exchange)?.userData ?? {};
    const other = idKeys.find((key) => Object.hasOwn(userData, key) && userData[key] !== dead);
    if (other === undefined) return expectNotFound(exchange);
    return broken(`userData.${other} is ${written(userData[other])}, not the id that was sent`, exchange);
  },
};

export const REPLY_TIME: Check = {
  id: 'reply-time',
  title: 'a reply comes within the time of one attempt',
  promise: 'A reply comes within the time that X-Deadline-Ms leaves; the built-in policies give an attempt 2,000 ms.',
  source: 'contract §2 and §5',
  needs: ['dead'],
  async run(site) {
    const { maxReplyMs } = site.settings;
    const exchange = await site.post(site.messageToDead(), { deadlineMs: maxReplyMs });
    const within = `fault 100 within ${maxReplyMs} ms`;
    if (!expectNotFound(exchange).kept) return expecting(within, exchange, false);
    return exchange.elapsedMs <= maxReplyMs
      ? KEPT
      : broken(`expected ${within}, but it took ${Math.ceil(exchange.elapsedMs)} ms`, exchange);
  },
};

export const NO_INTERIM_ANSWER: Check = {
  id: 'no-interim-answer',
  title: 'no 1xx comes before a reply',
  promise: 'The gateway sends no 100 Continue, which is never asked for: it is taken for a broken answer.',
  source: 'contract §1, reason protocol_error',
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    const interim = /^HTTP\/1\.1 (1\d\d)/.exec(exchange.received)?.[1];
    return interim === undefined ? expectNotFound(exchange) : broken(`an HTTP ${interim} came before the answer`, exchange);
  },
};
