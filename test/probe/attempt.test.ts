import { describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/probe/adapter.ts';
import { classify } from '../../src/probe/attempt.ts';
import type { EspReply } from '../../src/probe/esp.ts';
import { ID_KEYS, REQUEST, RULES } from '../support/samples.ts';

const response: EspReply = { kind: 'response', referenceId: 7, userData: { InteractionId: '0006Ka9HFHRR0T2B' } };
const notFound: EspReply = { kind: 'fault', referenceId: 7, userData: null, service: 'Chat', faultCode: '100', faultString: null };
const serverDown: EspReply = { kind: 'error', referenceId: 7, userData: null, errorCode: 1, errorMessage: 'Not found by type' };

function read(reply: EspReply, changes: { request?: Partial<typeof REQUEST>; rules?: Partial<typeof RULES>; mayHaveMoved?: boolean } = {}) {
  const outcome: SendOutcome = { kind: 'reply', reply };
  return classify({ ...REQUEST, ...changes.request }, ID_KEYS, outcome, { ...RULES, ...changes.rules }, changes.mayHaveMoved ?? false);
}

describe('a response', () => {
  it('means delivered', () => {
    expect(read(response)).toBe('delivered');
  });

  it('means delivered without any user data', () => {
    expect(read({ ...response, userData: null })).toBe('delivered');
    expect(read({ ...response, userData: { InteractionId: null, Other: 'x' } })).toBe('delivered');
  });

  it('means delivered where an id of digits came back as a number', () => {
    const request = { userData: { InteractionId: '4711', Id: '4711' } };
    expect(read({ ...response, userData: { InteractionId: 4711 } }, { request })).toBe('delivered');
  });
});

describe('an answer to another message', () => {
  it.each([response, notFound, serverDown])('with a foreign reference id proves nothing ($kind)', (reply) => {
    expect(read({ ...reply, referenceId: 8 })).toBe('reply_mismatch');
  });

  it.each(['InteractionId', 'Id', 'interactionid', 'ID'])('with another id in %s proves nothing', (key) => {
    for (const reply of [response, notFound, serverDown]) {
      expect(read({ ...reply, userData: { [key]: '02JH8H2FE3Q3T00E' } })).toBe('reply_mismatch');
    }
  });

  it.each([
    ['nested', { A: { B: { Id: '02JH8H2FE3Q3T00E' } } }],
    ['in a list', { A: [{ x: 1 }, [{ interactionID: '02JH8H2FE3Q3T00E' }]] }],
    ['beside ours', { Id: '0006Ka9HFHRR0T2B', A: { Id: '0006Ka9HFHRR0T2B', B: { Id: 5 } } }],
    ['below ours', { Id: { InteractionId: '0006Ka9HFHRR0T2B' } }],
  ])('with another id %s proves nothing, in user data or in the request', (_where, echoed) => {
    for (const reply of [response, notFound, serverDown]) {
      expect(read({ ...reply, userData: echoed })).toBe('reply_mismatch');
      expect(read({ ...reply, request: { Service: 'Chat', UserData: echoed } })).toBe('reply_mismatch');
    }
  });

  it('is not one that gives back what the caller himself put under such a key', () => {
    const userData = { ...REQUEST.userData, Customer: { Id: 'C-17', id: 4711, Case: { ID: { Number: 5 } } } };
    const read_ = (echoed: Readonly<Record<string, unknown>>) => read({ ...response, userData: echoed }, { request: { userData } });
    expect(read_(userData)).toBe('delivered');
    expect(read_({ Customer: { Id: 'C-17', id: '4711' } })).toBe('delivered');
    expect(read_({ Customer: { Id: 'C-18' } })).toBe('reply_mismatch');
    expect(read_({ Customer: { Id: '[object Object]' } })).toBe('reply_mismatch');
  });

  it('is one whose number only rounds to the id', () => {
    const id = '9007199254740992';
    expect(read({ ...response, userData: { Id: 9_007_199_254_740_992 } }, { request: { userData: { InteractionId: id, Id: id } } })).toBe(
      'reply_mismatch',
    );
  });

  it('is found however deep it lies', () => {
    let echoed: Readonly<Record<string, unknown>> = { Id: 'other' };
    for (let level = 0; level < 100_000; level += 1) echoed = { A: echoed };
    expect(read({ ...response, userData: echoed })).toBe('reply_mismatch');
  });

  it.each([['0006ka9hfhrr0t2b'], [''], [{}], [['0006Ka9HFHRR0T2B']], [false], [12]])('with %j for an id proves nothing', (id) => {
    expect(read({ ...response, userData: { Id: id } })).toBe('reply_mismatch');
  });

  it('is not made of what objects inherit', () => {
    const keys = ['toString'];
    expect(classify(REQUEST, keys, { kind: 'reply', reply: { ...response, userData: {} } }, RULES, false)).toBe('delivered');
  });
});

describe('fault 100', () => {
  it('proves that the named Chat Server does not have the session', () => {
    expect(read(notFound)).toBe('session_not_found');
  });

  it('counts where the service was not echoed', () => {
    expect(read({ ...notFound, service: null })).toBe('session_not_found');
  });

  it.each(['', 'chat', 'Email'])('of service %j is no answer to what was sent, whatever its code', (service) => {
    for (const faultCode of ['100', '7', null]) expect(read({ ...notFound, service, faultCode })).toBe('protocol_error');
  });

  it.each([null, '', '1', '101', '0100', '100 ', '1e2'])('is not code %j', (faultCode) => {
    expect(read({ ...notFound, faultCode })).toBe('fault_unrecognised');
  });

  it('by type proves nothing where several Chat Servers could have been asked', () => {
    expect(read(notFound, { request: { appName: null } })).toBe('session_not_found_by_type');
  });

  it('by type is proof where there is only one Chat Server', () => {
    expect(read(notFound, { request: { appName: null }, rules: { singleChatServer: true } })).toBe('session_not_found');
  });

  it('after the server was seen down may mean that the session moved', () => {
    expect(read(notFound, { mayHaveMoved: true })).toBe('session_may_have_moved');
  });

  it('after the server was seen down is still proof without high availability', () => {
    expect(read(notFound, { mayHaveMoved: true, rules: { ha: false } })).toBe('session_not_found');
  });
});

describe('a reply in which a key stood twice', () => {
  it.each(['InteractionId', 'id'])('proves nothing where that carries the id: %s', (key) => {
    for (const reply of [response, notFound, serverDown]) expect(read({ ...reply, repeatedKeys: ['A', key] })).toBe('protocol_error');
  });

  it('is read where that carries something else', () => {
    expect(read({ ...response, repeatedKeys: ['A', 'ParentId'] })).toBe('delivered');
  });
});

describe('error 1', () => {
  it.each(['Not found by type', 'Not found by name', 'NOT FOUND BY NAME', 'not found by'])(
    '%j means that the Chat Server is down',
    (errorMessage) => {
      expect(read({ ...serverDown, errorMessage })).toBe('chat_server_not_found');
    },
  );

  it.each([null, '', 'Not found', 'Session not found by name'])('%j is not recognised', (errorMessage) => {
    expect(read({ ...serverDown, errorMessage })).toBe('error_unrecognised');
  });

  it.each([0, -1, 2, 52])('is not code %j', (errorCode) => {
    expect(read({ ...serverDown, errorCode })).toBe('error_unrecognised');
  });
});

it('takes a failure of the way there as it is', () => {
  const outcome: SendOutcome = { kind: 'failure', reason: 'dns_failure', written: false, rejected: false, retryAfterMs: null, detail: '' };
  expect(classify(REQUEST, ID_KEYS, outcome, RULES, false)).toBe('dns_failure');
});
