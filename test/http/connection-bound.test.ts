import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProbeService } from '../../src/resilience/probe-service.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { askerThat, stubApi } from './stub-api.ts';

const MOST = 4;
const PROBE = 'POST /interactions/0006Ka9HFHRR0T2B/probe HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
const LIVE = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';

const TLS = { ...selfSignedCertificate('127.0.0.1'), clientCa: null, requireClientCert: false, minVersion: 'TLSv1.2' } as const;
const LISTENERS = [
  { speaks: 'HTTP', tls: null },
  { speaks: 'HTTPS', tls: TLS },
];

async function listening(tls: typeof TLS | null, ask?: ProbeService['ask']) {
  const { server } = await stubApi({ maxConnections: MOST, tls, asker: { ...askerThat({}), ...(ask === undefined ? {} : { ask }) } });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  return async (says = ''): Promise<Caller> => {
    const socket = tls === null ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ca: tls.cert });
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
    });
    await new Promise((resolve) => socket.once(tls === null ? 'connect' : 'secureConnect', resolve).once('close', resolve));
    socket.write(says);
    return { socket, heard: () => heard };
  };
}

interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
}

async function heardBy(open: (says: string) => Promise<Caller>): Promise<boolean> {
  const { heard } = await open(LIVE);
  await expect.poll(heard).toMatch(/^HTTP/);
  return true;
}

describe.each(LISTENERS)('over $speaks', ({ tls }) => {
  it('a newcomer is heard although idle connections fill the bound: the oldest of them is closed', async () => {
    const open = await listening(tls);
    const idle: Caller[] = [];
    for (let n = 0; n < MOST * 5; n += 1) idle.push(await open());
    const newcomer = await open(LIVE);
    await expect.poll(newcomer.heard).toMatch(/^HTTP\/1\.1 200 /);
    await expect.poll(() => idle.filter(({ socket }) => socket.destroyed || socket.readableEnded).length).toBe(MOST * 4 + 1);
    expect(idle.slice(-3).every(({ socket }) => !socket.readableEnded)).toBe(true);
  });

  it('of those that asked before, the one whose answer is longest ago goes, after all that never asked', async () => {
    const open = await listening(tls);
    const known: Caller[] = [];
    for (let n = 0; n < MOST - 1; n += 1) {
      const caller = await open(LIVE);
      await expect.poll(caller.heard).toMatch(/^HTTP/);
      known.push(caller);
    }
    const silent = await open();
    const isGone = ({ socket }: Caller) => socket.destroyed || socket.readableEnded;
    expect(await heardBy(open)).toBe(true);
    await expect.poll(() => isGone(silent)).toBe(true);
    expect(known.some(isGone)).toBe(false);
    expect(await heardBy(open)).toBe(true);
    await expect.poll(() => known.map(isGone)).toEqual([true, false, false]);
  });

  it('who waits for an answer keeps the connection, and gets the answer; where all do, the newcomer goes', async () => {
    const waiting: (() => void)[] = [];
    const answers = askerThat({});
    const open = await listening(tls, (order, signal) => new Promise((resolve) => waiting.push(() => resolve(answers.ask(order, signal)))));
    const callers: Caller[] = [];
    for (let n = 0; n < MOST; n += 1) callers.push(await open(PROBE));
    await expect.poll(() => waiting.length).toBe(MOST);
    const newcomer = await open(LIVE);
    await expect.poll(() => newcomer.socket.destroyed).toBe(true);
    expect(newcomer.heard()).toBe('');
    for (const answer of waiting) answer();
    for (const caller of callers) await expect.poll(caller.heard).toMatch(/^HTTP\/1\.1 200 /);
    expect(await heardBy(open)).toBe(true);
  });
});
