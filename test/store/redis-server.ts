import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import type { StoreConfig } from '../../src/config/config.ts';
import { freePort } from '../support/free-port.ts';
import { text } from '../support/pages.ts';
import { startProcess } from '../support/running-process.ts';
import { plant } from '../support/secrets.ts';

/** Of whoever the tests' servers know, and watched for in all output of the service. */
export const STORE_PASSWORD = 'pw-Store_Jx5nT8qW3mRzLd6Y';
plant(STORE_PASSWORD);

export const REDIS_SERVER = '/usr/bin/redis-server';
export const hasRedisServer = existsSync(REDIS_SERVER);

/** A real server on loopback, with a folder of its own, that keeps nothing on disk. */
export interface RedisServer {
  readonly settings: StoreConfig;
  readonly pid: number;
  /** As an operator would at its console. */
  run(...command: readonly string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param options of its command line, beside those that every test needs. */
export async function startRedis(options: readonly string[] = [], changes: Partial<StoreConfig> = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-redis-'));
  const port = await freePort();
  const command = [
    REDIS_SERVER,
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    ...options,
  ];
  const running = startProcess({ command, cwd: folder, env: {}, uid: null });
  const untilMs = performance.now() + 5_000;
  while (!running.output().includes('Ready to accept connections')) {
    if (performance.now() > untilMs) throw new Error(`redis-server does not start:\n${running.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const settings = { host: '127.0.0.1', port, database: 0, username: null, password: null, tls: null, prefix: 'test', ...changes };
  return {
    settings,
    pid: running.pid,
    async run(...words) {
      const operator = await operatorOf(port);
      try {
        return await operator.run(...words);
      } finally {
        operator.leave();
      }
    },
    async stop() {
      await running.stop('SIGKILL', 1_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Somebody at the server's console, whose connection stays when it takes no other any more. */
export interface Operator {
  run(...command: readonly string[]): Promise<unknown>;
  leave(): void;
}

/** @param password where it wants one. */
export async function operatorOf(port: number, password?: string): Promise<Operator> {
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: false },
    RESP: 2,
    ...(password ? { password } : {}),
  });
  client.on('error', () => undefined);
  await client.connect();
  return { run: (...words) => client.sendCommand(words), leave: () => client.destroy() };
}

/** The rights that `docs/scaling.md` lets the service's user have, each as `ACL SETUSER` takes it. */
export function documentedRights(): readonly string[] {
  const [, rights] = /^ACL SETUSER chatprobe on >PASSWORD (~\{chatprobe\}:\* .*)$/m.exec(text('docs/scaling.md')) ?? [];
  if (rights === undefined) throw new Error('docs/scaling.md has no rights');
  return rights.split(' ');
}

/** The settings of a user with these rights alone. */
export async function asUser({ settings, run }: RedisServer, rights: readonly string[]): Promise<StoreConfig> {
  await run('ACL', 'SETUSER', 'service', 'reset', 'on', `>${STORE_PASSWORD}`, ...rights);
  return { ...settings, prefix: 'chatprobe', username: 'service', password: STORE_PASSWORD };
}
