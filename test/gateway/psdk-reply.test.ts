import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReply } from '../../src/gateway/psdk-json.ts';
import { repeatedKeys } from '../../src/json/json-object.ts';
import replies from '../fixtures/esp-replies.json' with { type: 'json' };

const FAULT = { messageName: 'Event3rdServerFault', referenceId: 7 };
const RESPONSE = { messageName: 'Event3rdServerResponse', referenceId: 7 };
const ERROR = { messageName: 'EventError', referenceId: 7, errorCode: 1 };
const KINDS = [RESPONSE, FAULT, ERROR];

const decode = (value: unknown) => decodeReply(value, []);
/** A text, since an object cannot hold a key twice. */
const decodeText = (text: string) => decodeReply(JSON.parse(text), repeatedKeys(text, 64) ?? []);

describe('a reply in PSDK JSON', () => {
  it('is read from each fixture', () => {
    const request = { Service: 'Chat', Method: 'Message' };
    const userData = { InteractionId: '0006Ka9HFHRR0T2B' };
    expect(decode(replies.delivered)).toEqual({ kind: 'response', referenceId: 7, userData, request });
    const fault = { kind: 'fault', referenceId: 7, userData: null, service: 'Chat' };
    expect(decode(replies.sessionNotFound)).toEqual({
      ...fault,
      request: replies.sessionNotFound.request,
      faultCode: '100',
      faultString: 'interaction with specified id was not found',
    });
    expect(decode(replies.unrecognisedFault)).toMatchObject({ ...fault, faultCode: '999', faultString: 'something undocumented' });
    const error = { kind: 'error', referenceId: 7, userData: null };
    expect(decode(replies.chatServerNotFoundByType)).toEqual({ ...error, errorCode: 1, errorMessage: 'Not found by type' });
    expect(decode(replies.chatServerNotFoundByName)).toEqual({ ...error, errorCode: 1, errorMessage: 'Not found by name' });
    expect(decode(replies.unrecognisedError)).toEqual({ ...error, errorCode: 42, errorMessage: 'something undocumented' });
  });

  it.each([
    ['text', 'gone', 'gone'],
    ['not text', 5, null],
  ])('takes a fault string that is %s', (_, FaultString, faultString) => {
    expect(decode({ ...FAULT, request: { Parameters: { FaultString } } })).toMatchObject({ faultString });
  });

  it.each([
    ['without a request', {}],
    ['with a null request', { request: null }],
    ['with null parameters', { request: { Parameters: null } }],
    ['with a null fault code', { request: { Parameters: { FaultCode: null } } }],
  ])('takes a fault %s', (_, part) => {
    expect(decode({ ...FAULT, ...part })).toMatchObject({ kind: 'fault', service: null, faultCode: null, faultString: null });
  });

  it('takes attributes beyond the contract', () => {
    expect(decode({ ...replies.delivered, tenantId: 1, parameters: { a: 1, faultCode: null } })).toMatchObject({ kind: 'response' });
  });

  it.each([
    ['null', null],
    ['text', 'Event3rdServerResponse'],
    ['a list', [replies.delivered]],
    ['an empty object', {}],
    ['a message of another name', { ...replies.delivered, messageName: 'EventAck' }],
    ['a message without a name', { referenceId: 7 }],
    ['a reference id that is text', { ...replies.delivered, referenceId: '7' }],
    ['a reference id with a fraction', { ...replies.delivered, referenceId: 7.5 }],
    ['a reference id beyond exact numbers', { ...replies.delivered, referenceId: 2 ** 53 }],
    ['user data that is a list', { ...replies.delivered, userData: [] }],
    ['user data that is text', { ...replies.delivered, userData: 'x' }],
    ['a message whose attributes are inherited', Object.create(replies.delivered)],
    ...KINDS.flatMap((kind): [string, unknown][] => [
      [`${kind.messageName} whose request is a list`, { ...kind, request: [{ Parameters: { FaultCode: '100' } }] }],
      [`${kind.messageName} whose parameters are text`, { ...kind, request: { Parameters: '{"FaultCode":"100"}' } }],
    ]),
  ])('is not found in %s', (_, value) => {
    expect(decode(value)).toBe('NOT_ESP');
  });

  it('never throws, and yields exactly what is documented, whatever JSON comes', () => {
    const keys = ['messageName', 'referenceId', 'userData', 'request', 'errorCode', 'errorMessage', '__proto__', 'constructor'];
    const names = fc.constantFrom('Event3rdServerResponse', 'Event3rdServerFault', 'EventError', 'x');
    const near = fc.dictionary(fc.constantFrom(...keys), fc.oneof(names, fc.integer(), fc.jsonValue()));
    const nearer = fc.tuple(near, names, fc.integer()).map(([rest, messageName, referenceId]) => ({ ...rest, messageName, referenceId }));
    const fields = {
      response: ['kind', 'referenceId', 'userData'],
      fault: ['faultCode', 'faultString', 'kind', 'referenceId', 'service', 'userData'],
      error: ['errorCode', 'errorMessage', 'kind', 'referenceId', 'userData'],
    };
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near, nearer), (value) => {
        const reply = decode(value);
        if (typeof reply === 'string') return;
        const { request = {}, ...rest } = reply;
        expect(Object.keys(rest).sort()).toEqual(fields[reply.kind]);
        expect(typeof request).toBe('object');
        expect(Number.isSafeInteger(reply.referenceId)).toBe(true);
        if (reply.kind === 'fault') expect([reply.faultCode, reply.faultString, reply.service].every(isTextOrNull)).toBe(true);
        if (reply.kind === 'error') expect(Number.isSafeInteger(reply.errorCode) && isTextOrNull(reply.errorMessage)).toBe(true);
      }),
    );
  });
});

describe('a fault code', () => {
  it.each([
    ['text', '100', '100'],
    ['a number', 100, '100'],
    ['text that is no number', 'none', 'none'],
    ['zero', 0, '0'],
  ])('that is %s makes a fault, of a response too', (_, FaultCode, faultCode) => {
    const request = { Service: 'Chat', Parameters: { FaultCode, FaultString: 'x' } };
    for (const kind of [FAULT, RESPONSE])
      expect(decode({ ...kind, request })).toMatchObject({ kind: 'fault', service: 'Chat', faultCode, faultString: 'x' });
  });

  it('that is absent or null makes none of a response', () => {
    for (const Parameters of [{}, { FaultCode: null }, { FaultString: 'x' }, null])
      expect(decode({ ...RESPONSE, request: { Parameters } })).toMatchObject({ kind: 'response' });
  });

  it.each([[''], [' '], [true], [false], [{}], [['100']], [1.5], [1e300]])('%j cannot be read, and is nothing delivered', (FaultCode) => {
    for (const kind of [FAULT, RESPONSE]) expect(decode({ ...kind, request: { Parameters: { FaultCode } } })).toBe('FAULT_CODE');
  });

  it.each([
    ['at the top', { FaultCode: '100' }],
    ['at the top in another case', { faultCode: '100' }],
    ['in parameters at the top', { Parameters: { FaultCode: '100' } }],
    ['in parameters at the top in another case', { parameters: { faultcode: 100 } }],
    ['in the request', { request: { FaultCode: '100' } }],
    ['in another case', { request: { Parameters: { faultCode: '100' } } }],
    ['in another case beside the right one', { request: { Parameters: { FaultCode: '100', FAULTCODE: '7' } } }],
    ['of no readable type where none is read', { faultCode: {} }],
    ['in what is no part of the contract', { response: { Parameters: { FaultCode: '100' } } }],
    ['in what another kind of answer has', { errorMessage: [{ FaultCode: '100' }] }],
    ['deeper in the request', { request: { Result: [{ faultcode: 100 }] } }],
    ['deeper in the parameters', { request: { Parameters: { Fault: { FaultCode: '100' } } } }],
  ])('%s is no fault, and is nothing delivered', (_, part) => {
    for (const kind of KINDS) expect(decode({ ...kind, ...part })).toBe('FAULT_CODE');
  });

  it('that is null may stand anywhere, and in user data any may', () => {
    const userData = { FaultCode: '100', A: { FaultCode: '100' } };
    const request = { FaultCode: null, Parameters: { faultCode: null, A: { FaultCode: null } }, UserData: userData };
    const rest = { faultCode: null, A: [{ FaultCode: null }], request, userData };
    expect(decode({ ...RESPONSE, ...rest })).toMatchObject({ kind: 'response' });
    expect(decode({ ...ERROR, ...rest })).toMatchObject({ kind: 'error' });
  });
});

describe('Service and Method', () => {
  it('may be absent, null, or what was sent', () => {
    for (const request of [{}, { Service: null, Method: null }, { Service: 'Chat' }, { Method: 'Message' }])
      for (const kind of KINDS) expect(decode({ ...kind, request })).toMatchObject({ referenceId: 7 });
    expect(decode({ ...FAULT, request: { Service: null } })).toMatchObject({ service: null });
  });

  it.each([
    { Service: 'Email' },
    { Service: 'chat' },
    { Service: '' },
    { Service: 5 },
    { Service: ['Chat'] },
    { Service: false },
    { Method: 'Notice' },
    { Method: 'message' },
    { Method: {} },
    { Service: 'Chat', Method: 0 },
  ])('cannot be others than were sent: %j', (request) => {
    for (const kind of KINDS) expect(decode({ ...kind, request })).toBe('SERVICE_OR_METHOD');
  });
});

describe('an error', () => {
  it.each([
    [1, 1],
    ['1', 1],
    ['-42', -42],
    ['0', 0],
  ])('has code %j', (errorCode, code) => {
    expect(decode({ ...ERROR, errorCode })).toMatchObject({ kind: 'error', errorCode: code });
  });

  it.each([
    [undefined],
    [null],
    ['01'],
    ['+1'],
    ['1.0'],
    ['1e0'],
    [' 1'],
    ['0x1'],
    ['-0'],
    [''],
    ['99999999999999999'],
    [1.5],
    [2 ** 53],
    [true],
    [[1]],
  ])('has no code in %j', (errorCode) => {
    expect(decode({ ...ERROR, errorCode })).toBe('ERROR_CODE');
  });

  it.each([
    [{}, null],
    [{ errorMessage: null, errorDescription: null }, null],
    [{ errorMessage: '' }, null],
    [{ errorMessage: 'Not found by name' }, 'Not found by name'],
    [{ errorDescription: 'Not found by name' }, 'Not found by name'],
    [{ errorMessage: null, errorDescription: 'busy' }, 'busy'],
    [{ errorMessage: '', errorDescription: 'Not found by name' }, 'Not found by name'],
    [{ errorMessage: 'Not found by name', errorDescription: 'Not found by name' }, 'Not found by name'],
    [{ errorMessage: 'Not found by name', errorDescription: 'not found by type' }, 'Not found by name'],
    [{ errorMessage: 'busy', errorDescription: 'too busy' }, 'busy'],
  ])('with %j says %j', (part, errorMessage) => {
    expect(decode({ ...ERROR, ...part })).toMatchObject({ kind: 'error', errorMessage });
  });

  it.each([
    [{ errorMessage: 1 }],
    [{ errorDescription: ['Not found by name'] }],
    [{ errorMessage: 'Not found by name', errorDescription: {} }],
    [{ errorMessage: 'Not found by name', errorDescription: 'The server is busy' }],
    [{ errorMessage: 'Busy', errorDescription: 'Not found by name' }],
  ])('with %j says nothing that can be read', (part) => {
    expect(decode({ ...ERROR, ...part })).toBe('ERROR_MESSAGE');
  });

  it('code on another kind of reply makes it two', () => {
    for (const kind of [FAULT, RESPONSE]) {
      expect(decode({ ...kind, errorCode: 1, errorMessage: 'Not found by name' })).toBe('TWO_KINDS');
      for (const errorCode of [0, null]) expect(decode({ ...kind, errorCode })).toMatchObject({ referenceId: 7 });
    }
    expect(decode({ ...ERROR, request: { Parameters: { FaultCode: '100' } } })).toBe('TWO_KINDS');
  });
});

describe('a key that stands twice', () => {
  it.each([
    ['the name', '"messageName":"EventError","errorCode":2'],
    ['the reference id', '"referenceId":7'],
    ['the request', '"request":{}'],
    ['the user data', '"userData":{}'],
    ['one that is escaped', '"\\u0072equest":{}'],
  ])('at the top makes a reply unreadable: %s', (_, again) => {
    const text = JSON.stringify({ ...replies.sessionNotFound, userData: null });
    expect(decodeText(`{${again},${text.slice(1)}`)).toBe('REPEATED_KEY');
    expect(decodeText(`${text.slice(0, -1)},${again}}`)).toBe('REPEATED_KEY');
  });

  it.each([
    '{"Service":"Chat","Service":"Chat"}',
    '{"Method":"Message","Method":null}',
    '{"Parameters":{"FaultCode":"100"},"Parameters":{}}',
    '{"Parameters":{"FaultCode":"100","FaultCode":"7"}}',
    '{"Parameters":{"FaultCode":"100","\\u0046aultCode":null}}',
    '{"Parameters":{"faultCode":"100","faultCode":null}}',
    '{"FaultCode":"100","FaultCode":null}',
    '{"UserData":{"InteractionId":"other"},"UserData":{}}',
  ])('in the request makes a reply unreadable: %s', (request) => {
    for (const { messageName } of KINDS)
      expect(decodeText(`{"messageName":"${messageName}","referenceId":7,"errorCode":1,"request":${request}}`)).toBe('REPEATED_KEY');
  });

  it.each([
    '"FaultCode":"100","FaultCode":null',
    '"Parameters":{"FaultCode":"100"},"Parameters":{}',
    '"parameters":{"faultcode":"100","faultcode":null}',
    '"userData":{"Nested":{"Id":"other"},"Nested":{}}',
    '"userData":{"List":[{"Id":"other"}],"List":"x"}',
  ])('where another reading could stand makes a reply unreadable: %s', (rest) => {
    expect(decodeText(`{"messageName":"Event3rdServerResponse","referenceId":7,${rest}}`)).toBe('REPEATED_KEY');
  });

  it('in user data is told, since only who asked knows whether it carries an id', () => {
    const userData = '"userData":{"A":1,"A":2,"In":{"Id":"x","Id":"x"},"FaultCode":1,"FaultCode":2}';
    expect(decodeText(`{"messageName":"Event3rdServerResponse","referenceId":7,"request":{"B":1,"B":2},${userData}}`)).toMatchObject({
      kind: 'response',
      repeatedKeys: ['B', 'A', 'Id', 'FaultCode'],
    });
  });

  it('elsewhere does not matter', () => {
    const text =
      '{"messageName":"EventError","referenceId":7,"errorCode":1,"x":1,"x":2,"y":{"request":1,"request":2},"parameters":1,"parameters":2}';
    expect(decodeText(text)).toEqual({ kind: 'error', referenceId: 7, userData: null, errorCode: 1, errorMessage: null });
  });
});

describe('a key in another case than the contract', () => {
  it.each([
    { MessageName: 'EventError' },
    { ReferenceId: 8 },
    { Request: { Parameters: { FaultCode: '100' } } },
    { UserData: { InteractionId: 'another' } },
    { ERRORCODE: 1 },
    { ErrorDescription: 'Not found by name' },
    { request: { service: 'Email' } },
    { request: { method: 'Notice' } },
    { request: { parameters: {} } },
  ])('could be read by somebody: %j', (part) => {
    for (const kind of KINDS) expect(decode({ ...kind, ...part })).toBe('KEY_CASE');
  });

  it('says nothing where it is null', () => {
    expect(decode({ ...RESPONSE, Request: null, request: { parameters: null } })).toMatchObject({ kind: 'response' });
  });
});

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
