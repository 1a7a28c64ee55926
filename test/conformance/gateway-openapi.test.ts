import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { espMessage } from '../../lab/conformance/esp-message.ts';
import { decodeRequest } from '../../lab/simulator/network/psdk-json.ts';
import { decodeReply } from '../../src/gateway/psdk-json.ts';
import type { EspRequest } from '../../src/probe/esp.ts';
import fixtures from '../fixtures/esp-replies.json' with { type: 'json' };
import { espRequest } from '../support/esp-request.ts';
import { adapterFor, gatewayThat, send } from '../support/gateway-rig.ts';
import { deliver } from '../support/scripted-gateway.ts';

const document = parse(readFileSync(new URL('../../gateway.openapi.yaml', import.meta.url), 'utf8'));
const post = document.paths['/esp'].post;
const asked = post.requestBody.content['application/json'];
const answered = post.responses['200'].content['application/json'];
const health = document.paths['/health'].get.responses['200'].content['application/json'];

const ajv = new Ajv2020({ strict: false, discriminator: true });
ajv.addSchema(document, 'gateway');
const isRequest = ajv.compile({ $ref: 'gateway#/components/schemas/Request3rdServer' });
const isReply = ajv.compile({ $ref: 'gateway#/components/schemas/Reply' });
const isHealth = ajv.compile({ $ref: 'gateway#/components/schemas/Health' });

/** The examples of one media type, by name. */
function examplesOf(media: { examples: Record<string, { value: unknown }> }): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(media.examples).map(([name, { value }]) => [name, value]));
}

/** The message as it leaves the service. */
async function sentByService(request: EspRequest): Promise<unknown> {
  const gateway = await gatewayThat(deliver);
  await send(adapterFor([gateway.url]), 2_000, request);
  return JSON.parse(gateway.requests[0]?.body ?? 'null');
}

it('gateway.openapi.yaml is a valid OpenAPI 3.1 document', async () => {
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
  expect(document.openapi).toBe('3.1.0');
});

it('its examples are all of the fixtures and no others', () => {
  expect({ ...examplesOf(asked), ...examplesOf(answered) }).toEqual(fixtures);
});

describe('its examples', () => {
  it.each(Object.entries(examplesOf(answered)))('%s fits its schema, and is a reply to the service', (_name, value) => {
    expect(isReply(value), ajv.errorsText(isReply.errors)).toBe(true);
    expect(decodeReply(value, [])).toMatchObject({ referenceId: 7 });
  });

  it('of a request fit its schema, and are what the service sends and the simulator takes', async () => {
    const { request } = examplesOf(asked);
    expect(isRequest(request), ajv.errorsText(isRequest.errors)).toBe(true);
    expect(request).toEqual(await sentByService(espRequest()));
    expect(decodeRequest(request)).toMatchObject({ ok: true });
  });

  it('of health fit their schema', () => {
    expect(Object.values(examplesOf(health)).map((value) => isHealth(value))).toEqual([true]);
  });
});

describe('its schema of a request', () => {
  const userData = { Id: 'a', Nested: { Count: 1 } };

  it.each([
    ['by type', espRequest({ appName: null })],
    ['with a message type', espRequest({ messageType: 'text', visibility: 'ALL' })],
    ['with the largest reference id and nested user data', espRequest({ referenceId: 2 ** 31 - 1, userData })],
  ])('takes what the service sends %s', async (_what, request) => {
    expect(isRequest(await sentByService(request)), ajv.errorsText(isRequest.errors)).toBe(true);
  });

  it('takes what the conformance kit sends', () => {
    const message = espMessage({ referenceId: 1, server: null, interactionId: 'a', idKeys: ['Id'], text: 'x' });
    expect(isRequest(message), ajv.errorsText(isRequest.errors)).toBe(true);
  });

  it.each([
    ['another name', { messageName: 'RequestPing' }],
    ['no reference id', { referenceId: undefined }],
    ['a reference id beyond 32 bits', { referenceId: 2 ** 32 }],
    ['another method', { request: { ...fixtures.request.request, Method: 'NoSuchMethod' } }],
    ['no text', { request: { ...fixtures.request.request, Parameters: { Visibility: 'VIP' } } }],
    ['lists in its user data', { userData: { Id: ['a'] } }],
  ])('refuses %s', (_what, changes) => {
    expect(isRequest(JSON.parse(JSON.stringify({ ...fixtures.request, ...changes })))).toBe(false);
  });
});

describe('its schema of a reply', () => {
  it.each([
    ['a response that carries a fault', { ...fixtures.sessionNotFound, messageName: 'Event3rdServerResponse' }],
    ['an error with a description', { messageName: 'EventError', referenceId: 7, errorCode: 1, errorDescription: 'Not found by name' }],
    ['an error whose code is text', { ...fixtures.unrecognisedError, errorCode: '42' }],
  ])('takes %s, as the service does', (_what, value) => {
    expect(isReply(value), ajv.errorsText(isReply.errors)).toBe(true);
    expect(decodeReply(value, [])).toMatchObject({ referenceId: 7 });
  });

  it.each([
    ['another name', { ...fixtures.delivered, messageName: 'EventAck' }],
    ['no reference id', { ...fixtures.delivered, referenceId: undefined }],
    ['a reference id that is text', { ...fixtures.delivered, referenceId: '7' }],
    ['a fault code that is a number', { ...fixtures.sessionNotFound, request: { Parameters: { FaultCode: 100 } } }],
    ['an error without a code', { ...fixtures.unrecognisedError, errorCode: undefined }],
    ['an error whose code could be another', { ...fixtures.unrecognisedError, errorCode: '042' }],
    ['a response to another method', { ...fixtures.delivered, request: { Method: 'Notice' } }],
    ['a fault of another service', { ...fixtures.sessionNotFound, request: { ...fixtures.sessionNotFound.request, Service: 'Email' } }],
    ['a response whose fault code is no text', { ...fixtures.delivered, request: { Parameters: { FaultCode: {} } } }],
  ])('refuses %s', (_what, value) => {
    expect(isReply(JSON.parse(JSON.stringify(value)))).toBe(false);
  });
});
