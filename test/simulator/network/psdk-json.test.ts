import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRequest, encodeReply } from '../../../lab/simulator/network/psdk-json.ts';
import { decodeReply } from '../../../src/gateway/psdk-json.ts';
import { repeatedKeys } from '../../../src/json/json-object.ts';
import type { EspRequest, UserData } from '../../../src/probe/esp.ts';
import fixtures from '../../fixtures/esp-replies.json' with { type: 'json' };
import { sampleRequest } from '../sample-request.ts';

interface Changes {
  readonly message?: object;
  readonly request?: object;
  readonly parameters?: object;
}

/** The fixture's request with some of its attributes changed. */
function changed({ message = {}, request = {}, parameters = {} }: Changes): unknown {
  const { Parameters, ...rest } = fixtures.request.request;
  const whole = { ...fixtures.request, request: { ...rest, Parameters: { ...Parameters, ...parameters }, ...request }, ...message };
  return JSON.parse(JSON.stringify(whole));
}

/** User data with the given number of levels, itself included. */
function nested(levels: number): UserData {
  return levels === 1 ? {} : { deeper: nested(levels - 1) };
}

describe('decodeRequest', () => {
  it('reads the request of the fixtures', () => {
    expect(decodeRequest(fixtures.request)).toEqual({ ok: true, request: sampleRequest() });
  });

  it.each<[string, Changes, Partial<EspRequest>]>([
    ['no AppName as a message by type', { request: { AppName: undefined } }, { appName: null }],
    ['a MessageType', { parameters: { MessageType: 'note' } }, { messageType: 'note' }],
    ['no Visibility as ALL', { parameters: { Visibility: undefined } }, { visibility: 'ALL' }],
    ['an empty MessageText', { parameters: { MessageText: '' } }, { messageText: '' }],
    ['the largest 32-bit reference id', { message: { referenceId: 4_294_967_295 } }, { referenceId: 4_294_967_295 }],
    [
      'user data of strings, numbers and nested objects',
      { message: { userData: { Id: 'x', n: 1.5, list: { inner: 'y' } } } },
      { userData: { Id: 'x', n: 1.5, list: { inner: 'y' } } },
    ],
    ['user data of 32 levels', { message: { userData: nested(32) } }, { userData: nested(32) }],
  ])('reads %s', (_what, changes, expected) => {
    expect(decodeRequest(changed(changes))).toEqual({ ok: true, request: sampleRequest(expected) });
  });

  it.each([
    ['another message', { message: { messageName: 'EventError' } }, 'messageName must be Request3rdServer'],
    ['a message without a name', { message: { messageName: undefined } }, 'messageName must be Request3rdServer'],
    ['a reference id in a string', { message: { referenceId: '7' } }, 'referenceId must be a whole number from 1 to 4294967295'],
    ['a reference id with a fraction', { message: { referenceId: 7.5 } }, 'referenceId must be a whole number from 1 to 4294967295'],
    ['a reference id of 0', { message: { referenceId: 0 } }, 'referenceId must be a whole number from 1 to 4294967295'],
    ['a reference id of 33 bits', { message: { referenceId: 2 ** 32 } }, 'referenceId must be a whole number from 1 to 4294967295'],
    ['an AppName that is not a string', { request: { AppName: 1 } }, 'request.AppName must be a string that is not empty, or absent'],
    ['an empty AppName', { request: { AppName: '' } }, 'request.AppName must be a string that is not empty, or absent'],
    ['a misspelt AppName', { request: { appName: 'A' } }, 'request has an unknown attribute "appName"'],
    ['an attribute too many', { message: { extra: 1 } }, 'body has an unknown attribute "extra"'],
    ['a parameter too many', { parameters: { Extra: 1 } }, 'request.Parameters has an unknown attribute "Extra"'],
    ['another application type', { request: { AppType: 'Other' } }, 'request.AppType must be ChatServer'],
    ['another service', { request: { Service: 'Email' } }, 'request.Service must be Chat'],
    ['another method', { request: { Method: 'Notice' } }, 'request.Method must be Message'],
    ['no MessageText', { parameters: { MessageText: undefined } }, 'request.Parameters.MessageText must be a string'],
    ['an unheard-of Visibility', { parameters: { Visibility: 'vip' } }, 'request.Parameters.Visibility must be ALL or INT or VIP'],
    [
      'an empty MessageType',
      { parameters: { MessageType: '' } },
      'request.Parameters.MessageType must be a string that is not empty, or absent',
    ],
    ['no user data', { message: { userData: undefined } }, 'userData must be an object'],
    ['user data in an array', { message: { userData: [] } }, 'userData must be an object'],
    ['a flag in user data', { message: { userData: { a: { b: true } } } }, 'userData.a.b must be a string, a number or an object'],
    ['a null in user data', { message: { userData: { a: null } } }, 'userData.a must be a string, a number or an object'],
  ])('refuses %s, naming the field', (_what, changes: Changes, problem) => {
    expect(decodeRequest(changed(changes))).toEqual({ ok: false, problems: [problem] });
  });

  it('refuses user data that is nested deeper than 32 levels', () => {
    const decoded = decodeRequest(changed({ message: { userData: nested(33) } }));
    expect(decoded).toMatchObject({ ok: false, problems: [expect.stringContaining('must not be nested deeper than 32 levels')] });
  });

  it('refuses a number too large for a number', () => {
    const json: unknown = JSON.parse('{"a":1e999}');
    const decoded = decodeRequest({ ...fixtures.request, userData: json });
    expect(decoded).toEqual({ ok: false, problems: ['userData.a must be a string, a number or an object'] });
  });

  it('tells all problems in one go', () => {
    const decoded = decodeRequest({ messageName: 'Request3rdServer', referenceId: 7, userData: {} });
    expect(decoded).toEqual({
      ok: false,
      problems: [
        'request must be an object',
        'request.AppType must be ChatServer',
        'request.Service must be Chat',
        'request.Method must be Message',
        'request.Parameters must be an object',
        'request.Parameters.MessageText must be a string',
      ],
    });
  });

  it.each([null, undefined, 'text', 7, [], [fixtures.request]])('refuses %j as a body', (body) => {
    expect(decodeRequest(body)).toEqual({ ok: false, problems: ['body must be an object'] });
  });

  it('keeps a user-data key that looks like a prototype a mere key', () => {
    const userData: unknown = JSON.parse('{"__proto__":{"Id":"x"}}');
    const decoded = decodeRequest({ ...fixtures.request, userData });
    expect(decoded.ok && decoded.request.userData['Id']).toBeUndefined();
    expect(decoded.ok && Object.keys(decoded.request.userData)).toEqual(['__proto__']);
  });

  it('never throws, and tells at least one problem of whatever it refuses', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (request, userData) => {
        const decoded = decodeRequest({ ...fixtures.request, request, userData });
        expect(decoded.ok || decoded.problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('encodeReply', () => {
  it('writes a delivered message as in the fixtures', () => {
    const userData = { InteractionId: '0006Ka9HFHRR0T2B' };
    expect(encodeReply({ kind: 'response', referenceId: 7, userData })).toEqual(fixtures.delivered);
  });

  it.each([
    ['100', 'interaction with specified id was not found', fixtures.sessionNotFound],
    ['999', 'something undocumented', fixtures.unrecognisedFault],
  ])('writes fault %s as in the fixtures', (faultCode, faultString, expected) => {
    expect(encodeReply({ kind: 'fault', referenceId: 7, userData: null, service: 'Chat', faultCode, faultString })).toEqual(expected);
  });

  it.each([
    [1, 'Not found by type', fixtures.chatServerNotFoundByType],
    [1, 'Not found by name', fixtures.chatServerNotFoundByName],
    [42, 'something undocumented', fixtures.unrecognisedError],
  ])('writes error %i "%s" as in the fixtures', (errorCode, errorMessage, expected) => {
    expect(encodeReply({ kind: 'error', referenceId: 7, userData: null, errorCode, errorMessage })).toEqual(expected);
  });

  it('writes nothing that could be read in two ways, whatever the chat is called', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const userData = fc.dictionary(text, text, { maxKeys: 4 });
    const common = { referenceId: fc.integer({ min: 1, max: 2 ** 31 - 1 }) };
    const faultCode = text.filter((code) => code.trim() !== '');
    const replies = fc.oneof(
      fc.record({ ...common, kind: fc.constant('response' as const), userData }),
      fc.record({ ...common, kind: fc.constant('fault' as const), userData, service: fc.constant('Chat'), faultCode, faultString: text }),
      fc.record({
        ...common,
        kind: fc.constant('error' as const),
        userData: fc.constant(null),
        errorCode: fc.integer(),
        errorMessage: fc.constantFrom('x', null),
      }),
    );
    fc.assert(
      fc.property(replies, (reply) => {
        const written = JSON.stringify(encodeReply(reply));
        expect(repeatedKeys(written, 64)).toEqual([]);
        expect(decodeReply(JSON.parse(written), [])).toMatchObject(reply);
      }),
    );
  });

  it('leaves out what a reply does not have', () => {
    expect(encodeReply({ kind: 'fault', referenceId: 7, userData: null, service: null, faultCode: null, faultString: null })).toEqual({
      messageName: 'Event3rdServerFault',
      referenceId: 7,
      request: { Method: 'Message', Parameters: {} },
    });
    expect(encodeReply({ kind: 'error', referenceId: 7, userData: null, errorCode: 1, errorMessage: null })).toEqual({
      messageName: 'EventError',
      referenceId: 7,
      errorCode: 1,
    });
  });
});
