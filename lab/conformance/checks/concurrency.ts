import type { Check, Finding } from '../check.ts';
import { allOf, broken, PASSED } from '../check.ts';
import type { ReplyKind } from '../esp-answer.ts';
import type { EspMessage } from '../esp-message.ts';
import type { Exchange } from '../exchange.ts';
import { expectReply } from '../expectations.ts';
import type { TestSubject } from '../test-subject.ts';

/** Enough for replies to cross, and few enough for a gateway that bounds its load. */
const AT_A_TIME = 8;

interface Asked {
  readonly message: EspMessage;
  readonly saying: ReplyKind;
}

export const CONCURRENT_REPLIES: Check = {
  id: 'concurrent-replies',
  title: `${AT_A_TIME} messages at a time get each its own reply`,
  promise:
    'The reply has the same referenceId as the request, and is the reply to that request: a fault 100 that belongs to another chat stops a live one.',
  source: 'docs/gateway.md, "Limits and connections"',
  needs: ['dead'],
  async run(site) {
    const batch = messages(site);
    const exchanges = await Promise.all(batch.map(({ message }) => site.post(message)));
    const findings = exchanges.map((exchange, index) => judged(batch[index], exchange, site));
    const broke = allOf(findings);
    const busy = exchanges.filter(isBusy).length;
    if (!broke.kept || busy === 0) return broke;
    if (AT_A_TIME - busy < 2) return broken(`${busy} of ${AT_A_TIME} messages at a time were refused as too many`, ...exchanges.slice(-1));
    return { kept: true, note: `${busy} of ${AT_A_TIME} were refused as too many, with Retry-After` };
  },
};

/** All kinds of replies that the site can give, so that they differ in more than their reference ids. One goes to the live chat. */
function messages(site: TestSubject): readonly Asked[] {
  const { live, downServer } = site.settings;
  return Array.from({ length: AT_A_TIME }, (_, n): Asked => {
    if (n === 2 && live !== null) return { message: site.messageToLive(), saying: 'delivered' };
    if (n % 2 === 1 && downServer !== null) return { message: site.messageToDead({ server: downServer }), saying: 'server_not_found' };
    return { message: site.messageToDead(), saying: 'session_not_found' };
  });
}

function judged(asked: Asked | undefined, exchange: Exchange, site: TestSubject): Finding {
  if (asked === undefined || isBusy(exchange)) return PASSED;
  return expectReply(asked.saying, exchange, asked.message, site);
}

/** A gateway may bound its load, if it says when to come again. */
function isBusy(exchange: Exchange): boolean {
  return exchange.kind === 'answered' && exchange.status === 429 && exchange.headers['retry-after'] !== undefined;
}
