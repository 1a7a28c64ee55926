import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Evidence, Reason } from '../../src/probe/reasons.ts';
import type { Verdict } from '../../src/probe/verdict.ts';
import { answer, answerJson, deliver, type Script, say, silent } from '../support/scripted-gateway.ts';

/** One way in which a gateway that can be reached misbehaves, and what every probe through it must come to. */
export interface GatewayFault {
  /** Closed list: the soak names its chats by it, and the catalogue of faults names it. */
  readonly name: string;
  /** What it does with each message. */
  readonly does: Script;
  readonly reason: Reason;
  /** `unknown` unless given. */
  readonly evidence?: Evidence;
  /** `route` unless given: a stop needs proof. */
  readonly verdict?: Verdict;
  /** True if a second attempt is useless, or has to come too late. */
  readonly once?: true;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const LOST = {
  messageName: 'Event3rdServerFault',
  request: {
    Service: 'Chat',
    Method: 'Message',
    Parameters: { FaultCode: '100', FaultString: 'interaction with specified id was not found' },
  },
};

/** Answers in the name of the message's own reference id. */
const inReply =
  (reply: (referenceId: number) => Script): Script =>
  (socket, request) =>
    reply(JSON.parse(request.body).referenceId)(socket, request);

/** The proof that a chat is dead, in bytes that somebody has tampered with: read with less care each of these would be a stop. */
const lostAs = (bytes: (body: string) => Script): Script =>
  inReply((referenceId) => bytes(JSON.stringify({ messageName: LOST.messageName, referenceId, request: LOST.request })));
const lostWith = (fields: object): Script => inReply((referenceId) => answerJson({ ...LOST, referenceId, ...fields }));
const lostText = (change: (body: string) => string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE): Script =>
  lostAs((body) => answer(200, headers, change(body)));
const raw = (head: string, change: (body: string) => string = (body) => body): Script =>
  lostAs((body) =>
    say(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head.replace('LENGTH', String(body.length))}\r\n${change(body)}`),
  );

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Script => answer(code, headers, '');
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n';

/** Writes these again and again until the connection is gone. */
const drip =
  (first: string, next: string, everyMs: number): Script =>
  (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(next), everyMs);
    socket.once('close', () => clearInterval(timer));
  };

const flood: Script = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
  const more = (): void => {
    while (!socket.destroyed && socket.write(`4000\r\n${' '.repeat(0x4000)}\r\n`));
  };
  socket.on('drain', more);
  more();
};

/** What these connections were asked last, for replies that come to the wrong question. */
const lastAsked = new WeakMap<Socket, number>();
/** The first message on a connection is never answered; each later one gets, as its reply, that of the one before. */
const offByOne: Script = (socket, request) => {
  const { referenceId } = JSON.parse(request.body);
  answerJson({ ...LOST, referenceId: lastAsked.get(socket) ?? referenceId - 1 })(socket, request);
  lastAsked.set(socket, referenceId);
};

const seconds = (text: string) => ({ 'retry-after': text });
const inSeconds = (count: number): string => new Date(Date.now() + count * 1_000).toUTCString();

/** Every fault that a gateway in plain HTTP can show by what it writes. */
export const GATEWAY_FAULTS: readonly GatewayFault[] = [
  { name: 'reset before the first byte', does: (socket) => void socket.resetAndDestroy(), reason: 'connection_reset' },
  { name: 'closed before the first byte', does: (socket) => void socket.end(), reason: 'connection_reset' },
  {
    name: 'reset in the middle of the body',
    does: (socket) => void socket.write(`${HEAD}{"messageName":`, () => setTimeout(() => socket.resetAndDestroy(), 5)),
    reason: 'connection_reset',
  },
  { name: 'closed in the middle of the body', does: (socket) => void socket.end(`${HEAD}{"messageName":`), reason: 'connection_reset' },
  { name: 'silent after the message', does: silent, reason: 'timeout' },
  { name: 'a head that comes byte by byte', does: drip('HTTP/1.1 200 OK\r\nx: ', 'y', 20), reason: 'timeout' },
  { name: 'a body that comes byte by byte', does: drip(HEAD, ' ', 20), reason: 'timeout' },
  { name: 'a head and no body', does: say(HEAD), reason: 'timeout' },
  { name: '500', does: status(500), reason: 'gateway_error' },
  { name: '502 with a page of HTML', does: answer(502, { 'content-type': 'text/html' }, '<html></html>'), reason: 'gateway_error' },
  { name: '503', does: status(503), reason: 'gateway_error' },
  { name: '503 with the proof of death', does: lostAs((body) => answer(503, JSON_TYPE, body)), reason: 'gateway_error' },
  { name: '429 with Retry-After in seconds', does: status(429, seconds('60')), reason: 'gateway_busy', once: true },
  {
    name: '429 with Retry-After as a date',
    does: (...on) => status(429, seconds(inSeconds(60)))(...on),
    reason: 'gateway_busy',
    once: true,
  },
  { name: '429 with Retry-After in the past', does: (...on) => status(429, seconds(inSeconds(-60)))(...on), reason: 'gateway_busy' },
  { name: '429 with a huge Retry-After', does: status(429, seconds('9'.repeat(400))), reason: 'gateway_busy', once: true },
  { name: '429 with Retry-After of junk', does: status(429, seconds('-1; soon')), reason: 'gateway_busy' },
  { name: '503 with Retry-After in seconds', does: status(503, seconds('60')), reason: 'gateway_error', once: true },
  {
    name: '503 with Retry-After as a date',
    does: (...on) => status(503, seconds(inSeconds(60)))(...on),
    reason: 'gateway_error',
    once: true,
  },
  { name: '401', does: status(401), reason: 'gateway_auth', once: true },
  { name: '403', does: status(403), reason: 'gateway_auth', once: true },
  { name: '404', does: status(404), reason: 'gateway_misrouted', once: true },
  { name: '422', does: status(422), reason: 'gateway_misrouted', once: true },
  { name: 'a redirect', does: status(307, { location: '/esp' }), reason: 'protocol_error' },
  { name: 'a page of HTML with 200', does: answer(200, { 'content-type': 'text/html' }, '<html></html>'), reason: 'protocol_error' },
  { name: 'the proof of death called HTML', does: lostText((body) => body, { 'content-type': 'text/html' }), reason: 'protocol_error' },
  { name: 'malformed JSON', does: lostText((body) => body.slice(0, -1)), reason: 'protocol_error' },
  { name: 'an empty body', does: answer(200, JSON_TYPE, ''), reason: 'protocol_error' },
  {
    name: 'a byte order mark',
    does: lostText((body) => `\uFEFF${body}`),
    reason: 'session_not_found',
    evidence: 'dead',
    verdict: 'stop',
    once: true,
  },
  { name: 'a key twice', does: lostText((body) => `{"messageName":"Event3rdServerResponse",${body.slice(1)}`), reason: 'protocol_error' },
  { name: 'the fault in __proto__', does: lostText((body) => body.replace('"request"', '"__proto__"')), reason: 'protocol_error' },
  {
    name: 'nested too deep',
    does: lostText((body) => `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)},${body.slice(1)}`),
    reason: 'protocol_error',
  },
  {
    name: 'a reference id beyond all numbers',
    does: lostText((body) => body.replace(/"referenceId":\d+/, '"referenceId":1e400')),
    reason: 'protocol_error',
  },
  { name: 'a reference id with a fraction', does: lostText((body) => body.replace(/"referenceId":\d+/, '$&.5')), reason: 'protocol_error' },
  { name: 'a fault code with a fraction', does: lostText((body) => body.replace('"100"', '100.5')), reason: 'protocol_error' },
  {
    name: 'an error code as text',
    does: inReply((referenceId) =>
      answerJson({ messageName: 'EventError', referenceId, errorCode: '1', errorMessage: 'Not found by name' }),
    ),
    reason: 'chat_server_not_found',
    evidence: 'orphaned',
    verdict: 'stop',
  },
  {
    name: 'an error code that may be another',
    does: inReply((referenceId) =>
      answerJson({ messageName: 'EventError', referenceId, errorCode: '01', errorMessage: 'Not found by name' }),
    ),
    reason: 'protocol_error',
  },
  {
    name: 'a fault code that nobody documents',
    does: lostText((body) => body.replace('"100"', '"101"')),
    reason: 'fault_unrecognised',
  },
  { name: 'an endless body', does: flood, reason: 'protocol_error' },
  { name: 'an oversized body', does: lostText((body) => body.padEnd(65_537)), reason: 'protocol_error' },
  {
    name: 'a compressed body',
    does: lostText((body) => gzipSync(body), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    reason: 'protocol_error',
  },
  {
    name: 'a response that carries a fault',
    does: lostWith({ messageName: 'Event3rdServerResponse' }),
    reason: 'session_not_found',
    evidence: 'dead',
    verdict: 'stop',
    once: true,
  },
  {
    name: 'the reply to another reference',
    does: inReply((referenceId) => answerJson({ ...LOST, referenceId: referenceId + 1 })),
    reason: 'reply_mismatch',
  },
  {
    name: 'the reply for another interaction',
    does: lostWith({ userData: { InteractionId: '02JH8H2FE3Q3T00E' } }),
    reason: 'reply_mismatch',
  },
  { name: 'replies that are off by one', does: offByOne, reason: 'reply_mismatch' },
  { name: 'a length twice', does: raw('content-length: LENGTH\r\ncontent-length: LENGTH\r\n'), reason: 'protocol_error' },
  { name: 'two lengths', does: raw('content-length: LENGTH\r\ncontent-length: 2\r\n'), reason: 'protocol_error' },
  { name: 'a length and chunks', does: raw('content-length: LENGTH\r\ntransfer-encoding: chunked\r\n'), reason: 'protocol_error' },
  { name: 'a length that is too short', does: raw('content-length: 20\r\n'), reason: 'protocol_error' },
  { name: 'a length that is too long', does: raw('content-length: 500\r\n'), reason: 'timeout' },
  { name: 'chunks that are none', does: raw('transfer-encoding: chunked\r\n'), reason: 'protocol_error' },
  {
    name: 'trailing bytes in the body',
    does: raw('content-length: LENGTH\r\n', (body) => `${body.slice(0, -1)}x`),
    reason: 'protocol_error',
  },
  { name: 'endless headers', does: say(`HTTP/1.1 200 OK\r\n${`${'x: '.padEnd(1_000, 'y')}\r\n`.repeat(20)}`), reason: 'protocol_error' },
  { name: 'words that are no HTTP', does: say('220 mail.example ESMTP\r\n'), reason: 'protocol_error' },
  {
    name: '101 that nobody asked for',
    does: say('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    reason: 'protocol_error',
  },
  {
    name: '1xx and no answer',
    does: (socket) => void socket.end('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'),
    reason: 'connection_reset',
  },
  {
    name: '1xx before the answer',
    does: (socket, request) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n');
      deliver(socket, request);
    },
    reason: 'delivered',
    evidence: 'alive',
    once: true,
  },
];
