import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPrograms, simulator } from '../../test/deploy/alerts/programs.ts';
import { startRedis } from '../../test/store/redis-server.ts';
import { freePort } from '../../test/support/free-port.ts';
import { type RunningProcess, startProcess, untilAnswers } from '../../test/support/running-process.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type Relay, startRelay } from './relay.ts';
import { startWay, type Way } from './way.ts';
import { steer, type World } from './world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPLICAS = 4;
/** Without high availability: what was on a Chat Server that crashed is gone. */
const SCENARIO = 'one-of-four-without-ha';
/** The last event of its own. */
const SCENARIO_ENDS_MS = 41_000;
/** A machine that is busy with other checks leaves little to four processes that start at once. */
const PATIENCE_MS = 120_000;
export const CHAT_SERVERS = ['ChatServer_1', 'ChatServer_2', 'ChatServer_3', 'ChatServer_4'];
/** Of `inline` the patience alone is changed, so that a machine that stands still for a moment is no silent gateway. */
export const POLICY = { attempts: 3, attemptTimeoutMs: 4_000, pauseMs: 1_000, deadlineMs: 14_000 };
export const API_TOKEN = 'fleet-api-token-0123456789abcdef';
export const OPS_TOKEN = 'fleet-ops-token-0123456789abcdef';
/** So long each message takes at least, as with a Chat Server that has something to do: two at once are seen. */
export const HOLD_MS = 100;

export interface Replica {
  readonly url: string;
  process: RunningProcess;
  /** Starts it again, where it was. Resolves once it is ready. */
  start(): Promise<void>;
}

export interface RunningFleet {
  readonly replicas: readonly Replica[];
  readonly balancer: Balancer;
  readonly world: World;
  readonly relay: Relay;
  /** To the store, of the second half of the replicas; the others need none. */
  readonly way: Way;
  readonly store: { pid: number; kill(): Promise<void>; start(): Promise<void> };
  /** One more HAProxy, that has another file. */
  balance(change: (text: string) => string): Promise<Balancer>;
}

/** Everything that was started, to be ended; and at once what is started after that. */
export interface Ends {
  add(end: () => unknown): void;
  all(): Promise<void>;
}

export function createEnds(): Ends {
  const ends: (() => unknown)[] = [];
  let ending: Promise<void> | null = null;
  const endAll = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  return {
    add(end) {
      if (ending !== null) end();
      else ends.push(end);
    },
    all() {
      ending ??= endAll();
      return ending;
    },
  };
}

export async function startFleet(ends: Ends, logLevel: string): Promise<RunningFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-fleet-'));
  ends.add(() => rmSync(folder, { recursive: true, force: true }));
  const programs = createPrograms();
  ends.add(() => programs.stopAll());
  const simulated = await programs.start(simulator(SCENARIO, 4));
  await skipTo(simulated, SCENARIO_ENDS_MS);
  const world = steer(simulated);
  ends.add(() => world.close());
  const relay = await startRelay(simulated, HOLD_MS);
  ends.add(() => relay.close());
  const store = await startStore(ends);
  const way = startWay(folder, await freePort(), store.port);
  ends.add(() => way.process.stop('SIGKILL', 1_000));
  const ports: number[] = [];
  while (ports.length < REPLICAS) ports.push(await freePort());
  const replicas = ports.map((port, n) => {
    const storePort = n < REPLICAS / 2 ? store.port : way.port;
    return replicaAt(port, configFile(folder, n, relay.url, storePort, logLevel), ends);
  });
  await Promise.all(replicas.map((replica) => replica.start()));
  const balance = async (change: (text: string) => string): Promise<Balancer> => {
    const balancer = await startBalancer(folder, await freePort(), ports, change);
    ends.add(() => balancer.process.stop('SIGTERM', 2_000));
    return balancer;
  };
  return { replicas, balancer: await balance((text) => text), world, relay, way, store, balance };
}

function replicaAt(port: number, config: string, ends: Ends): Replica {
  const url = `http://127.0.0.1:${port}`;
  const run = (): RunningProcess => {
    const env = { CHATPROBE_CONFIG: config, CHATPROBE_PORT: String(port), NODE_ENV: 'production' };
    const running = startProcess({ command: [process.execPath, 'dist/src/main.js'], cwd: ROOT, env, uid: null });
    ends.add(() => running.stop('SIGKILL', 1_000));
    return running;
  };
  const replica = {
    url,
    process: run(),
    async start() {
      if (!isRunning(replica.process)) replica.process = run();
      await untilAnswers(replica.process, `${url}/readyz`, PATIENCE_MS);
    },
  };
  return replica;
}

export function isRunning({ pid }: RunningProcess): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** As in production: callers show a secret from a file, and evidence is kept. */
function configFile(folder: string, n: number, gateway: string, storePort: number, logLevel: string): string {
  const file = join(folder, `replica-${n + 1}.yaml`);
  const apiTokenFile = join(folder, 'api-token');
  const opsTokenFile = join(folder, 'ops-token');
  writeFileSync(apiTokenFile, API_TOKEN);
  writeFileSync(opsTokenFile, OPS_TOKEN);
  const server = {
    apiTokenFile,
    opsTokenFile,
    logLevel,
    replica: `replica-${n + 1}`,
    store: { url: `redis://127.0.0.1:${storePort}/0` },
    // A machine that is busy with other checks must not look like an overloaded service.
    maxEventLoopDelayMs: 60_000,
  };
  const target = { adapter: 'gateway', gateways: [gateway], ha: false, chatServers: CHAT_SERVERS, policy: 'patient' };
  writeFileSync(file, JSON.stringify({ server, policies: { patient: POLICY }, targets: { default: target } }));
  return file;
}

/** Redis, which keeps nothing on disk: it comes back empty. */
async function startStore(ends: Ends) {
  let redis = await startRedis();
  ends.add(() => redis.stop());
  const { port } = redis.settings;
  return {
    port,
    get pid() {
      return redis.pid;
    },
    kill: () => redis.stop(),
    async start() {
      redis = await startRedis(['--port', String(port)]);
    },
  };
}

async function skipTo(simulated: string, worldMs: number): Promise<void> {
  const response = await fetch(`${simulated}/sim/clock/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ byMs: worldMs }),
  });
  if (!response.ok) throw new Error(`the clock of the simulator: ${await response.text()}`);
}
