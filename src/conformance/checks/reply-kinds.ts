import type { Check } from '../check.ts';
import { broken, expecting, KEPT } from '../check.ts';
import { espAnswerIn, inWords, sayingOf, written } from '../esp-answer.ts';
import { expectNotFound } from '../expectations.ts';

/** Nobody calls a Chat Server that. */
const NO_SUCH_SERVER = 'chat-probe-names-no-such-server';

const SOURCE = 'contract §5';
const ANSWERS = 'The gateway answers 200 with Event3rdServerResponse, Event3rdServerFault or EventError';

export const REPLY_DELIVERED: Check = {
  id: 'reply-delivered',
  title: 'a message to a live chat is answered as delivered',
  promise: `${ANSWERS}: Event3rdServerResponse for a message that was delivered.`,
  source: SOURCE,
  needs: ['live'],
  async run(site) {
    const exchange = await site.post(site.messageToLive());
    return expecting('Event3rdServerResponse', exchange, sayingOf(exchange) === 'delivered');
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
  promise: `${ANSWERS}: EventError with errorCode 1 and an errorMessage that begins with "Not found by" where the Chat Server is not there.`,
  source: SOURCE,
  needs: ['dead', 'downServer'],
  async run(site) {
    const exchange = await site.post(site.messageToDead({ server: site.settings.downServer }));
    return expecting('EventError with errorCode 1 and "Not found by ..."', exchange, sayingOf(exchange) === 'server_not_found');
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

export const REPLY_BY_TYPE: Check = {
  id: 'reply-by-type',
  title: 'a message without a Chat Server name is taken',
  promise: 'The request carries AppName if it is known: without it the gateway asks by type, and answers 200 with what it hears.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead({ server: null }));
    const saying = sayingOf(exchange);
    if (saying === 'session_not_found' || saying === 'server_not_found') return KEPT;
    return broken(`expected fault 100 or EventError 1, got ${inWords(exchange)}`, exchange);
  },
};
