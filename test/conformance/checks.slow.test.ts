import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checks } from '../../lab/conformance/checks.ts';
import type { ConformanceReport } from '../../lab/conformance/report.ts';
import { realClock } from '../../src/probe/clock.ts';
import fixtures from '../fixtures/esp-replies.json' with { type: 'json' };
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { type Asked, isProper, LIVE, type Message, messageIn, type Plant, refusal, startPlantedGateway, TOKEN } from './planted-gateway.ts';
import * as plant from './plants.ts';
import { idsOf, type KitOptions, runKit } from './run-kit.ts';

const { saying, replying, replyingOf, taking, withHabits, withHeaders } = plant;
const { isEsp, isHealth, isJson, isLoneDown, isUnknownName, nameIn, notFound, withFaultCode } = plant;

/** Checks that see every reply of a kind. */
const SEE_DELIVERED = ['reply-delivered', 'concurrent-replies'];
const SEE_DOWN = ['reply-server-down', 'concurrent-replies'];
const SEE_ALL = ['reply-delivered', 'reply-server-down', 'reply-by-type', 'concurrent-replies'];
/** The same, but for errors, which carry no request. */
const SEE_REQUEST = ['reply-delivered', 'reply-by-type', 'concurrent-replies'];
const DELIVERED = 'Event3rdServerResponse';

/** All that see a reply to the dead chat; others send what is refused, or ask for another server. */
const SEE_DEAD = [
  'reply-fault-100',
  'reply-by-type',
  'reference-ids',
  'content-type',
  'reply-size',
  'reply-user-data',
  'reply-keys',
  'reply-nested-ids',
  'reply-echo',
  'reply-fault-code',
  'reply-time',
  'no-interim-answer',
  'message-options',
  'user-data',
  'concurrent-replies',
  'keep-alive',
  'slow-client',
  'slow-client-alone',
  'deadline-absent',
  'no-redirect',
  'oversized-message',
  'still-answers',
];

const PLAIN = { 'content-type': 'text/plain' };
const parametersOf = (message: Message) => message.request?.Parameters ?? {};
const asked = (message: Message, request: Message['request']): Message => ({ ...message, request: { ...message.request, ...request } });

/** The fault of a gateway, the check or checks that it fails, what they say, and how it came to the fault. */
const ROWS: readonly (readonly [string, string | readonly string[], RegExp, Plant, KitOptions?])[] = [
  ['tells health in plain text', 'health', /200 with JSON/, saying(isHealth, () => ({ status: 200, headers: PLAIN, json: 'ok' }))],
  ['tells health in its own shape', 'health', /\\"up\\"/, saying(isHealth, () => ({ status: 200, json: { state: 'up' } }))],
  ['makes a number of the fault code', 'reply-fault-100', /the number 100/, replying((reply) => withFaultCode(reply, 100))],
  ['takes a live chat for dead', 'reply-delivered', /FaultCode "100"/, saying(plant.isLoneLive, plant.replyForDead)],
  [
    'has its own code for a server that is down',
    'reply-server-down',
    /errorCode 4/,
    saying(isLoneDown, (a) => notFound(a, { errorCode: 4 })),
  ],
  [
    'has its own words for a server that is down',
    'reply-server-down',
    /"Gone"/,
    saying(isLoneDown, (a) => notFound(a, { errorMessage: 'Gone' })),
  ],
  ['takes an unknown name for a server that is down', 'reply-unknown-server', /EventError/, saying(isUnknownName, (a) => notFound(a, {}))],
  ['wants a name', 'reply-by-type', /HTTP 422/, saying(isByType, () => refusal(422))],
  [
    'says by type that no server is there',
    'reply-by-type',
    /"EventError" errorCode 1/,
    saying(isByType, (a) => notFound(a, { errorMessage: 'Not found by type' })),
  ],
  [
    'gives no reference id by type',
    'reply-by-type',
    /got nothing$/,
    saying(isByType, (a) => plant.replyForDead({ ...a, body: a.body.replace(/"referenceId":\d+/, '"x":0') })),
  ],
  [
    'gives no reference id with what was delivered',
    SEE_DELIVERED,
    /expected referenceId \d+, got nothing$/,
    replyingOf(DELIVERED, (said, reply) => ({ ...said, json: { ...reply, referenceId: undefined } })),
  ],
  [
    'gives no reference id with an error',
    SEE_DOWN,
    /expected referenceId \d+, got nothing$/,
    replyingOf('EventError', (said, reply) => ({ ...said, json: { ...reply, referenceId: undefined } })),
  ],
  [
    'gives the id of another chat with what was delivered',
    SEE_DELIVERED,
    /InteractionId is "somebody"/,
    replyingOf(DELIVERED, (said, reply) => ({ ...said, json: { ...reply, userData: { InteractionId: 'somebody' } } })),
  ],
  [
    'gives user data that is no object',
    SEE_DELIVERED,
    /userData is an object or a list, which is no object/,
    replyingOf(DELIVERED, (said, reply) => ({ ...said, json: { ...reply, userData: [LIVE] } })),
  ],
  [
    'pads what was delivered',
    SEE_DELIVERED,
    /has 66\d+ bytes/,
    replyingOf(DELIVERED, (said, reply) => ({ ...said, json: { ...reply, padding: 'x'.repeat(66_000) } })),
  ],
  [
    'tells in text/plain of what was delivered',
    SEE_DELIVERED,
    /"text\/plain"/,
    replyingOf(DELIVERED, (said) => ({ ...said, headers: PLAIN })),
  ],
  [
    'says that it compresses what was delivered',
    SEE_DELIVERED,
    /content-encoding is "gzip"/,
    replyingOf(DELIVERED, (said) => ({ ...said, headers: { 'content-encoding': 'gzip' } })),
  ],
  [
    'sends 102 Processing before what was delivered',
    SEE_DELIVERED,
    /HTTP 102/,
    replyingOf(DELIVERED, (said) => ({ ...said, interim: (response) => response.writeProcessing() })),
  ],
  [
    'tells in text/html of errors',
    SEE_DOWN,
    /"text\/html"/,
    replyingOf('EventError', (said) => ({ ...said, headers: { 'content-type': 'text/html' } })),
  ],
  [
    'keeps 16 bits of a reference id',
    'reference-ids',
    /65537, got 1$/,
    replying((reply) => ({ ...reply, referenceId: Number(reply['referenceId']) & 0xffff })),
  ],
  [
    'makes text of a large reference id',
    'reference-ids',
    /got "2147483647"/,
    replying((reply) => ({ ...reply, referenceId: reply['referenceId'] === 2 ** 31 - 1 ? '2147483647' : reply['referenceId'] })),
  ],
  ['replies in text/plain', ['content-type', ...SEE_ALL], /"text\/plain"/, withHeaders(PLAIN)],
  [
    'replies in another charset',
    ['content-type', ...SEE_ALL],
    /iso-8859-1/,
    withHeaders({ 'content-type': 'application/json; charset=iso-8859-1' }),
  ],
  ['says that it compresses', ['content-type', ...SEE_ALL], /content-encoding/, withHeaders({ 'content-encoding': 'br' })],
  ['pads its replies', ['reply-size', ...SEE_ALL], /has 66\d+ bytes/, replying((reply) => ({ ...reply, padding: 'x'.repeat(66_000) }))],
  [
    'gives user data of another chat',
    ['reply-user-data', ...SEE_ALL],
    /Id is "somebody"/,
    replying((reply) => ({ ...reply, userData: { Id: 'somebody' } })),
  ],
  [
    'writes its reference id twice',
    ['reply-keys', ...SEE_ALL],
    /the key referenceId comes twice/,
    plant.writing((text) => text.replace('{', '{"referenceId":0,')),
  ],
  [
    'writes a key of the request twice, escaped once',
    ['reply-keys', ...SEE_REQUEST],
    /the key request\.Service comes twice/,
    plant.writing((text) => text.replace('"request":{', '"request":{"\\u0053ervice":"Email",')),
  ],
  [
    'writes an id of what was delivered twice',
    SEE_DELIVERED,
    /the key userData\.InteractionId comes twice/,
    plant.writing((text) => text.replace('"userData":{', '"userData":{"InteractionId":"somebody",')),
  ],
  ['writes a key in another case', ['reply-keys', ...SEE_ALL], /the key "ReferenceId" is one of/, plant.adding({ ReferenceId: 8 })],
  [
    'writes a key of the request in another case',
    ['reply-keys', ...SEE_REQUEST],
    /the key "parameters" is one of/,
    plant.adding({}, { parameters: {} }),
  ],
  ['nests without end', ['reply-keys', ...SEE_ALL], /nested deeper/, plant.adding({ x: JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) })],
  [
    'gives the id of another chat within its user data',
    ['reply-nested-ids', ...SEE_ALL],
    /below the top of the reply id is "somebody"/,
    plant.adding({ userData: { Customer: { Cases: [{ id: 'somebody' }] } } }),
  ],
  [
    'gives the id of another chat in the request',
    ['reply-nested-ids', ...SEE_REQUEST],
    /below the top of the reply InteractionId is "somebody"/,
    plant.adding({}, { UserData: { InteractionId: 'somebody' } }),
  ],
  [
    'gives user data of another chat in another case',
    ['reply-user-data', ...SEE_ALL],
    /userData\.ID is "somebody"/,
    plant.adding({ userData: { ID: 'somebody' } }),
  ],
  ['echoes another method', ['reply-echo', ...SEE_REQUEST], /request\.Method is "Notice"/, plant.adding({}, { Method: 'Notice' })],
  [
    'echoes a list for the service of what was delivered',
    SEE_DELIVERED,
    /request\.Service is an object or a list/,
    replyingOf(DELIVERED, (said, reply) => ({ ...said, json: { ...reply, request: { Service: ['Chat'] } } })),
  ],
  [
    'writes fault codes elsewhere, too',
    ['reply-fault-code', ...SEE_ALL.filter((id) => id !== 'reply-delivered' && id !== 'reply-server-down')],
    /the fault code "7" stands elsewhere/,
    replyingOf('Event3rdServerFault', (said, reply) => ({ ...said, json: { ...reply, faultCode: '7' } })),
  ],
  [
    'writes an empty fault code where there is none',
    SEE_DELIVERED,
    /FaultCode is "", which is no code/,
    replyingOf(DELIVERED, (said, reply) => ({ ...said, json: { ...reply, request: { Parameters: { FaultCode: '' } } } })),
  ],
  [
    'hands on a response without its fault code',
    SEE_DEAD,
    /which means delivered|HTTP 200 with "Event3rdServerResponse"/,
    plant.respondingWith({}),
  ],
  [
    'hands on a response with its fault code at the top',
    SEE_DEAD,
    /stands elsewhere|HTTP 200 with "Event3rdServerResponse"/,
    plant.respondingWith(null, { FaultCode: '100' }),
  ],
  ['writes an error code with a zero', ['reply-error-names', ...SEE_DOWN], /errorCode is "01"/, plant.erring({ errorCode: '01' })],
  [
    'gives an error two texts that contradict each other',
    ['reply-error-names', ...SEE_DOWN],
    /errorDescription "busy": one of them/,
    plant.erring({ errorDescription: 'busy' }),
  ],
  [
    'gives an error its text under another name',
    ['reply-error-names', ...SEE_DOWN],
    /expected EventError with errorCode 1/,
    plant.erring({ errorMessage: null, errorText: 'Not found by name' }),
  ],
  ['gives an error a list for its text', ['reply-error-names', ...SEE_DOWN], /which is no text/, plant.erring({ errorDescription: ['x'] })],
  ['takes its time', 'reply-time', /within 60 ms/, plant.slowWhen(({ headers }) => headers['x-deadline-ms'] === '60'), { maxReplyMs: 60 }],
  [
    'sends 100 Continue',
    ['no-interim-answer', ...SEE_ALL],
    /HTTP 100/,
    { onHead: ({ method }, response) => (method === 'POST' ? response.writeContinue() : undefined) },
  ],
  [
    'knows no MessageType',
    'message-options',
    /HTTP 400/,
    taking((message) => isProper(message) && !('MessageType' in parametersOf(message))),
  ],
  [
    'knows VIP only',
    'message-options',
    /HTTP 400/,
    taking((message) => isProper(message) && parametersOf(message)['Visibility'] === 'VIP'),
  ],
  ['takes 8 KiB only', 'user-data', /HTTP 413/, withHabits({ mostBodyBytes: 8 * 1024 })],
  [
    'takes flat user data only',
    ['reply-nested-ids', 'user-data'],
    /HTTP 400/,
    taking((message) => isProper(message) && !Object.hasOwn(message.userData ?? {}, 'Nested')),
  ],
  ['swaps replies under load', 'concurrent-replies', /expected referenceId \d+, got \d+$/, plant.swapping((_own, other) => other)],
  [
    'swaps replies under load but for their ids',
    'concurrent-replies',
    /expected .*, got HTTP 200|not the id that was sent/,
    plant.swapping(({ referenceId }, other) => ({ ...other, referenceId })),
  ],
  [
    'swaps replies under load and leaves out their ids',
    'concurrent-replies',
    /expected referenceId \d+, got nothing$/,
    plant.swapping((_own, other) => ({ ...other, referenceId: undefined })),
  ],
  ['takes one message at a time', 'concurrent-replies', /7 of 8 .* too many/, plant.busyBeyond(1, 7)],
  ['closes after each answer', 'keep-alive', /closed after/, withHeaders({ connection: 'close' })],
  [
    'has no patience with drips',
    'slow-client',
    /HTTP 408/,
    saying(
      ({ pieces, body }) => pieces > 4 && body.length < 1_000,
      () => refusal(408),
    ),
  ],
  [
    'has one pair of hands',
    'slow-client-alone',
    /while another was on its way/,
    plant.oneAtATime(),
    { timeoutMs: 1_500, maxReplyMs: 1_500 },
  ],
  [
    'wants a deadline',
    'deadline-absent',
    /HTTP 400/,
    saying(
      (a) => isEsp(a) && a.headers['x-deadline-ms'] === undefined,
      () => refusal(400),
    ),
  ],
  [
    'takes no time for no deadline',
    'deadline-over',
    /FaultCode/,
    withHabits({ isTimeOver: (a, deadlineMs) => deadlineMs > 0 && a.elapsedMs() >= deadlineMs }),
  ],
  ['counts from the end of a message', 'deadline-late-body', /FaultCode/, withHabits({ isTimeOver: (_a, deadlineMs) => deadlineMs <= 0 })],
  [
    'lets in who shows no token',
    'auth-no-token',
    /401 or 403/,
    withHabits({ isLetIn: (shown) => shown === undefined || shown === `Bearer ${TOKEN}` }),
  ],
  ['lets in who shows any token', 'auth-wrong-token', /401 or 403/, withHabits({ isLetIn: (shown) => shown !== undefined })],
  [
    'answers GET /esp',
    'wrong-http-method',
    /HTTP 200/,
    saying(
      ({ method, path }) => method === 'GET' && path === '/esp',
      () => ({ status: 200, json: {} }),
    ),
  ],
  [
    'takes messages anywhere',
    'wrong-path',
    /FaultCode/,
    { manners: (next) => (a) => next(a.method === 'POST' ? { ...a, path: '/esp' } : a) },
  ],
  [
    'redirects to the path without the slash',
    'no-redirect',
    /another address/,
    saying(
      ({ path }) => path === '/esp/',
      () => ({ status: 308, headers: { location: '/esp' }, json: null }),
    ),
  ],
  [
    'falls over broken JSON',
    'bad-json',
    /HTTP 500/,
    saying(
      (a) => isEsp(a) && !isJson(a),
      () => refusal(500),
    ),
  ],
  [
    'takes broken JSON for a wrong address',
    'bad-json',
    /HTTP 404/,
    saying(
      (a) => isEsp(a) && !isJson(a),
      () => refusal(404),
    ),
  ],
  [
    'takes any message for a request',
    'not-a-request',
    /FaultCode/,
    taking((message) => isProper({ ...message, messageName: 'Request3rdServer' })),
  ],
  ['makes up a reference id', 'missing-parts', /FaultCode/, taking((message) => isProper({ referenceId: 0, ...message }))],
  [
    'falls over a missing request',
    'missing-parts',
    /HTTP 500/,
    saying(
      (a) => messageIn(a)?.userData !== undefined && messageIn(a)?.request === undefined,
      () => refusal(500),
    ),
  ],
  [
    'makes up a text',
    'missing-parameters',
    /FaultCode/,
    taking((message) => isProper(asked(message, { Parameters: { MessageText: '' } }))),
  ],
  ['needs no id', 'missing-parameters', /FaultCode/, taking((message) => isProper({ userData: { InteractionId: '' }, ...message }))],
  ['sends every method as Message', 'unknown-method', /FaultCode/, taking((message) => isProper(asked(message, { Method: 'Message' })))],
  ['sends every service as Chat', 'unknown-service', /FaultCode/, taking((message) => isProper(asked(message, { Service: 'Chat' })))],
  [
    'sends every type of application as ChatServer',
    'unknown-app-type',
    /FaultCode/,
    taking((message) => isProper(asked(message, { AppType: 'ChatServer' }))),
  ],
  ['takes messages of any size', 'oversized-message', /FaultCode/, withHabits({ mostBodyBytes: Number.POSITIVE_INFINITY })],
  ['fails once after a message that was too large', 'oversized-message', /HTTP 500/, plant.failingAfterOversized(1, 1)],
  ['fails for good some time after', 'still-answers', /HTTP 500/, plant.failingAfterOversized(2, Number.POSITIVE_INFINITY)],
];

describe('a gateway that keeps the contract', () => {
  it('passes every check, for two messages to the live chat', async () => {
    let toLive = 0;
    const report = await against({
      manners: (next) => (a) => {
        if (a.body.includes(LIVE)) toLive += 1;
        return next(a);
      },
    });
    expect(idsOf(report, 'passed')).toEqual(report.checks.map(({ id }) => id));
    expect([report.messagesToLive, toLive]).toEqual([2, 2]);
  });

  it('may leave to Chat Server what Chat Server can judge', async () => {
    const report = await against(
      saying(plant.isNonsense, (a) => ({
        status: 200,
        json: withFaultCode({ ...(notFound(a, {}).json as object), messageName: 'Event3rdServerFault' }, '201'),
      })),
    );
    expect(idsOf(report, 'failed')).toEqual([]);
  });

  it.each([
    ['hand on a response with the code of its fault', plant.respondingWith(fixtures.sessionNotFound.request.Parameters)],
    ['call the text of an error errorDescription', plant.erring({ errorMessage: undefined, errorDescription: 'Not found by name' })],
    ['call it by both names, and write the code as text', plant.erring({ errorCode: '1', errorDescription: 'Not found by name' })],
    ['echo nothing of what was delivered', replyingOf(DELIVERED, (said, { request: _, ...json }) => ({ ...said, json }))],
    ['add attributes of its own, null ones too', plant.adding({ tenant: { Name: 'x' }, faultCode: null }, { AppName: 'x', service: null })],
  ])('may %s', async (_what, planted) => {
    expect(idsOf(await against(planted), 'failed')).toEqual([]);
  });

  it('may refuse some of many messages, and say that Interaction Server is away', async () => {
    const { manners = (next) => next } = plant.busyBeyond(5, 3);
    const report = await against({ manners: (next) => (a) => (isHealth(a) ? refusal(503) : manners(next)(a)) });
    expect(idsOf(report, 'failed')).toEqual([]);
    const notes = report.checks.flatMap(({ detail }) => detail ?? []);
    expect(notes).toEqual([expect.stringContaining('503'), expect.stringContaining('3 of 8 were refused')]);
  });

  it('may cut off a message that is too large', async () => {
    const report = await against({
      onHead: ({ headers, socket }) => {
        if (Number(headers['content-length']) > 100_000) socket.destroy();
      },
    });
    expect(idsOf(report, 'failed')).toEqual([]);
  });
});

describe('a gateway that is wrong in one way fails the checks that can see it', () => {
  it.concurrent.each(
    ROWS.map(([fault, failing, says, planted, options = {}]) => [fault, [failing].flat(), says, planted, options] as const),
  )('%s: %j', async (_fault, failing, says, planted, options) => {
    const report = await against(planted, options);
    expect([...idsOf(report, 'failed')].sort()).toEqual([...failing].sort());
    expect(idsOf(report, 'passed')).toHaveLength(report.checks.length - failing.length);
    for (const check of report.checks.filter(({ status }) => status === 'failed')) {
      expect(check.detail).toMatch(says);
      expect(check.exchanges[0]?.sent).toMatch(/^(POST|GET) \//);
    }
  });

  it('and there is one such gateway for every check', () => {
    const ids = checks(realClock).map(({ id }) => id);
    expect(new Set(ROWS.flatMap(([, failing]) => failing))).toEqual(new Set(ids));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('behind TLS and a slow way', () => {
  const TLS = selfSignedCertificate('127.0.0.1');
  const HURRIED = { ca: TLS.cert, timeoutMs: 1_500, maxReplyMs: 1_500, only: 'slow-client-alone' };

  it('a gateway with one pair of hands shows all the same', async () => {
    const gateway = await startPlantedGateway(plant.oneAtATime(), TLS);
    const report = await runKit(gateway.url, HURRIED);
    await gateway.close();
    expect(idsOf(report, 'failed')).toEqual(['slow-client-alone']);
  });

  it('the time of a message that comes late runs from when it is on its way', async () => {
    const gateway = await startPlantedGateway({}, TLS);
    const url = await slowWayTo(gateway.url, 300);
    const report = await runKit(url, { ca: TLS.cert, only: 'deadline-late-body' });
    await gateway.close();
    expect(idsOf(report, 'passed')).toEqual(['deadline-late-body']);
  });
});

/** A way to a gateway that lets nothing through until some time after each connection. */
async function slowWayTo(url: string, delayMs: number): Promise<string> {
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
    setTimeout(() => near.pipe(far).pipe(near), delayMs);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function isByType(a: Asked): boolean {
  return isProper(messageIn(a) ?? {}) && nameIn(a) === undefined;
}

async function against(planted: Plant, options: KitOptions = {}): Promise<ConformanceReport> {
  const gateway = await startPlantedGateway(planted);
  try {
    return await runKit(gateway.url, options);
  } finally {
    await gateway.close();
  }
}
