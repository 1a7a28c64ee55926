import type { Check } from '../check.ts';
import { espAnswerIn } from '../esp-answer.ts';
import type { Exchange } from '../exchange.ts';
import { expectNotFoundBut, expectReplyKindBut } from '../expectations.ts';
import { echoProblem, errorProblem, faultCodeProblem, keyProblem, nestedIdProblem } from '../one-reading.ts';

const SOURCE = 'docs/gateway.md, "Read in one way"';

export const REPLY_KEYS: Check = {
  id: 'reply-keys',
  title: 'a reply has each key once, in the case of the contract',
  promise: 'A reply can be read in one way: no key stands twice in one object, and none that is read comes in another case.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    return expectNotFoundBut(keyProblem(exchange), exchange);
  },
};

export const REPLY_NESTED_IDS: Check = {
  id: 'reply-nested-ids',
  title: 'no id of another chat stands anywhere in a reply',
  promise: 'A reply with the id of another chat anywhere in its user data or its request is a mismatch, and proves nothing.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const message = site.messageToDead();
    const exchange = await site.post({ ...message, userData: { ...message.userData, Nested: { Inner: { Deep: 'x' } } } });
    return expectNotFoundBut(nestedIdProblem(exchange, message, site.settings.idKeys), exchange);
  },
};

export const REPLY_ECHO: Check = {
  id: 'reply-echo',
  title: 'Service and Method come back as they were sent, or not at all',
  promise: 'A reply that echoes another Service or Method than was sent answers something else, and proves nothing.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    return expectNotFoundBut(echoProblem(exchange), exchange);
  },
};

export const REPLY_FAULT_CODE: Check = {
  id: 'reply-fault-code',
  title: 'the code of a fault stands in request.Parameters, whatever kind of reply carries it',
  promise:
    'A response that carries a FaultCode is that fault. It is handed on with its code; without it, a dead chat would be taken for live.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead());
    return expectNotFoundBut(faultCodeProblem(exchange) ?? lostCodeProblem(exchange), exchange);
  },
};

export const REPLY_ERROR_NAMES: Check = {
  id: 'reply-error-names',
  title: 'an EventError has one code, and one text under a name that is read',
  promise: 'EventError is read by errorCode, a whole number, and errorMessage or errorDescription, which do not contradict each other.',
  source: SOURCE,
  needs: ['dead', 'downServer'],
  async run(site) {
    const exchange = await site.post(site.messageToDead({ server: site.settings.downServer }));
    return expectReplyKindBut(errorProblem(exchange), 'server_not_found', exchange);
  },
};

function lostCodeProblem(exchange: Exchange): string | null {
  const { messageName, faultCode = null } = espAnswerIn(exchange) ?? {};
  const isDelivered = messageName === 'Event3rdServerResponse' && faultCode === null;
  return isDelivered ? 'a message to the dead chat came back as a response without FaultCode, which means delivered' : null;
}
