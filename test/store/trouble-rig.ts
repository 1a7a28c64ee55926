import type { TestContext } from 'vitest';
import { adapterThat, outcomeOf } from '../support/scripted-adapter.ts';
import { type Service, type ServiceOptions, startedService } from '../support/service.ts';
import type { Operator } from './redis-server.ts';

/** What befalls a store while a replica goes by it, and how that ends. */
export interface Trouble {
  /** How the replica reaches it. */
  readonly url: string;
  readonly settings?: string;
  readonly options?: ServiceOptions;
  /** Null: it is there before the replica starts. */
  readonly begin: (() => Promise<unknown>) | null;
  /** Without a restart of the replica. Resolves with whoever can look into the store then. */
  readonly end: () => Promise<Operator>;
  /** What the log says of it, for what is shared and for evidence: the kind of trouble and its detail. */
  readonly named: RegExp;
}

interface Asked {
  readonly status: number;
  readonly verdict: string;
  readonly evidence: string;
  readonly degraded: boolean;
  readonly ticks: number;
}

const ALIVE = { status: 200, verdict: 'route', evidence: 'alive', degraded: false };
const DEAD = { status: 200, verdict: 'stop', evidence: 'dead', degraded: false };
/** 20 ms are two; the rest is what a busy machine takes. */
const MOST_TICKS = 15;
/** Twice as long as the store is left alone, and more. */
const PATIENCE = { timeout: 16_000, interval: 50 };

/** Lets a replica run into trouble and out of it, and holds what it answers against what one without a store would. */
export async function playTrouble(
  { url, settings = '', options = {}, begin, end, named }: Trouble,
  { expect, onTestFinished }: Pick<TestContext, 'expect' | 'onTestFinished'>,
): Promise<void> {
  const file = `
server: { store: { url: "${url}"${settings} } }
targets: { default: { adapter: simulator, ha: false } }
`;
  const service = await startedService({ file, makeAdapter: adapter, ...options });
  onTestFinished(() => service.server.close());
  const ask = (chat: string): Promise<Asked> => asked(service, chat);
  const store = async () => (await service.server.inject('/readyz')).json().store;
  const look = async (chat: string) => (await service.server.inject(`/interactions/${chat}/probes`)).json();
  const lost = () => service.logLines().filter((line) => named.test(`${line['trouble']} ${line['detail']}`));

  if (begin !== null) {
    await expect.poll(store, PATIENCE).toEqual({ state: 'linked', replicas: 2 });
    expect(await ask('alive-before')).toMatchObject(ALIVE);
    await begin();
  }
  const during = await Promise.all(['alive-1', 'dead-1', 'alive-2', 'dead-2'].map(ask));
  expect(during).toMatchObject([ALIVE, DEAD, ALIVE, DEAD]);
  for (const { ticks } of during) expect(ticks).toBeLessThanOrEqual(MOST_TICKS);
  await expect
    .poll(() => new Set(lost().map(({ msg }) => msg)), PATIENCE)
    .toEqual(new Set(['store lost: each replica goes on alone', 'evidence is not shared: each replica has its own']));
  const ready = await service.server.inject('/readyz');
  expect([ready.statusCode, ready.json().store.state]).toEqual([200, 'apart']);
  expect(await ask('alive-3')).toMatchObject(ALIVE);
  expect(await look('alive-3')).toMatchObject({ probes: [{ verdict: 'route' }] });

  const operator = await end();
  onTestFinished(() => operator.leave());
  await expect.poll(async () => (await store()).state, PATIENCE).toBe('linked');
  await expect.poll(async () => String(await operator.run('XRANGE', '{chatprobe}:log', '-', '+')), PATIENCE).toContain('alive-3');
  await expect.poll(() => operator.run('EXISTS', '{chatprobe}:evidence:chat:alive-3'), PATIENCE).toBe(1);
  await expect.poll(async () => (await look('alive-3')).coverage, PATIENCE).toBe('fleet');
  expect(await Promise.all([ask('alive-after'), ask('dead-after')])).toMatchObject([ALIVE, DEAD]);
}

/** Another replica was there a moment ago, so that leases are asked for. */
export async function showNeighbour({ run }: Operator): Promise<void> {
  const [seconds] = (await run('TIME')) as string[];
  await run('ZADD', '{chatprobe}:replicas', `${seconds}000`, 'a neighbour');
}

const adapter = () =>
  adapterThat(async (request) => outcomeOf(String(request.userData['InteractionId']).startsWith('dead') ? 'dead' : 'delivered', request));

/** What something came to, and how often a timer of 10 ms fired meanwhile: never while the machine itself stands still. */
export async function inTicks<T>(work: Promise<T>): Promise<{ readonly came: T; readonly ticks: number }> {
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 10);
  const came = await work;
  clearInterval(ticking);
  return { came, ticks };
}

async function asked({ server }: Service, chat: string): Promise<Asked> {
  const request = { method: 'POST', url: `/interactions/${chat}/probe`, payload: { chatServerAppName: 'A' } } as const;
  const { came: reply, ticks } = await inTicks(server.inject(request).then((answer) => answer));
  const { verdict, evidence, degraded } = reply.json();
  return { status: reply.statusCode, verdict, evidence, degraded, ticks };
}
