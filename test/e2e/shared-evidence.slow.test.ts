import { describe, it, type TestContext } from 'vitest';
import { createRedisEvidence } from '../../src/store/redis-evidence.ts';
import { hasRedisServer, type RedisServer, startRedis } from '../store/redis-server.ts';
import { inOrder } from '../support/probe-run.ts';
import { SECRETS, USER_DATA } from '../support/secrets.ts';
import { type Service, type ServiceOptions, startedService } from '../support/service.ts';

const PATIENCE = { timeout: 9_000, interval: 50 };

/** Each test has a store and replicas of its own, so that all can wait at once. What they start goes with them, the last one first. */
function rig(onTestFinished: TestContext['onTestFinished']) {
  const ends: (() => unknown)[] = [];
  onTestFinished(async () => {
    for (const end of ends.reverse()) await end();
  });
  return {
    async redis(options: readonly string[] = []): Promise<RedisServer> {
      const server = await startRedis(options);
      ends.push(() => server.stop());
      return server;
    },
    /** One replica of several that share a store. Without high availability one answer is enough, so that no test waits. */
    async replica(name: string, port: number, options: ServiceOptions = {}): Promise<Service> {
      const file = `
server: { replica: ${name}, statusPage: true, store: { url: "redis://127.0.0.1:${port}", prefix: test } }
targets: { default: { adapter: simulator, ha: false } }
`;
      const service = await startedService({
        file,
        turns: inOrder('dead', 'delivered', 'dead', 'delivered', 'dead', 'delivered'),
        ...options,
      });
      ends.push(() => service.server.close());
      return service;
    },
  };
}

const probe = async ({ server }: Service, chat: string) =>
  (await server.inject({ method: 'POST', url: `/interactions/${chat}/probe`, payload: { chatServerAppName: 'A' } })).json();
const timed = async ({ server }: Service, url: string, payload: object | null = null) => {
  const atMs = performance.now();
  const reply = await server.inject(payload === null ? { url } : { method: 'POST', url, payload });
  return {
    status: reply.statusCode,
    tookMs: performance.now() - atMs,
    text: reply.body,
    ...(url.startsWith('/status') ? {} : reply.json()),
  };
};
const say = (service: Service, probeId: string, truth: string) => timed(service, `/probes/${probeId}/feedback`, { truth });
const idsOf = ({ probes }: { readonly probes: readonly { readonly interactionId: string }[] }): string =>
  probes.map(({ interactionId }) => interactionId).join(' ');
const counted = async (...services: readonly Service[]): Promise<number> => {
  const series = ['stop', 'route'].flatMap((verdict) =>
    ['alive', 'dead'].map((truth) => `chatprobe_feedback_total{target="default",verdict="${verdict}",truth="${truth}"}`),
  );
  const all = await Promise.all(services.flatMap((service) => series.map((one) => service.metric(one))));
  return all.reduce<number>((sum, value) => sum + (value ?? 0), 0);
};

describe.runIf(hasRedisServer)('evidence of two replicas over one Redis', { concurrent: true }, () => {
  it('is found, listed and judged at either, and a word about a probe counts once', async ({ expect, onTestFinished }) => {
    const { redis, replica } = rig(onTestFinished);
    const { settings } = await redis();
    const [a, b] = [await replica('a', settings.port), await replica('b', settings.port)];
    const { probeId, verdict } = await probe(a, 'chat-1');
    expect(verdict).toBe('stop');
    await expect
      .poll(() => timed(b, `/probes/${probeId}`), PATIENCE)
      .toMatchObject({ status: 200, coverage: 'fleet', replica: 'a', requests: 1 });
    expect(await timed(b, '/interactions/chat-1/probes')).toMatchObject({ coverage: 'fleet', probes: [{ probeId, replica: 'a' }] });
    expect(await timed(b, '/probes?verdict=stop&reason=session_not_found&chatServer=A')).toMatchObject({
      coverage: 'fleet',
      probes: [{ probeId }],
      cursor: null,
    });
    expect((await timed(b, '/status?id=chat-1')).text).toContain(`found-${probeId}`);
    expect(await say(b, probeId, 'alive')).toMatchObject({ status: 200, verdict: 'stop', changed: true, coverage: 'fleet' });
    expect(await say(a, probeId, 'alive')).toMatchObject({ changed: false });
    expect(await say(a, probeId, 'dead')).toMatchObject({ changed: true });
    expect(await counted(a, b)).toBe(1);
    expect(await timed(b, `/probes/${probeId}`)).toMatchObject({ truth: 'dead' });
    expect(await timed(b, '/probes/unknown')).toMatchObject({ status: 404, type: 'urn:chat-probe:problem:unknown_probe' });
    expect(await timed(b, '/probes?target=elsewhere')).toMatchObject({ status: 400, field: 'target' });
  });

  it('is written to the end, and holds neither user data nor a secret', async ({ expect, onTestFinished }) => {
    const { redis, replica } = rig(onTestFinished);
    const server = await redis();
    const env = { CHATPROBE_API_TOKEN: SECRETS.apiToken, CHATPROBE_OPS_TOKEN: SECRETS.opsToken };
    const [a, b] = [await replica('a', server.settings.port, { env }), await replica('b', server.settings.port)];
    const headers = { authorization: `Bearer ${SECRETS.apiToken}` };
    const payload = { chatServerAppName: 'A', userData: { phone: USER_DATA.phone } };
    const { probeId } = (await a.server.inject({ method: 'POST', url: '/interactions/chat-1/probe', payload, headers })).json();
    await a.server.close();
    expect(await timed(b, `/probes/${probeId}`)).toMatchObject({ status: 200, coverage: 'fleet', caller: 'default' });
    const keys = (await server.run('KEYS', '{test}:evidence:*')) as string[];
    const kinds = await Promise.all(keys.map((key) => server.run('TYPE', key)));
    const texts = await Promise.all(keys.filter((_, n) => kinds[n] === 'string').map((key) => server.run('GET', key)));
    expect(texts.some((text) => String(text).includes('session_not_found'))).toBe(true);
    for (const secret of [SECRETS.apiToken, SECRETS.opsToken, USER_DATA.phone])
      expect([...keys, ...texts].join('\n')).not.toContain(secret);
  });

  it('is not shared where none is to be', async ({ expect, onTestFinished }) => {
    const { redis, replica } = rig(onTestFinished);
    const server = await redis();
    const file = `
server: { store: { url: "redis://127.0.0.1:${server.settings.port}", prefix: test }, evidence: { sharedRecords: 0 } }
targets: { default: { adapter: simulator, ha: false } }
`;
    const a = await replica('a', server.settings.port, { file });
    await probe(a, 'chat-1');
    expect(await timed(a, '/probes')).toMatchObject({ coverage: 'instance', probes: [{ interactionId: 'chat-1' }] });
    await a.server.close();
    expect(await server.run('KEYS', '{test}:evidence:*')).toEqual([]);
  });

  it('comes in pages that any of them goes on with, while more come at both', async ({ expect, onTestFinished }) => {
    const { redis, replica } = rig(onTestFinished);
    const { settings } = await redis();
    const [a, b] = [await replica('a', settings.port), await replica('b', settings.port)];
    for (let n = 1; n <= 6; n += 1) await probe(n % 2 === 0 ? a : b, `chat-${n}`);
    const first = await timed(a, '/probes?limit=2');
    await probe(b, 'chat-7');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = await timed(b, `/probes?limit=2&cursor=${first.cursor}`);
    await probe(a, 'chat-8');
    const third = await timed(a, `/probes?limit=9&cursor=${second.cursor}`);
    expect([first, second, third].map((page) => page.status)).toEqual([200, 200, 200]);
    const ids = [first, second, third].map(idsOf).join(' ').split(' ');
    expect(ids.filter((id) => Number(id.slice(5)) <= 6).sort()).toEqual(['chat-1', 'chat-2', 'chat-3', 'chat-4', 'chat-5', 'chat-6']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(third.cursor).toBeNull();
    await expect
      .poll(async () => idsOf(await timed(a, '/probes')), PATIENCE)
      .toBe('chat-8 chat-7 chat-6 chat-5 chat-4 chat-3 chat-2 chat-1');
  });

  it('is that of each alone while the store is lost; nobody waits, and what was said meanwhile counts once when it is back', async ({
    expect,
    onTestFinished,
  }) => {
    const { redis, replica } = rig(onTestFinished);
    const server = await redis();
    const { port } = server.settings;
    const [a, b] = [await replica('a', port), await replica('b', port)];
    const [first, second] = [await probe(a, 'chat-1'), await probe(a, 'chat-2')];
    await expect.poll(() => timed(b, `/probes/${second.probeId}`), PATIENCE).toMatchObject({ status: 200 });
    await server.stop();
    const during = await probe(a, 'chat-3');
    expect(during.verdict).toBe('stop');
    const alone = [
      await timed(a, `/probes/${first.probeId}`),
      await timed(a, '/interactions/chat-3/probes'),
      await timed(a, '/probes'),
      await say(a, second.probeId, 'dead'),
      await timed(b, '/interactions/chat-1/probes'),
    ];
    for (const look of alone) {
      expect(look).toMatchObject({ status: 200, coverage: 'instance' });
      expect(look.tookMs).toBeLessThan(1_500);
    }
    expect(idsOf(alone[2])).toBe('chat-3 chat-2 chat-1');
    expect(await say(b, second.probeId, 'dead')).toMatchObject({ status: 404, detail: expect.stringContaining('others were not asked') });
    expect((await timed(b, '/status?id=chat-1')).text).toContain('Other instances were not asked');
    await redis(['--port', String(port)]);
    await expect.poll(async () => idsOf(await timed(b, '/probes')), PATIENCE).toBe('chat-3 chat-2 chat-1');
    await expect.poll(() => counted(a, b), PATIENCE).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await say(b, second.probeId, 'dead')).toMatchObject({ changed: false, coverage: 'fleet' });
    expect(await counted(a, b)).toBe(1);
    const said = [a, b].flatMap((service) => service.logLines().map(({ msg }) => msg));
    expect(said).toContain('evidence is not shared: each replica has its own');
    expect(said).toContain('evidence is shared again');
  }, 30_000);

  it('of a store that stands still is answered within a second, and no verdict waits', async ({ expect, onTestFinished }) => {
    const { redis, replica } = rig(onTestFinished);
    const server = await redis();
    const [a, b] = [await replica('a', server.settings.port), await replica('b', server.settings.port)];
    const { probeId } = await probe(a, 'chat-1');
    expect(await say(b, probeId, 'alive')).toMatchObject({ changed: true });
    process.kill(server.pid, 'SIGSTOP');
    const looks = await Promise.all([timed(a, '/interactions/chat-1/probes'), timed(a, '/probes'), timed(a, '/status?id=chat-1')]);
    for (const { status, tookMs } of looks) {
      expect(status).toBe(200);
      expect(tookMs).toBeLessThan(1_500);
    }
    const startedAtMs = performance.now();
    expect((await probe(a, 'chat-2')).verdict).toBe('route');
    expect(performance.now() - startedAtMs).toBeLessThan(900);
    expect(await say(a, probeId, 'alive')).toMatchObject({ status: 200, coverage: 'instance' });
    process.kill(server.pid, 'SIGCONT');
    await expect
      .poll(() => timed(b, '/interactions/chat-2/probes'), PATIENCE)
      .toMatchObject({ coverage: 'fleet', probes: [{ replica: 'a' }] });
    expect(await say(a, probeId, 'alive')).toMatchObject({ changed: false, coverage: 'fleet' });
    expect(await counted(a, b)).toBe(1);
  }, 20_000);

  it('expires', async ({ expect, onTestFinished }) => {
    const { redis, replica } = rig(onTestFinished);
    const { settings } = await redis();
    const short: ServiceOptions = { makeSharedEvidence: (store, bounds) => createRedisEvidence(store, { ...bounds, keptMs: 700 }) };
    const [a, b] = [await replica('a', settings.port, short), await replica('b', settings.port, short)];
    const { probeId } = await probe(a, 'chat-1');
    await expect.poll(() => timed(b, `/probes/${probeId}`), { ...PATIENCE, interval: 20 }).toMatchObject({ status: 200 });
    await expect.poll(() => timed(b, `/probes/${probeId}`), PATIENCE).toMatchObject({ status: 404 });
    expect(await timed(b, '/interactions/chat-1/probes')).toMatchObject({ probes: [], coverage: 'fleet' });
  });
});
