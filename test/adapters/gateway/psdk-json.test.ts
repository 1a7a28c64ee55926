import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReply, requestJson } from '../../../src/adapters/gateway/psdk-json.ts';
import replies from '../../fixtures/esp-replies.json' with { type: 'json' };
import { espRequest } from '../../support/esp-request.ts';

const FAULT = { messageName: 'Event3rdServerFault', referenceId: 7 };
const ERROR = { messageName: 'EventError', referenceId: 7, errorCode: 1 };

describe('a request as PSDK JSON', () => {
  const parsed = (part: Parameters<typeof espRequest>[0] = {}) => JSON.parse(requestJson(espRequest(part)));

  it('equals the fixture', () => {
    expect(parsed()).toEqual(replies.request);
  });

  it('leaves out a Chat Server name that is not known', () => {
    expect(parsed({ appName: null }).request).not.toHaveProperty('AppName');
  });

  it('carries a message type where there is one', () => {
    expect(parsed({ messageType: 'text' }).request.Parameters).toEqual({ MessageText: '[probe]', Visibility: 'VIP', MessageType: 'text' });
  });

  it('is what JSON.stringify would make of it, whatever the texts in it are', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(text, text, fc.option(text), fc.dictionary(text, text), (AppName, MessageText, messageType, userData) => {
        const request = espRequest({ appName: AppName, messageText: MessageText, messageType, userData });
        const Parameters = { MessageText, Visibility: 'VIP', MessageType: messageType ?? undefined };
        const plain = { AppName, AppType: 'ChatServer', Service: 'Chat', Method: 'Message', Parameters };
        expect(requestJson(request)).toBe(JSON.stringify({ messageName: 'Request3rdServer', referenceId: 7, request: plain, userData }));
      }),
    );
  });
});

describe('a reply in PSDK JSON', () => {
  it('is read from each fixture', () => {
    const userData = null;
    expect(decodeReply(replies.delivered)).toEqual({ kind: 'response', referenceId: 7, userData: { InteractionId: '0006Ka9HFHRR0T2B' } });
    const fault = { kind: 'fault', referenceId: 7, userData, service: 'Chat' };
    expect(decodeReply(replies.sessionNotFound)).toEqual({
      ...fault,
      faultCode: '100',
      faultString: 'interaction with specified id was not found',
    });
    expect(decodeReply(replies.unrecognisedFault)).toEqual({ ...fault, faultCode: '999', faultString: 'something undocumented' });
    const error = { kind: 'error', referenceId: 7, userData };
    expect(decodeReply(replies.chatServerNotFoundByType)).toEqual({ ...error, errorCode: 1, errorMessage: 'Not found by type' });
    expect(decodeReply(replies.chatServerNotFoundByName)).toEqual({ ...error, errorCode: 1, errorMessage: 'Not found by name' });
    expect(decodeReply(replies.unrecognisedError)).toEqual({ ...error, errorCode: 42, errorMessage: 'something undocumented' });
  });

  it.each([
    ['a string', '100', '100'],
    ['a number', 100, '100'],
    ['of another type', [100], null],
    ['null', null, null],
    ['absent', undefined, null],
  ])('takes a fault code that is %s', (_, FaultCode, faultCode) => {
    expect(decodeReply({ ...FAULT, request: { Parameters: { FaultCode } } })).toMatchObject({ faultCode });
  });

  it.each([
    ['text', 'gone', 'gone'],
    ['not text', 5, null],
  ])('takes a fault string that is %s', (_, FaultString, faultString) => {
    expect(decodeReply({ ...FAULT, request: { Parameters: { FaultString } } })).toMatchObject({ faultString });
  });

  it.each([
    ['absent', {}, null],
    ['text', { Service: 'Other' }, 'Other'],
    ['not text', { Service: 5 }, ''],
    ['null', { Service: null }, null],
  ])('takes a service for absent only where there is none: %s', (_, request, service) => {
    expect(decodeReply({ ...FAULT, request })).toMatchObject({ service });
  });

  it.each([
    ['without a request', {}],
    ['with a null request', { request: null }],
    ['with null parameters', { request: { Parameters: null } }],
  ])('takes a fault %s', (_, part) => {
    expect(decodeReply({ ...FAULT, ...part })).toMatchObject({ kind: 'fault', service: null, faultCode: null, faultString: null });
  });

  it('takes an error without a message', () => {
    expect(decodeReply(ERROR)).toMatchObject({ errorCode: 1, errorMessage: null });
    expect(decodeReply({ ...ERROR, errorMessage: null })).toMatchObject({ errorCode: 1, errorMessage: null });
  });

  it('takes attributes beyond the contract', () => {
    expect(decodeReply({ ...replies.delivered, tenantId: 1 })).toMatchObject({ kind: 'response' });
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
    ['a fault whose request is a list', { ...FAULT, request: [] }],
    ['a fault whose parameters are text', { ...FAULT, request: { Parameters: 'x' } }],
    ['an error without a code', { ...ERROR, errorCode: undefined }],
    ['an error whose code is text', { ...ERROR, errorCode: '1' }],
    ['an error whose code has a fraction', { ...ERROR, errorCode: 1.5 }],
    ['an error whose message is a number', { ...ERROR, errorMessage: 1 }],
    ['a message whose attributes are inherited', Object.create(replies.delivered)],
  ])('is not found in %s', (_, value) => {
    expect(decodeReply(value)).toBeNull();
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
        const reply = decodeReply(value);
        if (reply === null) return;
        expect(Object.keys(reply).sort()).toEqual(fields[reply.kind]);
        expect(Number.isSafeInteger(reply.referenceId)).toBe(true);
        if (reply.kind === 'fault') expect([reply.faultCode, reply.faultString, reply.service].every(isTextOrNull)).toBe(true);
        if (reply.kind === 'error') expect(Number.isSafeInteger(reply.errorCode) && isTextOrNull(reply.errorMessage)).toBe(true);
      }),
    );
  });
});

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
