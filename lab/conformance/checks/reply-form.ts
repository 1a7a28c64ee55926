import type { Check } from '../check.ts';
import { allOf, broken, expecting, PASSED } from '../check.ts';
import { expectNotFound, expectNotFoundBut } from '../expectations.ts';
import { encodingProblem, interimProblem, referenceIdProblem, sizeProblem, typeProblem, userDataProblem } from '../well-formed-reply.ts';

const SOURCE = 'docs/gateway.md, "Replies"';

/** The ends of the range that the service counts through, and one in between that 16 bits cannot hold. */
const REFERENCE_IDS = [1, 65_537, 2 ** 31 - 1];

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
      findings.push(expectNotFoundBut(referenceIdProblem(exchange, { referenceId }), exchange));
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
    return expectNotFoundBut(encodingProblem(exchange) ?? typeProblem(exchange), exchange);
  },
};

export const REPLY_SIZE: Check = {
  id: 'reply-size',
  title: 'replies are no larger than 64 KiB',
  promise: 'A reply that is too large is taken for a protocol error: more than 64 KiB are not read.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    return expectNotFoundBut(sizeProblem(exchange), exchange);
  },
};

export const REPLY_USER_DATA: Check = {
  id: 'reply-user-data',
  title: 'user data in a reply is that of the message',
  promise: 'A reply with a user-data id that is present and differs is a mismatch, and proves nothing.',
  source: 'docs/gateway.md, "Read in one way"',
  needs: ['dead'],
  async run(site) {
    const message = site.messageToDead();
    const exchange = await site.post(message);
    return expectNotFoundBut(userDataProblem(exchange, message, site.settings.idKeys), exchange);
  },
};

export const REPLY_TIME: Check = {
  id: 'reply-time',
  title: 'a reply comes within the time of one attempt',
  promise: 'A reply comes within the time that X-Deadline-Ms leaves; the built-in policies give an attempt 2,000 ms.',
  source: 'docs/gateway.md, "A message" and "Sizing"',
  needs: ['dead'],
  async run(site) {
    const { maxReplyMs } = site.settings;
    const exchange = await site.post(site.messageToDead(), { deadlineMs: maxReplyMs });
    const within = `fault 100 within ${maxReplyMs} ms`;
    if (!expectNotFound(exchange).kept) return expecting(within, exchange, false);
    return exchange.elapsedMs <= maxReplyMs
      ? PASSED
      : broken(`expected ${within}, but it took ${Math.ceil(exchange.elapsedMs)} ms`, exchange);
  },
};

export const NO_INTERIM_ANSWER: Check = {
  id: 'no-interim-answer',
  title: 'no 1xx comes before a reply',
  promise:
    'The gateway sends no 1xx, which nobody asks for: after a 100 the service takes the reply for broken, and sends its message again.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    return expectNotFoundBut(interimProblem(exchange), exchange);
  },
};
