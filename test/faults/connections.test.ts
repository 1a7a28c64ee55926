import dns, { type LookupAddress } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/process/start-service.ts';
import {
  CLOSED_PORT,
  deliver,
  type Script,
  type ScriptedGateway,
  type ScriptedGatewayOptions,
  silent,
  startScriptedGateway,
} from '../support/scripted-gateway.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { askTarget, DEADLINE_MS, type FarEnd, type ProbeAnswer, serviceFor } from './faulty-targets.ts';

const OURS = selfSignedCertificate('127.0.0.1');
const EXPIRED = selfSignedCertificate('127.0.0.1', { until: '2020-02-01' });
const NOT_YET = selfSignedCertificate('127.0.0.1', { from: '2098-01-01' });
const OF_ANOTHER = selfSignedCertificate('127.0.0.2');
/** TLS 1.1 at most, which OpenSSL only speaks when its guard is lowered. */
const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
const DEAD_ADDRESS = '127.0.0.77';

const started: ScriptedGateway[] = [];
async function gateway(script: Script, options: ScriptedGatewayOptions = {}): Promise<ScriptedGateway> {
  const each = await startScriptedGateway(script, options);
  started.push(each);
  return each;
}
const at = async (script: Script, options: ScriptedGatewayOptions = {}, ca?: string): Promise<FarEnd> => {
  const { url } = await gateway(script, options);
  return ca === undefined ? { urls: [url] } : { urls: [url], ca };
};
const closed = async () => `http://127.0.0.1:${CLOSED_PORT}`;
const named = (url: string, name: string): string => url.replace('127.0.0.1', name);

/** As a server of plain HTTP does. */
const refuseHandshake = (socket: Socket): void => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));

const REFUSED = { verdict: 'route', evidence: 'unknown', reason: 'connect_refused', attempts: 2 };
const NO_TRUST = { verdict: 'route', evidence: 'unknown', reason: 'tls_failure', attempts: 1 };
const ALIVE = { verdict: 'route', evidence: 'alive', reason: 'delivered', attempts: 1 };

/** The one that must not be asked. */
let second: ScriptedGateway;

/** How the way to a gateway can be broken, and what a probe comes to. */
const WAYS: readonly (readonly [string, () => Promise<FarEnd>, object])[] = [
  ['connection refused', async () => ({ urls: [await closed()] }), REFUSED],
  ['a name that does not resolve', async () => ({ urls: ['http://gateway.invalid'] }), { ...REFUSED, reason: 'dns_failure' }],
  ['a name with one dead address', async () => ({ urls: [named((await gateway(deliver)).url, 'two.test')] }), ALIVE],
  ['an expired certificate', () => at(deliver, { tls: EXPIRED }, EXPIRED.cert), NO_TRUST],
  ['a certificate that is not valid yet', () => at(deliver, { tls: NOT_YET }, NOT_YET.cert), NO_TRUST],
  ['a certificate of another host', () => at(deliver, { tls: OF_ANOTHER }, OF_ANOTHER.cert), NO_TRUST],
  ['an unknown authority', () => at(deliver, { tls: OURS }, OF_ANOTHER.cert), NO_TRUST],
  ['TLS that is too old', () => at(deliver, { tls: { ...OURS, ...OLD_TLS } }, OURS.cert), NO_TRUST],
  [
    'plain HTTP where TLS should be',
    async () => ({ urls: [(await gateway(silent, { onConnection: refuseHandshake })).url.replace('http', 'https')] }),
    NO_TRUST,
  ],
  [
    'TLS where plain HTTP should be',
    async () => ({ urls: [(await gateway(deliver, { tls: OURS })).url.replace('https', 'http')] }),
    { ...REFUSED, reason: 'connection_reset' },
  ],
  [
    'a handshake that does not come about',
    () => at(deliver, { tls: OURS, handshakeDelayMs: 60_000 }, OURS.cert),
    { ...REFUSED, reason: 'timeout' },
  ],
  ['fail-over from a refused connection', async () => ({ urls: [await closed(), (await gateway(deliver)).url] }), ALIVE],
  ['fail-over from a name that does not resolve', async () => ({ urls: ['http://gateway.invalid', (await gateway(deliver)).url] }), ALIVE],
  [
    'fail-over from a handshake that does not come about',
    async () => {
      const [first, next] = [await gateway(deliver, { tls: OURS, handshakeDelayMs: 60_000 }), await gateway(deliver, { tls: OURS })];
      return { urls: [first.url, next.url], ca: OURS.cert };
    },
    ALIVE,
  ],
  [
    'no fail-over once the message is written',
    async () => {
      second = await gateway(deliver);
      return { urls: [(await gateway((socket) => void socket.resetAndDestroy())).url, second.url] };
    },
    { ...REFUSED, reason: 'connection_reset' },
  ],
];

const targetOf = (way: (typeof WAYS)[number]): string => `t${WAYS.indexOf(way)}`;

/** A name of ours has two addresses, of which the first is dead; all others are looked up as ever. */
function twoAddresses(): () => void {
  const { lookup } = dns;
  const addresses: LookupAddress[] = [DEAD_ADDRESS, '127.0.0.1'].map((address) => ({ address, family: 4 }));
  Object.assign(dns, {
    lookup: (name: string, options: object, callback: (error: null, addresses: LookupAddress[]) => void) => {
      if (name === 'two.test') process.nextTick(callback, null, addresses);
      else Reflect.apply(lookup, dns, [name, options, callback]);
    },
  });
  syncBuiltinESMExports();
  return () => {
    Object.assign(dns, { lookup });
    syncBuiltinESMExports();
  };
}

const delay = monitorEventLoopDelay({ resolution: 5 });
let service: RunningService;
const answers = new Map<string, ProbeAnswer>();

beforeAll(async () => {
  const restore = twoAddresses();
  const farEnds = new Map<string, FarEnd>();
  for (const way of WAYS) farEnds.set(targetOf(way), await way[1]());
  service = await serviceFor(farEnds);
  delay.enable();
  await Promise.all([...farEnds.keys()].map(async (target) => answers.set(target, await askTarget(service, target, 'a-chat'))));
  delay.disable();
  restore();
});

afterAll(async () => {
  await service.stop();
  await Promise.all(started.map((each) => each.close()));
});

describe('the way to a gateway', () => {
  it.each(WAYS.map((way) => [way[0], targetOf(way), way[2]] as const))('%s', (_name, target, expected) => {
    expect(answers.get(target)).toMatchObject(expected);
    expect(answers.get(target)?.elapsedMs).toBeLessThanOrEqual(DEADLINE_MS + 50 + delay.max / 1e6);
  });

  it('leads to the next gateway only while nothing was written', () => {
    expect(second.sockets()).toBe(0);
  });
});
