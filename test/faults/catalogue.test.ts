import { expect, it } from 'vitest';
import { FILES, text } from '../support/pages.ts';
import { GATEWAY_FAULTS } from './gateway-faults.ts';

/** The rows of a fault: the file that holds its test, and the name that the test has there. */
type Held = readonly (readonly [file: string, name: string])[];

const inFile =
  (file: string) =>
  (...names: readonly string[]): Held =>
    names.map((name) => [file, name] as const);

const gateway = inFile('test/faults/gateway-faults.ts');
const way = inFile('test/faults/connections.test.ts');
const reused = inFile('test/faults/reused-connections.test.ts');
const caller = inFile('test/faults/callers.test.ts');
const input = inFile('test/http/probe-input.test.ts');
const raw = inFile('test/http/raw-requests.ts');
const overGateway = inFile('test/e2e/probe-over-gateway.test.ts');
const credentials = inFile('test/http/authentication.test.ts');
const reload = inFile('test/e2e/reload.slow.test.ts');
const load = inFile('test/e2e/load.slow.test.ts');
const names = inFile('test/gateway/name-lookup.test.ts');
const ourselves = inFile('test/faults/ourselves.test.ts');
const slow = inFile('test/faults/faults.slow.test.ts');

/*
 * THE list of the faults that this service is held against over real sockets, by who misbehaves, with the tests that hold each. Many are
 * rows of a table: those of a gateway in gateway-faults.ts, with the reason and the verdict that each must come to.
 */

const OF_THE_GATEWAY: Readonly<Record<string, Held>> = {
  'connection refused': way('connection refused'),
  'reset before the first byte': gateway('reset before the first byte', 'closed before the first byte'),
  'reset in mid-body': gateway('reset in the middle of the body', 'closed in the middle of the body'),
  'silent after accept': gateway('silent after the message', 'a head and no body'),
  'slow-loris reply': gateway('a head that comes byte by byte', 'a body that comes byte by byte'),
  'kept-alive socket closed as we write': reused(
    'that is closed as we write costs its message, and is never written to again',
    'that was closed while nobody used it costs no message',
  ),
  'half-open peer': reused(
    'whose other end has vanished is given up with the attempt',
    'whose other end has closed its half is given up at once',
  ),
  'DNS failure': way('a name that does not resolve'),
  'a resolver that hangs': names('a name whose resolver hangs fails in time, holds up no other, and is not asked for again while it hangs'),
  'a name with one dead address': [
    ...way('a name with one dead address'),
    ...names('over real sockets: a gateway is found under a name, by its second address where nobody listens at the first'),
  ],
  'TLS: expired': way('an expired certificate'),
  'TLS: not yet valid': way('a certificate that is not valid yet'),
  'TLS: wrong name': way('a certificate of another host'),
  'TLS: unknown CA': way('an unknown authority'),
  'TLS: too old': way('TLS that is too old'),
  'TLS: none, or where none should be': way('plain HTTP where TLS should be', 'TLS where plain HTTP should be'),
  'TLS: a handshake that hangs': way('a handshake that does not come about'),
  '5xx storm': reused('a storm of 5xx costs few messages, every caller gets a route, and the end of it is noticed'),
  '429/503 with Retry-After in seconds': gateway('429 with Retry-After in seconds', '503 with Retry-After in seconds'),
  '429/503 with Retry-After as a date': gateway('429 with Retry-After as a date', '503 with Retry-After as a date'),
  '429/503 with Retry-After past, huge or junk': gateway(
    '429 with Retry-After in the past',
    '429 with a huge Retry-After',
    '429 with Retry-After of junk',
  ),
  '5xx': gateway('500', '502 with a page of HTML', '503', '503 with the proof of death'),
  '401/403': gateway('401', '403'),
  '404': gateway('404'),
  '422': gateway('422'),
  'an HTML page with 200': gateway('a page of HTML with 200', 'the proof of death called HTML'),
  'malformed JSON': gateway('malformed JSON', 'an empty body'),
  'byte order mark': gateway('a byte order mark'),
  'duplicate keys': gateway('a key twice'),
  '__proto__ in a reply': gateway('the fault in __proto__'),
  'deep nesting': gateway('nested too deep'),
  'huge and fractional numbers': gateway(
    'a reference id beyond all numbers',
    'a reference id with a fraction',
    'a fault code with a fraction',
  ),
  'errorCode as text': gateway('an error code as text', 'an error code that may be another'),
  'codes that nobody documents': gateway('a fault code that nobody documents'),
  'endless and oversized bodies': gateway('an endless body', 'an oversized body'),
  'compressed bodies': gateway('a compressed body'),
  redirect: gateway('a redirect'),
  'a response that carries a fault': gateway('a response that carries a fault'),
  'the reply of another interaction or reference': gateway('the reply to another reference', 'the reply for another interaction'),
  'duplicate replies on a reused connection': reused('does not carry the proof of one message into the next: two replies to one'),
  'late replies on a reused connection': reused('is closed with an attempt that is over, so that a late reply meets nobody'),
  'off-by-one replies on a reused connection': gateway('replies that are off by one'),
  'doubled and wrong lengths': gateway(
    'a length twice',
    'two lengths',
    'a length and chunks',
    'a length that is too short',
    'a length that is too long',
    'chunks that are none',
  ),
  'a body delimited by the close': reused(
    'may be the end of the connection',
    'that is the end of the connection proves nothing where it comes too early',
  ),
  'trailing bytes': gateway('trailing bytes in the body'),
  'header flood': gateway('endless headers'),
  'no HTTP at all': gateway('words that are no HTTP', '101 that nobody asked for'),
  '1xx before the answer': gateway('1xx before the answer', '1xx and no answer'),
  'healthy /health with a dead /esp': reused('a gateway that is healthy and refuses every message is told to be both'),
  'fail-over between two': way(
    'fail-over from a refused connection',
    'fail-over from a name that does not resolve',
    'fail-over from a handshake that does not come about',
    'no fail-over once the message is written',
  ),
  'fail-back between two': inFile('test/gateway/gateway-fail-over.test.ts')(
    'is where the next attempt starts, until the first has been aside for 30 s',
  ),
};

const OF_CALLERS: Readonly<Record<string, Held>> = {
  'hang-up in every phase': caller(
    'before his first byte',
    'in the head of his request',
    'in the body of his request',
    'while the gateway is being connected to',
    'while the gateway has his message',
    'in the pause between two attempts',
    'while his answer is being written',
    'a caller who hangs up while his message waits for that of another gives up his place',
  ),
  'hang-up with pipelined requests': caller('with more requests behind the first'),
  'half-close': raw('a caller who closes his sending half after the request gets the verdict:'),
  '50 same ids at once': caller('fifty callers with one id share one message, and each is answered'),
  'ids that are none': input('the id "undefined"', 'the id "NIL", whose session was closed'),
  'overrides out of bounds': input('a deadline above the bound', 'too many attempts'),
  '../': caller('..', '.. before a semicolon'),
  '%2e%2e%2f': caller('.. in percent signs', '.. in overlong UTF-8'),
  '%00': caller('a zero byte'),
  'CR/LF': caller('a line break', 'a line break in percent signs'),
  'non-ASCII': caller('a letter that is no ASCII', 'such a letter in percent signs'),
  '10 kB': caller('ten thousand letters'),
  'bodies: oversized': input('a body over 64 KiB'),
  'bodies: mislabelled': inFile('test/http/request-body.test.ts')('no field is lost, in JSON or a form'),
  'bodies: compressed': input('a compressed body'),
  'bodies: slow': inFile('test/e2e/half-sent-requests.slow.test.ts')(
    'a caller who sends half a body is told after 10 s, and that is counted',
  ),
  'thousands of fields': inFile('test/http/request-cost.test.ts')('one name again and again', 'distinct names', 'distinct keys'),
  'missing credentials': credentials('none'),
  'wrong credentials': credentials('a wrong one', 'bytes beyond ASCII', '20 KiB'),
  'doubled credentials': credentials('a good one after a wrong one', 'a good one before a wrong one', 'the same one twice'),
  'rotated credentials': [
    ...credentials('is let in by each, by new ones after a change, and no more by those that are gone'),
    ...reload('the configuration changes, and the token of the gateway'),
  ],
  'TLS that is no TLS': inFile('test/http/tls-listener.test.ts')('closes a connection on which plain HTTP is spoken, and goes on'),
  'a scan of 100,000 paths': slow('a scan of 100,000 paths brings up no series, and leaves the service answering'),
  'slow headers': slow('a caller whose headers come slowly is told so after 10 s'),
  '3,000 idle sockets': load('3,000 connections that ask nothing leave it answering'),
  'unknown methods': overGateway('an unknown method', 'a method that few know'),
  'HTTP/1.0': raw('under HTTP/1.0', 'HTTP/1.0 without a length'),
  'HTTP/2 preface': raw('HTTP/2 without asking'),
  'absolute form': raw('a target in absolute form'),
};

const OF_OUR_OWN: Readonly<Record<string, Held>> = {
  'SIGTERM under load': inFile('test/process/drain-under-load.slow.test.ts')(
    'SIGTERM under load costs no request: 120 callers with connections that they keep, and 40 with a new one each time',
  ),
  'SIGHUP with a good file': reload(
    'each change of a ConfigMap is noticed, three times in a row',
    'SIGHUP without a configuration file reads the files again that variables name, and says so',
    'the certificate of the gateway is replaced, and its authority with it',
  ),
  'SIGHUP with a bad file': reload('a bad file is refused with all its problems, and the old configuration stays'),
  'SIGHUP during a drain': reload('SIGHUP during a drain does nothing'),
  'signals that mean nothing': reload('that mean nothing end nothing, and open no port'),
  'second signal': inFile('test/e2e/process.slow.test.ts')('a second time ends it at once'),
  'process stopped for 9 s in each phase of a probe': [
    ...inFile('test/e2e/stops.slow.test.ts')(
      'where the whole process stands still for longer than the deadline, in whichever phase of a probe',
    ),
    ...slow('while a request comes in, while the gateway is being connected to, and while messages wait for each other, stops no chat'),
  ],
  'wall clock an hour either way': ourselves(
    'changes neither how long a probe takes nor what it comes to',
    'forgets no chat that was just found alive, and remembers it no longer',
    'makes no second word out of an answer that came too soon after the first',
  ),
  'log reader blocked': slow('a reader that is blocked'),
  'log reader gone': slow('a reader that is gone'),
  'log full': slow('a full disk'),
  'descriptors exhausted': load(
    'where more connections come than it may have files open, it goes on answering',
    'where its connections are allowed more than there are descriptors, it does not end',
  ),
  'heap nearly full': load('500 callers wait, and of their bodies of 55 KB nothing is kept', 'user data of 16 KiB'),
  'one target silent while another is healthy': load(
    'one silent target with its places full leaves those of another: 50 of 50 are delivered',
  ),
  'an observer that throws': ourselves('an observer that throws changes no answer, and is told'),
  'a fault that nobody caught': [
    ...slow('leaves every caller who waits with a verdict before it ends the process'),
    ...inFile('test/e2e/process.slow.test.ts')('tells the fault that ended the process, and all that came before'),
  ],
};

const ALL = [OF_THE_GATEWAY, OF_CALLERS, OF_OUR_OWN].flatMap((group) => Object.entries(group));

/** Whether a file has a test, or a row of a table of tests, of this name. */
function isThere(file: string, name: string): boolean {
  if (!FILES.includes(file)) return false;
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:name: |\\[\\s*|\\bit\\(\\s*|\\bdescribe\\(\\s*|\\])\\(?['"\`]${literal}['"\`]`).test(text(file));
}

it('every fault of the list has its tests', () => {
  expect(ALL.length).toBeGreaterThan(70);
  const missing = ALL.flatMap(([fault, held]) =>
    held.filter(([file, name]) => !isThere(file, name)).map((row) => `${fault}: ${row.join(', ')}`),
  );
  expect(missing).toEqual([]);
  expect(ALL.filter(([, held]) => held.length === 0)).toEqual([]);
});

it('a test that is not there would be missed', () => {
  expect(isThere('test/faults/gateway-faults.ts', 'reset before the second byte')).toBe(false);
  expect(isThere('test/faults/nowhere.test.ts', 'connection refused')).toBe(false);
});

it('every fault that a gateway can show is on the list', () => {
  const named = new Set(ALL.flatMap(([, held]) => held.map(([, name]) => name)));
  expect(GATEWAY_FAULTS.filter(({ name }) => !named.has(name))).toEqual([]);
});
