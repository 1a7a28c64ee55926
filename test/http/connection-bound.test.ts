import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { ProbeService } from '../../src/resilience/probe-service.ts';
import { askerThat, stubApi } from './stub-api.ts';

const MOST = 4;
const PROBE = 'POST /interactions/0006Ka9HFHRR0T2B/probe HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
const LIVE = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';

async function listening(ask?: ProbeService['ask']) {
  const { server } = await stubApi({ maxConnections: MOST, asker: { ...askerThat({}), ...(ask === undefined ? {} : { ask }) } });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  return async (says = ''): Promise<Caller> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
    });
    await once(socket, 'connect');
    socket.write(says);
    return { socket, heard: () => heard };
  };
}

interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
}

it('a newcomer is heard although idle connections fill the bound: the oldest of them is closed', async () => {
  const open = await listening();
  const idle: Caller[] = [];
  for (let n = 0; n < MOST * 5; n += 1) idle.push(await open());
  const newcomer = await open(LIVE);
  await expect.poll(newcomer.heard).toMatch(/^HTTP\/1\.1 200 /);
  await expect.poll(() => idle.filter(({ socket }) => socket.destroyed || socket.readableEnded).length).toBe(MOST * 4 + 1);
  expect(idle.slice(-3).every(({ socket }) => !socket.readableEnded)).toBe(true);
});

it('of those that asked before, the one whose answer is longest ago goes, after all that never asked', async () => {
  const open = await listening();
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

async function heardBy(open: (says: string) => Promise<Caller>): Promise<boolean> {
  const { heard } = await open(LIVE);
  await expect.poll(heard).toMatch(/^HTTP/);
  return true;
}

it('who waits for an answer keeps the connection, and gets the answer; where all do, the newcomer goes', async () => {
  const waiting: (() => void)[] = [];
  const answers = askerThat({});
  const open = await listening((order, signal) => new Promise((resolve) => waiting.push(() => resolve(answers.ask(order, signal)))));
  const callers: Caller[] = [];
  for (let n = 0; n < MOST; n += 1) callers.push(await open(PROBE));
  await expect.poll(() => waiting.length).toBe(MOST);
  const newcomer = await open(LIVE);
  await once(newcomer.socket, 'close');
  expect(newcomer.heard()).toBe('');
  for (const answer of waiting) answer();
  for (const caller of callers) await expect.poll(caller.heard).toMatch(/^HTTP\/1\.1 200 /);
  expect(await heardBy(open)).toBe(true);
});
