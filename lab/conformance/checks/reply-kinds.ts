import type { Check } from '../check.ts';
import { broken, expecting } from '../check.ts';
import { espAnswerIn, written } from '../esp-answer.ts';
import { expectNotFound, expectReply } from '../expectations.ts';

/** Nobody calls a Chat Server that. */
const NO_SUCH_SERVER = 'chat-probe-names-no-such-server';

const SOURCE = 'docs/gateway.md, "Replies"';
const ANSWERS = 'The gateway answers 200 with Event3rdServerResponse, Event3rdServerFault or EventError';
const FORM = 'It is JSON of at most 64 KiB, not compressed, with the ids of its message and with no 1xx before it.';

export const REPLY_DELIVERED: Check = {
  id: 'reply-delivered',
  title: 'a message to a live chat is answered as delivered',
  promise: `${ANSWERS}: Event3rdServerResponse for a message that was delivered. ${FORM}`,
  source: SOURCE,
  needs: ['live'],
  async run(site) {
    const message = site.messageToLive();
    return expectReply('delivered', await site.post(message), message, site);
  },
};

export const REPLY_FAULT_100: Check = {
  id: 'reply-fault-100',
  title: 'a message to a dead chat is answered with fault 100, as a string',
  promise: `${ANSWERS}: Event3rdServerFault with FaultCode "100", a string, in request.Parameters where the session does not exist.`,
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    const found = expectNotFound(exchange);
    const code = espAnswerIn(exchange)?.faultCode;
    if (!found.kept || code === '100') return found;
    return broken(`FaultCode is the number ${written(code)}; it must stay the string that Chat Server sends`, exchange);
  },
};

export const REPLY_SERVER_DOWN: Check = {
  id: 'reply-server-down',
  title: 'a message to a Chat Server that is down is answered with EventError 1',
  promise: `${ANSWERS}: EventError with errorCode 1 and an errorMessage (or errorDescription) that begins with "Not found by" where the Chat Server is not there. ${FORM}`,
  source: SOURCE,
  needs: ['dead', 'downServer'],
  async run(site) {
    const message = site.messageToDead({ server: site.settings.downServer });
    return expectReply('server_not_found', await site.post(message), message, site);
  },
};

export const REPLY_UNKNOWN_SERVER: Check = {
  id: 'reply-unknown-server',
  title: 'a Chat Server name that it does not know is answered with 422',
  promise: 'The gateway answers 422 for a name it does not know: a name that is not configured proves nothing.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead({ server: NO_SUCH_SERVER }));
    return expecting(`422 for ${NO_SUCH_SERVER}`, exchange, exchange.kind === 'answered' && exchange.status === 422);
  },
};

/** The dead chat's Chat Server runs, so whoever is asked by type, one is found. */
export const REPLY_BY_TYPE: Check = {
  id: 'reply-by-type',
  title: 'a message to a dead chat without a Chat Server name is answered with fault 100',
  promise: `Without AppName the gateway asks by type. "Not found by type" while a Chat Server runs would be false proof that all are down. ${FORM}`,
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const message = site.messageToDead({ server: null });
    return expectReply('session_not_found', await site.post(message), message, site);
  },
};
