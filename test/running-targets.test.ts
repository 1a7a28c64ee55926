import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../src/app.ts';
import type { Config } from '../src/config/config.ts';
import { loadConfig } from '../src/config/load.ts';
import { createLogger } from '../src/observers/logger.ts';
import type { InteractionServerAdapter } from '../src/probe/adapter.ts';
import { createCancelController } from '../src/probe/cancel-signal.ts';
import { callerWith } from './http/stub-api.ts';
import { type Answer, outcomeOf } from './support/scripted-adapter.ts';
import { SECRETS } from './support/secrets.ts';

const DEFAULT = 'default: { adapter: gateway, gateways: [http://gw:1], ha: false, chatServers: [ChatServer_1] }';
const file = (targets: string, more = '') => `targets:\n  ${targets}\n${more}`;
const config = (text: string): Config => {
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'c.yaml' }, () => ({ ok: true, text }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return { ...loaded.config, server: { ...loaded.config.server, maxEventLoopDelayMs: 60_000 } };
};

interface Made extends InteractionServerAdapter {
  readonly url: string;
  isClosed: boolean;
  asked: number;
  /** Sends of the control probe. */
  controls: number;
  /** What it answers. */
  says: Answer;
  /** Ends what is under way. */
  answer: () => void;
}

const NEVER_EXISTED = '0000000000000000';

/** The service, with adapters that answer when they are told to, or at once where `isPrompt` of the id. */
async function service(text: string, prompt: boolean | ((id: unknown) => boolean) = true) {
  const isPrompt = typeof prompt === 'boolean' ? () => prompt : prompt;
  const adapters: Made[] = [];
  const breaks = { now: false };
  const makeAdapter: NonNullable<Parameters<typeof createApp>[1]['makeAdapter']> = (of) => {
    if (breaks.now || (of.kind === 'gateway' && of.urls[0] === 'http://broken:1')) throw new Error('no adapter');
    const hold = createCancelController();
    const made: Made = {
      kind: of.kind,
      url: of.kind === 'gateway' ? (of.urls[0] ?? '') : '',
      isClosed: false,
      asked: 0,
      controls: 0,
      says: 'delivered',
      answer: () => hold.abort(),
      isSimulated: () => false,
      async send(request) {
        made.asked += 1;
        if (request.userData['Id'] === NEVER_EXISTED) made.controls += 1;
        if (!isPrompt(request.userData['Id'])) await new Promise<void>((resolve) => hold.signal.addEventListener('abort', () => resolve()));
        return outcomeOf(made.isClosed ? 'refused' : made.says, request);
      },
      health: async () => 'connected',
      async close() {
        made.isClosed = true;
      },
    };
    adapters.push(made);
    return made;
  };
  const logger = createLogger('info', { write: () => undefined });
  const app = await createApp(config(text), { logger, version: '0', nodeVersion: 'v0', makeAdapter });
  onTestFinished(() => app.server.close());
  const probe = (id: string, fields: object = {}) =>
    app.server.inject({ method: 'POST', url: `/interactions/${id}/probe`, payload: fields }).then((reply) => reply.json());
  const metrics = async () => (await app.server.inject('/metrics')).body;
  return { app, adapters, breaks, logger, probe, metrics, become: (next: string) => app.reconfigure(config(next)) };
}

const until = (condition: () => boolean) => expect.poll(condition).toBe(true);

describe('an adapter', () => {
  it('stays while its own settings are the same, whatever else changes', async () => {
    const { adapters, become, probe } = await service(file(DEFAULT));
    become(file(DEFAULT.replace('ha: false', 'ha: true, outage: { canary: false }'), 'policies: { own: { attempts: 2 } }'));
    expect(await probe('chat', { policy: 'own' })).toMatchObject({ reason: 'delivered', policy: 'own' });
    expect([adapters.length, adapters[0]?.isClosed]).toEqual([1, false]);
  });

  it('that was replaced is closed when the last probe that began with it is done, which it answers', async () => {
    const { adapters, become, probe } = await service(file(DEFAULT), false);
    const early = probe('early');
    await until(() => adapters[0]?.asked === 1);
    become(file(DEFAULT.replace('gw:1', 'gw:2')));
    const late = probe('late');
    await until(() => adapters[1]?.asked === 1);
    expect([adapters[0]?.isClosed, adapters[1]?.url]).toEqual([false, 'http://gw:2']);
    adapters[0]?.answer();
    expect(await early).toMatchObject({ verdict: 'route', reason: 'delivered' });
    await until(() => adapters[0]?.isClosed === true);
    adapters[1]?.answer();
    expect(await late).toMatchObject({ reason: 'delivered' });
    expect(adapters[1]?.isClosed).toBe(false);
  });

  it('that is still needed as the service closes is closed with it', async () => {
    const { app, adapters, become, probe } = await service(file(DEFAULT), false);
    void probe('early');
    await until(() => adapters[0]?.asked === 1);
    become(file(DEFAULT.replace('gw:1', 'gw:2')));
    adapters[0]?.answer();
    await app.server.close();
    expect(adapters.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  it('that cannot be made changes nothing', async () => {
    const { adapters, breaks, become, probe, logger } = await service(file(DEFAULT));
    breaks.now = true;
    expect(() => become(file(DEFAULT.replace('gw:1', 'gw:2'), 'server: { logLevel: error }\npolicies: { own: {} }'))).toThrow('no adapter');
    expect(await probe('chat')).toMatchObject({ reason: 'delivered' });
    expect((await probe('chat', { policy: 'own' })).status).toBe(422);
    expect([adapters.length, adapters[0]?.isClosed, logger.level]).toEqual([1, false, 'info']);
  });

  it('that was made for a change which is given up is closed', async () => {
    const { adapters, become, probe } = await service(file(DEFAULT));
    const broken = 'broken: { adapter: gateway, gateways: [http://broken:1], ha: false }';
    expect(() => become(file(`${DEFAULT.replace('gw:1', 'gw:2')}\n  ${broken}`))).toThrow('no adapter');
    expect(adapters.map(({ url, isClosed }) => [url, isClosed])).toEqual([
      ['http://gw:1', false],
      ['http://gw:2', true],
    ]);
    expect(await probe('chat')).toMatchObject({ reason: 'delivered' });
  });
});

describe('a target', () => {
  const LAB = 'lab: { adapter: gateway, gateways: [http://lab:1], ha: false }';

  describe('that comes back while its last probe goes on', () => {
    const WATCHED = LAB.replace(
      'ha: false',
      `ha: false, chatServers: [ChatServer_1], controls: { intervalMs: 1000, absent: { interactionId: "${NEVER_EXISTED}" } }`,
    );
    const HELD = ['held', '0000000000000001'];
    /** Its Chat Server is down and its control probe was answered wrong; then it is taken away, while one of its probes waits. */
    async function takenAway() {
      const started = await service(file(`${DEFAULT}\n  ${WATCHED}`), (id) => !HELD.includes(String(id)));
      const old = started.adapters[1]!;
      await until(() => old.asked > 0);
      expect(await started.metrics()).toContain('chatprobe_control_state{target="lab",control="absent",state="wrong"} 1');
      const last = started.probe('held', { target: 'lab' });
      const { controls } = old;
      await until(() => old.controls > controls);
      old.says = 'orphaned';
      await started.probe('orphan', { target: 'lab', chatServerAppName: 'ChatServer_1' });
      const down = 'chatprobe_chat_servers_down{target="lab",chat_server="ChatServer_1",state="suspect"}';
      expect(await started.metrics()).toContain(`${down} 1`);
      started.become(file(DEFAULT));
      return { ...started, old, last, down };
    }

    it('stands as one that nobody has asked yet', async () => {
      const { old, last, down, become, metrics } = await takenAway();
      become(file(`${DEFAULT}\n  ${WATCHED.replace(NEVER_EXISTED, '0000000000000001')}`));
      const text = await metrics();
      expect(text).toContain(`${down} 0`);
      expect(text).toContain('chatprobe_control_state{target="lab",control="absent",state="unknown"} 1');
      old.answer();
      await last;
    });

    it('has no control probes of the one before it', async () => {
      const { old, last } = await takenAway();
      const { controls } = old;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(old.controls).toBe(controls);
      old.answer();
      await last;
    });
  });

  it('that is gone can be asked about as long as something is kept of it', async () => {
    const { app, become, probe } = await service(file(`${DEFAULT}\n  ${LAB}`));
    await probe('chat', { target: 'lab' });
    become(file(DEFAULT));
    const asked = await app.server.inject('/probes?target=lab');
    expect([asked.statusCode, asked.json().probes.length]).toEqual([200, 1]);
    expect((await app.server.inject('/probes?target=never')).json()).toMatchObject({ status: 400, field: 'target' });
  });

  it('that is new can be asked, and its series begin at zero', async () => {
    const { become, probe, metrics } = await service(file(DEFAULT));
    expect((await probe('chat', { target: 'lab' })).status).toBe(404);
    become(file(`${DEFAULT}\n  ${LAB}`));
    expect(await metrics()).toContain('chatprobe_probes_in_flight{target="lab"} 0');
    expect(await probe('chat', { target: 'lab' })).toMatchObject({ reason: 'delivered' });
  });

  it('that is gone answers 404, and its series vanish with its last probe', async () => {
    const { adapters, become, probe, metrics } = await service(file(`${DEFAULT}\n  ${LAB}`), false);
    const last = probe('chat', { target: 'lab' });
    await until(() => adapters[1]?.asked === 1);
    become(file(DEFAULT));
    expect((await probe('chat', { target: 'lab' })).status).toBe(404);
    expect(await metrics()).toContain('chatprobe_probes_in_flight{target="lab"} 1');
    adapters[1]?.answer();
    expect(await last).toMatchObject({ reason: 'delivered' });
    await until(() => adapters[1]?.isClosed === true);
    expect((await metrics()).split('\n').filter((line) => line.includes('"lab"'))).toEqual([]);
  });

  it('that comes back meanwhile keeps its series, which come out even', async () => {
    const { adapters, become, probe, metrics } = await service(file(`${DEFAULT}\n  ${LAB}`), false);
    const last = probe('chat', { target: 'lab' });
    await until(() => adapters[1]?.asked === 1);
    become(file(DEFAULT));
    become(file(`${DEFAULT}\n  ${LAB}`));
    adapters[1]?.answer();
    await last;
    await until(() => adapters[1]?.isClosed === true);
    expect(await metrics()).toContain('chatprobe_probes_in_flight{target="lab"} 0');
  });

  it('that comes back meanwhile does not stand as the one before it did', async () => {
    const { adapters, app, become, probe, metrics } = await service(file(`${DEFAULT}\n  ${LAB}`), false);
    const last = probe('chat', { target: 'lab' });
    await until(() => adapters[1]?.asked === 1);
    await app.server.inject({ method: 'POST', url: '/targets/lab/guard/release' });
    expect(await metrics()).toContain('chatprobe_guard_state{target="lab",state="released"} 1');
    become(file(DEFAULT));
    become(file(`${DEFAULT}\n  ${LAB}`));
    expect(await metrics()).toContain('chatprobe_guard_state{target="lab",state="released"} 0');
    adapters[1]?.answer();
    await last;
  });

  it('has a series for each Chat Server that is named now, and none for one that was', async () => {
    const { become, probe, metrics } = await service(file(DEFAULT));
    await probe('chat', { chatServerAppName: 'ChatServer_1' });
    become(file(DEFAULT.replace('ChatServer_1', 'ChatServer_2')));
    await probe('chat-2', { chatServerAppName: 'ChatServer_1' });
    const text = await metrics();
    expect(text).not.toContain('"ChatServer_1"');
    expect(text).toContain('chatprobe_server_probes_total{target="default",chat_server="ChatServer_2",evidence="alive"} 0');
    expect(text).toContain('chatprobe_server_probes_total{target="default",chat_server="other",evidence="alive"} 1');
  });
});

it('the log level, the token and the bounds of load are those of now', async () => {
  const { app, logger, become, probe } = await service(file(DEFAULT));
  become(file(DEFAULT, 'server: { logLevel: error, maxInFlight: 1 }'));
  expect(logger.level).toBe('error');
  const next = config(file(DEFAULT));
  app.reconfigure({ ...next, server: { ...next.server, callers: [callerWith(SECRETS.newToken, 'probe')] } });
  expect((await probe('chat')).status).toBe(401);
  const authorization = `Bearer ${SECRETS.newToken}`;
  const asked = await app.server.inject({ method: 'POST', url: '/interactions/chat/probe', headers: { authorization } });
  expect(asked.statusCode).toBe(200);
});
