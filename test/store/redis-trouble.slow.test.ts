import { once } from 'node:events';
import { mkdirSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'vitest';
import { freePort } from '../support/free-port.ts';
import {
  asUser,
  documentedRights,
  hasRedisServer,
  type Operator,
  operatorOf,
  type RedisServer,
  STORE_PASSWORD,
  startRedis,
} from './redis-server.ts';
import { playTrouble, showNeighbour, type Trouble } from './trouble-rig.ts';

type OnTestFinished = TestContext['onTestFinished'];

/** A server, and its operator, who is there as long as the test. */
async function opened(onTestFinished: OnTestFinished, options: readonly string[] = [], password?: string) {
  const server = await startRedis(options);
  onTestFinished(() => server.stop());
  const operator = await operatorOf(server.settings.port, password);
  onTestFinished(() => operator.leave());
  // A server that is in trouble from the start knows of none.
  await showNeighbour(operator).catch(() => undefined);
  return { server, operator, url: urlOf(server) };
}

const urlOf = ({ settings }: RedisServer): string => `redis://127.0.0.1:${settings.port}`;
const withPassword = { options: { env: { CHATPROBE_STORE_PASSWORD: STORE_PASSWORD } } };
const disconnectOthers = ({ run }: Operator) => run('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
async function until(isSo: () => Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const untilMs = performance.now() + patienceMs;
  while (!(await isSo()) && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Each begins a store, and resolves with what befalls it. */
const TROUBLES: readonly (readonly [what: string, start: (onTestFinished: OnTestFinished) => Promise<Trouble>])[] = [
  [
    'wants a password and is given none',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished, ['--requirepass', STORE_PASSWORD], STORE_PASSWORD);
      const end = async () => {
        await operator.run('CONFIG', 'SET', 'requirepass', '');
        return operator;
      };
      return { url, begin: null, end, named: /^refused NOAUTH$/ };
    },
  ],
  [
    'dies and is born again with another password',
    async (onTestFinished) => {
      const { server, url } = await opened(onTestFinished, ['--requirepass', STORE_PASSWORD], STORE_PASSWORD);
      const { port } = server.settings;
      const bear = async () => {
        const again = await startRedis(['--port', String(port), '--requirepass', 'another']);
        onTestFinished(() => again.stop());
      };
      const end = async () => {
        const operator = await operatorOf(port, 'another');
        await operator.run('CONFIG', 'SET', 'requirepass', STORE_PASSWORD);
        return operator;
      };
      return { url, ...withPassword, begin: () => server.stop().then(bear), end, named: /^refused WRONGPASS$/ };
    },
  ],
  [
    'is given a password and wants none',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished);
      const end = async () => {
        await operator.run('CONFIG', 'SET', 'requirepass', STORE_PASSWORD);
        return operator;
      };
      return { url, ...withPassword, begin: null, end, named: /^refused called without any password configured$/ };
    },
  ],
  [
    'takes a right from its user',
    async (onTestFinished) => {
      const { server, operator } = await opened(onTestFinished);
      await asUser(server, documentedRights());
      const set = (right: string) => operator.run('ACL', 'SETUSER', 'service', right).then(() => operator);
      const url = `redis://service@127.0.0.1:${server.settings.port}`;
      return { url, ...withPassword, begin: () => set('-type'), end: () => set('+type'), named: /^refused NOPERM$/ };
    },
  ],
  [
    'has no memory left',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished);
      const set = (bytes: string) => operator.run('CONFIG', 'SET', 'maxmemory', bytes).then(() => operator);
      return { url, begin: () => set('1'), end: () => set('0'), named: /^refused OOM$/ };
    },
  ],
  [
    'cannot save to its disk',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished, ['--save', '3600', '1']);
      const [, folder] = (await operator.run('CONFIG', 'GET', 'dir')) as string[];
      const inTheWay = join(folder ?? '', 'dump.rdb');
      const saved = async (state: string) => {
        await operator.run('BGSAVE');
        await until(async () => String(await operator.run('INFO', 'persistence')).includes(`rdb_last_bgsave_status:${state}`));
        return operator;
      };
      const begin = () => {
        mkdirSync(inTheWay);
        return saved('err');
      };
      const end = () => {
        rmdirSync(inTheWay);
        return saved('ok');
      };
      return { url, begin, end, named: /^refused MISCONF$/ };
    },
  ],
  [
    'becomes a replica, which takes no writes',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished);
      const follow = (...whom: readonly string[]) => operator.run('REPLICAOF', ...whom).then(() => operator);
      return { url, begin: () => follow('127.0.0.1', '1'), end: () => follow('NO', 'ONE'), named: /^refused READONLY$/ };
    },
  ],
  [
    'reads its data from disk',
    async (onTestFinished) => {
      // 2,000 keys at 5 ms each, and a look at its connections after each.
      const slowly = ['--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024', '--rdbcompression', 'no'];
      const { operator, url } = await opened(onTestFinished, ['--enable-debug-command', 'yes', ...slowly]);
      await operator.run('DEBUG', 'POPULATE', '2000', 'key', '1100');
      let reloaded: Promise<unknown> = Promise.resolve();
      const begin = async () => {
        reloaded = operator.run('DEBUG', 'RELOAD');
      };
      return { url, begin, end: () => reloaded.then(() => operator), named: /^refused LOADING$/ };
    },
  ],
  [
    'takes no more connections',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished);
      const set = (most: string) => operator.run('CONFIG', 'SET', 'maxclients', most).then(() => operator);
      const begin = async () => {
        await set('1');
        await disconnectOthers(operator);
      };
      return { url, begin, end: () => set('100'), named: /^refused max number of clients reached$/ };
    },
  ],
  [
    'does not come to an answer',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished);
      const end = () => operator.run('CLIENT', 'UNPAUSE').then(() => operator);
      return { url, begin: () => operator.run('CLIENT', 'PAUSE', '60000', 'WRITE'), end, named: /^late / };
    },
  ],
  [
    'closes connections in mid-command',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished);
      const begin = async () => {
        await operator.run('CLIENT', 'PAUSE', '60000', 'WRITE');
        await until(async () => / flags=b .* cmd=evalsha /.test(String(await operator.run('CLIENT', 'LIST'))));
        await disconnectOthers(operator);
      };
      const end = () => operator.run('CLIENT', 'UNPAUSE').then(() => operator);
      return { url, begin, end, named: /^unreachable SocketClosedUnexpectedlyError$|^late / };
    },
  ],
  [
    'is one of a cluster that is not whole',
    async (onTestFinished) => {
      const { operator, url } = await opened(onTestFinished, ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]);
      const end = () => operator.run('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').then(() => operator);
      return { url, begin: null, end, named: /^refused CLUSTERDOWN$/ };
    },
  ],
  [
    'has its place taken by something else',
    async (onTestFinished) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const address = other.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const end = async () => {
        other.close();
        other.closeAllConnections();
        await once(other, 'close');
        const server = await startRedis(['--port', String(port)]);
        onTestFinished(() => server.stop());
        return operatorOf(port);
      };
      return { url: `redis://127.0.0.1:${port}`, begin: null, end, named: /^garbled not the protocol of Redis$/ };
    },
  ],
];

describe.runIf(hasRedisServer)('a store that', { concurrent: true }, () => {
  it.for(TROUBLES)('%s is named, makes no stop and no error, keeps nobody waiting, and is caught up with', async ([, start], context) =>
    playTrouble(await start(context.onTestFinished), context),
  );
});
