import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { classify } from '../../src/probe/attempt.ts';
import { LEFT_OUT } from '../../src/probe/echo.ts';
import replies from '../fixtures/esp-replies.json' with { type: 'json' };
import { espRequest } from '../support/esp-request.ts';
import { adapterFor, gatewayThat, send, TOKEN } from '../support/gateway-rig.ts';
import { answer, answerJson, deliver, type Script, say } from '../support/scripted-gateway.ts';

const RULES = {
  ha: false,
  singleChatServer: false,
  onChatServerDown: 'auto',
  restoreWindowMs: 45_000,
  confirmAfterMs: 1_000,
  onUnrecognised: 'route',
} as const;
const JSON_TYPE = { 'content-type': 'application/json' };
const DELIVERED = JSON.stringify(replies.delivered);
const ERROR = { messageName: 'EventError', referenceId: 7, errorCode: 1 };
const LIMIT = 65_536;

const chunked =
  (type: string, body: string): Script =>
  (socket) =>
    void socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );

describe('our token in an answer', () => {
  const fault = (parameters: object) => ({ messageName: 'Event3rdServerFault', referenceId: 7, request: { Parameters: parameters } });

  it.each([
    ['a fault', fault({ FaultCode: '999', FaultString: `Authorization: Bearer ${TOKEN} is not known` })],
    ['the code of a fault', fault({ FaultCode: `Bearer ${TOKEN}` })],
    ['an error', { ...ERROR, errorMessage: `who is ${TOKEN}?` }],
  ])('does not get beyond the gateway in %s', async (_where, reply) => {
    const gateway = await gatewayThat(answerJson(reply));
    const { outcome } = await send(adapterFor([gateway.url]));
    // The rest of the reply is read for ids alone, and forgotten.
    const texts = JSON.stringify(outcome.kind === 'reply' ? { ...outcome.reply, request: null } : null);
    expect(texts).not.toContain(TOKEN);
    expect(texts).toContain(LEFT_OUT);
  });

  it('is looked for only there: other texts come whole', async () => {
    const errorMessage = `Not found by name, ${'x'.repeat(1_000)}`;
    const gateway = await gatewayThat(answerJson({ ...ERROR, errorMessage }));
    expect((await send(adapterFor([gateway.url]))).outcome).toMatchObject({ reply: { errorMessage } });
  });
});

describe('a message to the gateway', () => {
  it('is the fixture, sent as JSON to the path of the contract', async () => {
    const gateway = await gatewayThat(answerJson(replies.delivered));
    await send(adapterFor([gateway.url]));
    const [request] = gateway.requests;
    expect(JSON.parse(request?.body ?? '')).toEqual(replies.request);
    expect(request).toMatchObject({ method: 'POST', path: '/esp' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${TOKEN}`,
    });
  });

  it('carries no authorization without a token', async () => {
    const gateway = await gatewayThat(answerJson(replies.delivered));
    await send(adapterFor([gateway.url], { token: null }));
    expect(gateway.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    ['/', '/esp'],
    ['/chat/gw', '/chat/gw/esp'],
    ['/chat/gw/', '/chat/gw/esp'],
  ])('goes below the base path %s', async (basePath, path) => {
    const gateway = await gatewayThat(answerJson(replies.delivered));
    await send(adapterFor([`${gateway.url}${basePath}`]));
    expect(gateway.requests[0]?.path).toBe(path);
  });

  it('tells in whole milliseconds how much of the attempt is left', async () => {
    const gateway = await gatewayThat(answerJson(replies.delivered));
    await send(
      adapterFor([gateway.url], {}, () => 7),
      1_234.5,
    );
    expect(gateway.requests[0]?.headers['x-deadline-ms']).toBe('1234');
  });

  it('never shows anything of the caller outside the body', async () => {
    const gateway = await gatewayThat(answerJson(replies.delivered));
    const caller = 'x\r\nevil: 1/../';
    await send(adapterFor([gateway.url]), 1_000, espRequest({ appName: caller, messageText: caller, userData: { InteractionId: caller } }));
    const { path, headers } = gateway.requests[0] ?? {};
    expect(path).toBe('/esp');
    expect(Object.keys(headers ?? {}).sort()).toEqual(
      ['accept', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'x-deadline-ms'].sort(),
    );
  });
});

describe('an answer of the contract', () => {
  it.each([
    ['delivered', 'delivered'],
    ['sessionNotFound', 'session_not_found'],
    ['chatServerNotFoundByName', 'chat_server_not_found'],
    ['chatServerNotFoundByType', 'chat_server_not_found'],
    ['unrecognisedFault', 'fault_unrecognised'],
    ['unrecognisedError', 'error_unrecognised'],
  ] as const)('%s is understood', async (name, reason) => {
    const gateway = await gatewayThat(answerJson(replies[name]));
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(classify(espRequest(), ['InteractionId', 'Id'], outcome, RULES, false)).toBe(reason);
  });

  it.each([
    ['a response with a fault code', { ...replies.sessionNotFound, messageName: 'Event3rdServerResponse' }, 'session_not_found'],
    ['an error by its other name', { ...ERROR, errorDescription: 'Not found by name' }, 'chat_server_not_found'],
    ['an error whose code is text', { ...replies.chatServerNotFoundByType, errorCode: '1' }, 'chat_server_not_found'],
    ['the id of another chat far within', { ...replies.delivered, userData: { A: [{ id: 'other' }] } }, 'reply_mismatch'],
    ['the id of another chat in the request', { ...replies.delivered, request: { UserData: { Id: 'other' } } }, 'reply_mismatch'],
  ])('may be %s', async (_what, reply, reason) => {
    const gateway = await gatewayThat(answerJson(reply));
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(classify(espRequest(), ['InteractionId', 'Id'], outcome, RULES, false)).toBe(reason);
  });

  it('with the key of its id twice is a protocol error', async () => {
    const id = '"InteractionId":"0006Ka9HFHRR0T2B"';
    const gateway = await gatewayThat(answer(200, JSON_TYPE, DELIVERED.replace(id, `${id},${id}`)));
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(classify(espRequest(), ['InteractionId', 'Id'], outcome, RULES, false)).toBe('protocol_error');
  });

  it('to another message is a mismatch', async () => {
    const gateway = await gatewayThat(answerJson({ ...replies.delivered, referenceId: 8 }));
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(classify(espRequest(), ['InteractionId', 'Id'], outcome, RULES, false)).toBe('reply_mismatch');
  });

  it.each([
    ['after 103 Early Hints', (socket, request) => say('HTTP/1.1 103 Early\r\nlink: x\r\n\r\n')(socket, request)],
    ['after 102 Processing', (socket, request) => say('HTTP/1.1 102 Processing\r\n\r\n')(socket, request)],
  ] as const satisfies readonly (readonly [string, Script])[])('is read %s', async (_, first) => {
    const gateway = await gatewayThat((socket, request) => {
      first(socket, request);
      answerJson(replies.delivered)(socket, request);
    });
    expect((await send(adapterFor([gateway.url]))).outcome.kind).toBe('reply');
  });

  it.each([
    ['with its charset', answer(200, { 'content-type': 'Application/JSON; charset="UTF-8"' }, DELIVERED)],
    ['with another parameter', answer(200, { 'content-type': 'application/json;odata=none' }, DELIVERED)],
    ['said not to be compressed', answer(200, { ...JSON_TYPE, 'content-encoding': 'identity' }, DELIVERED)],
    ['that begins with a byte order mark', answer(200, JSON_TYPE, `\uFEFF${DELIVERED}`)],
    ['in chunks', chunked('application/json', DELIVERED)],
    ['as large as allowed', answer(200, JSON_TYPE, DELIVERED.padEnd(LIMIT))],
  ])('is read %s', async (_, script) => {
    const gateway = await gatewayThat(script);
    expect((await send(adapterFor([gateway.url]))).outcome.kind).toBe('reply');
  });
});

describe('an answer outside the contract', () => {
  it.each([
    ['that is JSON of another kind', answerJson({ hello: 'world' }), 'NOT_ESP'],
    ['with a key twice', answer(200, JSON_TYPE, `{"referenceId":7,${DELIVERED.slice(1)}`), 'REPEATED_KEY'],
    ['with a key twice, escaped once', answer(200, JSON_TYPE, `{"\\u0072eferenceId":8,${DELIVERED.slice(1)}`), 'REPEATED_KEY'],
    ['with a key in two cases', answerJson({ ...replies.delivered, ReferenceId: 8 }), 'KEY_CASE'],
    ['to another method', answerJson({ ...replies.delivered, request: { Method: 'Notice' } }), 'SERVICE_OR_METHOD'],
    ['of another service', answerJson({ ...replies.sessionNotFound, request: { Service: ['Chat'] } }), 'SERVICE_OR_METHOD'],
    ['with a fault code that is none', answerJson({ ...replies.delivered, request: { Parameters: { FaultCode: {} } } }), 'FAULT_CODE'],
    ['with a fault code that may be lost', answer(200, JSON_TYPE, `{"x":{"FaultCode":"100"},"x":1,${DELIVERED.slice(1)}`), 'REPEATED_KEY'],
    ['with a fault code elsewhere', answerJson({ ...replies.delivered, Parameters: { FaultCode: '100' } }), 'FAULT_CODE'],
    ['with an error code that could be another', answerJson({ ...replies.chatServerNotFoundByName, errorCode: '01' }), 'ERROR_CODE'],
    ['with two texts that contradict', answerJson({ ...replies.chatServerNotFoundByName, errorDescription: 'busy' }), 'ERROR_MESSAGE'],
    ['that is an error and a response', answerJson({ ...replies.delivered, errorCode: 1 }), 'TWO_KINDS'],
    ['nested too deep', answer(200, JSON_TYPE, `{"x":${'['.repeat(64)}${']'.repeat(64)},${DELIVERED.slice(1)}`), 'TOO_DEEP'],
    ['that is empty', answer(200, JSON_TYPE, ''), 'NOT_JSON'],
    ['whose JSON is cut', answer(200, JSON_TYPE, DELIVERED.slice(0, -1)), 'NOT_JSON'],
    ['that is HTML', answer(200, { 'content-type': 'text/html' }, '<html></html>'), 'CONTENT_TYPE'],
    ['whose type says otherwise', answer(200, { 'content-type': 'text/plain' }, DELIVERED), 'CONTENT_TYPE'],
    ['whose type only looks alike', answer(200, { 'content-type': 'application/json-seq' }, DELIVERED), 'CONTENT_TYPE'],
    ['without a type', answer(200, {}, DELIVERED), 'CONTENT_TYPE'],
    ['in another charset', answer(200, { 'content-type': 'application/json; charset=latin1' }, DELIVERED), 'CONTENT_TYPE'],
    ['that is compressed', answer(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(DELIVERED)), 'CONTENT_ENCODING'],
    ['that is not UTF-8', answer(200, JSON_TYPE, Buffer.from([0x22, 0xff, 0x22])), 'NOT_UTF8'],
    ['one byte too large', answer(200, JSON_TYPE, DELIVERED.padEnd(LIMIT + 1)), 'BODY_TOO_LARGE'],
    [
      'that announces too much',
      say(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 65537\r\n\r\n`),
      'BODY_TOO_LARGE',
    ],
    ['too large without saying so', chunked('application/json', DELIVERED.padEnd(LIMIT + 1)), 'BODY_TOO_LARGE'],
    ['that is 204', say('HTTP/1.1 204 No Content\r\n\r\n'), 'HTTP 204'],
    ['that is 202', answer(202, JSON_TYPE, DELIVERED), 'HTTP 202'],
    ['that is 304', say('HTTP/1.1 304 Not Modified\r\n\r\n'), 'HTTP 304'],
    ['that is 101', say('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 'HTTP 101'],
    ['that upgrades', say('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'), 'UND_ERR_SOCKET'],
    ['that is 100 though nobody asked', say('HTTP/1.1 100 Continue\r\n\r\n'), 'UND_ERR_SOCKET'],
    ['that is not HTTP', say('SSH-2.0-OpenSSH_9.2\r\n'), 'NOT_HTTP'],
    ['with endless headers', say(`HTTP/1.1 200 OK\r\n${`${'x: '.padEnd(1_000, 'y')}\r\n`.repeat(20)}`), 'UND_ERR_HEADERS_OVERFLOW'],
    ['of a status beyond 599', answer(600, {}, ''), 'HTTP 600'],
  ])('%s is a protocol error', async (_, script, detail) => {
    const gateway = await gatewayThat(script);
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(outcome).toEqual({ kind: 'failure', reason: 'protocol_error', written: true, rejected: false, retryAfterMs: null, detail });
    expect(gateway.requests).toHaveLength(1);
  });

  it.each([302, 307])('that redirects (%i) is never followed', async (status) => {
    const stranger = await gatewayThat(deliver);
    const gateway = await gatewayThat(answer(status, { location: `${stranger.url}/esp` }, ''));
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(outcome).toMatchObject({ reason: 'protocol_error', detail: `HTTP ${status}` });
    expect(stranger.connections()).toBe(0);
  });

  it('that is too large closes its connection', async () => {
    let closed = false;
    const gateway = await gatewayThat((socket, request) => {
      socket.on('close', () => {
        closed = true;
      });
      answer(200, JSON_TYPE, ' '.repeat(LIMIT * 4))(socket, request);
    });
    const adapter = adapterFor([gateway.url]);
    await send(adapter);
    gateway.follow(deliver);
    expect((await send(adapter)).outcome.kind).toBe('reply');
    expect(closed).toBe(true);
    expect(gateway.requests[1]?.connection).not.toBe(1);
  });
});

describe('an answer with a status of its own', () => {
  it.each([
    [400, 'gateway_misrouted', true],
    [401, 'gateway_auth', true],
    [403, 'gateway_auth', true],
    [402, 'gateway_misrouted', true],
    [404, 'gateway_misrouted', true],
    [405, 'gateway_misrouted', true],
    [406, 'gateway_misrouted', false],
    [407, 'gateway_misrouted', true],
    [408, 'gateway_misrouted', false],
    [409, 'gateway_misrouted', false],
    [410, 'gateway_misrouted', false],
    [411, 'gateway_misrouted', true],
    [412, 'gateway_misrouted', false],
    [413, 'gateway_misrouted', true],
    [414, 'gateway_misrouted', true],
    [415, 'gateway_misrouted', true],
    [417, 'gateway_misrouted', true],
    [421, 'gateway_misrouted', true],
    [422, 'gateway_misrouted', true],
    [426, 'gateway_misrouted', true],
    [428, 'gateway_misrouted', true],
    [429, 'gateway_busy', true],
    [431, 'gateway_misrouted', true],
    [451, 'gateway_misrouted', true],
    [499, 'gateway_misrouted', false],
    [500, 'gateway_error', false],
    [502, 'gateway_error', false],
    [503, 'gateway_error', false],
    [504, 'gateway_error', false],
    [599, 'gateway_error', false],
  ])('%i is %s, whatever its body says, and proof that no message was passed on: %s', async (status, reason, rejected) => {
    const gateway = await gatewayThat(answer(status, JSON_TYPE, DELIVERED));
    const { outcome } = await send(adapterFor([gateway.url]));
    expect(outcome).toEqual({ kind: 'failure', reason, written: true, rejected, retryAfterMs: null, detail: `HTTP ${status}` });
    expect(gateway.requests).toHaveLength(1);
  });

  it.each([
    [429, '3', 3_000],
    [429, 'Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    [429, 'soon', null],
    [503, '3', 3_000],
    [500, '3', null],
    [400, '3', null],
  ])('%i with Retry-After %s asks for %s ms', async (status, header, retryAfterMs) => {
    const gateway = await gatewayThat(answer(status, { 'retry-after': header }, ''));
    expect((await send(adapterFor([gateway.url]))).outcome).toMatchObject({ retryAfterMs });
  });

  it.each([
    ['never ends', say('HTTP/1.1 503 Busy\r\ncontent-length: 10\r\n\r\nx')],
    ['is too large', answer(503, {}, 'x'.repeat(LIMIT + 1))],
    [
      'is cut',
      (socket) => {
        socket.end('HTTP/1.1 503 Busy\r\ncontent-length: 10\r\n\r\nx');
      },
    ],
  ] as const satisfies readonly (readonly [string, Script])[])('counts though its body %s', async (_, script) => {
    const gateway = await gatewayThat(script);
    expect((await send(adapterFor([gateway.url]), 500)).outcome).toMatchObject({ reason: 'gateway_error', detail: 'HTTP 503' });
  });
});
