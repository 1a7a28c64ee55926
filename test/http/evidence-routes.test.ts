import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { inOrder } from '../support/probe-run.ts';
import { SECRETS } from '../support/secrets.ts';
import { sharedService, startedService } from '../support/service.ts';

/** Without high availability one answer is enough, so that no test waits. */
const ENV = { CHATPROBE_ADAPTER: 'simulator', CHATPROBE_HA: 'false' };
const FILE = `
server: { replica: probe-7 }
targets:
  default: { adapter: simulator, ha: false, chatServers: [ChatServer_1] }
  east: { adapter: simulator, ha: false }
`;
const service = sharedService({ file: FILE, turns: inOrder('dead', 'delivered', 'delivered', 'dead', 'delivered') });
const get = async (url: string, from = service()) => (await from.server.inject(url)).json();
const post = async (url: string, payload: string | object = {}, from = service()) => {
  const type = typeof payload === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
  return (await from.server.inject({ method: 'POST', url, payload, headers: { 'content-type': type } })).json();
};
const idsOf = (page: { probes: readonly { interactionId: string }[] }): string =>
  page.probes.map(({ interactionId }) => interactionId).join(' ');

describe('why a chat was stopped', () => {
  it('is answered by its interaction, and by the id of the probe, with every attempt', async () => {
    const answer = await post('/interactions/dead-chat/probe', { chatServerAppName: 'ChatServer_1' });
    expect(answer.verdict).toBe('stop');
    const { probes, interactionId } = await get('/interactions/dead-chat/probes');
    expect(interactionId).toBe('dead-chat');
    expect(probes).toEqual([
      expect.objectContaining({
        probeId: answer.probeId,
        answered: 'stop',
        explanation: 'Stopped: ChatServer_1 says that the session does not exist (fault 100).',
        replica: 'probe-7',
        configuration: expect.stringMatching(/^[0-9a-f]{12}$/),
        answeredAt: expect.stringMatching(/^\d{4}-.*Z$/),
        attempts: [expect.objectContaining({ n: 1, reason: 'session_not_found', faultCode: '100' })],
        truth: null,
      }),
    ]);
    expect(await get(`/probes/${answer.probeId}`)).toEqual({ ...probes[0], coverage: 'instance' });
  });

  it('is nothing for a chat that nobody asked about, and a problem for what is no id', async () => {
    expect(await get('/interactions/never-asked/probes')).toEqual({ interactionId: 'never-asked', probes: [], coverage: 'instance' });
    for (const id of ['undefined', 'a.b']) expect(await get(`/interactions/${id}/probes`)).toMatchObject({ status: 400, field: 'id' });
  });

  it.each(['unknown', 'constructor', '__proto__', '%00'])('is a 404 problem for the probe %s, which is not kept', async (id) => {
    const problem = { type: 'urn:chat-probe:problem:unknown_probe', status: 404, field: 'probeId' };
    expect(await get(`/probes/${id}`)).toMatchObject(problem);
    expect(await post(`/probes/${id}/feedback`, { truth: 'dead' })).toMatchObject(problem);
  });
});

describe('the list of probes', () => {
  it('has the newest first, and as many on a page as asked for, wherever it is continued', async () => {
    await post('/interactions/alive-1/probe');
    await post('/interactions/alive-2/probe?target=east');
    await post('/interactions/dead-2/probe', { chatServerAppName: 'ChatServer_9' });
    const first = await get('/probes?limit=2');
    expect(idsOf(first)).toBe('dead-2 alive-2');
    await post('/interactions/alive-3/probe');
    const second = await get(`/probes?limit=2&cursor=${first.cursor}`);
    expect([idsOf(second), second.cursor]).toEqual(['alive-1 dead-chat', null]);
  });

  it.each([
    ['verdict=stop', 'dead-2 dead-chat'],
    ['VERDICT=STOP&limit=1', 'dead-2'],
    ['verdict=route&target=default', 'alive-3 alive-1'],
    ['reason=session_not_found&chatServer=ChatServer_1', 'dead-chat'],
    ['chatServer=ChatServer_9', 'dead-2'],
    ['verdict=&reason=null', 'alive-3 dead-2 alive-2 alive-1 dead-chat'],
    ['since=2026-11-27T09:30:00Z', 'alive-3 dead-2 alive-2 alive-1 dead-chat'],
    ['since=2026-11-27T09:30:00.5%2B01:00', 'alive-3 dead-2 alive-2 alive-1 dead-chat'],
    ['since=2999-01-01T00:00:00+01:00', ''],
  ])('by %s is only what fits', async (query, ids) => {
    expect(idsOf(await get(`/probes?${query}`))).toBe(ids);
  });

  it.each([
    ['verdict=maybe', 'verdict'],
    ['verdict=stop&verdict=route', 'verdict'],
    ['reason=tired', 'reason'],
    ['reason=constructor', 'reason'],
    ['target=elsewhere', 'target'],
    ['since=yesterday', 'since'],
    ['since=2026-11-27', 'since'],
    ['since=2026-02-30T00:00:00Z', 'since'],
    ['since=2026-11-27T25:00:00Z', 'since'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=ten', 'limit'],
    ['cursor=x', 'cursor'],
    ['cursor=OTk5LjE', 'cursor'],
    ['verdikt=stop', 'verdikt'],
    ['chatServer[]=a', 'chatServer[]'],
  ])('by %s is a 400 problem naming it', async (query, field) => {
    expect(await get(`/probes?${query}`)).toMatchObject({ type: 'urn:chat-probe:problem:invalid_field', status: 400, field });
  });

  it('of a target that was taken away is there for as long as anything is kept of it, whatever else is asked for', async () => {
    const own = await startedService({ file: FILE });
    await post('/interactions/eastern/probe?target=east', {}, own);
    const left = loadConfig({ CHATPROBE_CONFIG: 'config.yaml' }, () => ({ ok: true, text: FILE.replace(/\n {2}east:.*/, '') }));
    if (!left.ok) throw new Error(left.problems.join());
    own.reconfigure(left.config);
    expect((await own.server.inject('/interactions/eastern/probe?target=east')).statusCode).not.toBe(200);
    expect(idsOf(await get('/probes?target=east', own))).toBe('eastern');
    expect(await get('/probes?target=east&verdict=stop', own)).toMatchObject({ probes: [], cursor: null });
    expect(await get('/probes?target=west', own)).toMatchObject({ status: 400, field: 'target' });
    await own.server.close();
  });

  it('of another run of the service is not continued here', async () => {
    const other = await startedService({ env: ENV });
    for (const id of ['a', 'b']) await post(`/interactions/${id}/probe`, {}, other);
    const { cursor } = await get('/probes?limit=1', other);
    await other.server.close();
    expect(await get(`/probes?cursor=${cursor}`)).toMatchObject({ status: 400, field: 'cursor' });
  });
});

describe('feedback', () => {
  it('is noted however it is sent; counted is the first word about each probe', async () => {
    const { probeId } = (await get('/interactions/dead-chat/probes')).probes[0];
    const url = `/probes/${probeId}/feedback`;
    const noted = { probeId, interactionId: 'dead-chat', verdict: 'stop', coverage: 'instance' };
    expect(await post(url, { truth: 'alive' })).toEqual({ ...noted, truth: 'alive', changed: true });
    expect(await post(url, 'Truth=+ALIVE+')).toEqual({ ...noted, truth: 'alive', changed: false });
    expect(await post(`${url}?truth=dead`)).toEqual({ ...noted, truth: 'dead', changed: true });
    expect((await get(`/probes/${probeId}`)).truth).toBe('dead');
    const counted = (truth: string) => service().metric(`chatprobe_feedback_total{target="default",verdict="stop",truth="${truth}"}`);
    expect([await counted('alive'), await counted('dead')]).toEqual([1, 0]);
    expect(
      service()
        .logLines()
        .filter(({ msg }) => msg === 'feedback given'),
    ).toMatchObject([
      { probeId, truth: 'alive', isFirst: true },
      { probeId, truth: 'dead', isFirst: false },
    ]);
  });

  it.each([[{}], [{ truth: '' }], [{ truth: 'gone' }], [{ truth: true }], ['truth=alive&truth=dead'], [{ truth: ['dead'] }]])(
    'that says %j is a 400 problem',
    async (payload) => {
      const { probeId } = (await get('/interactions/alive-1/probes')).probes[0];
      expect(await post(`/probes/${probeId}/feedback`, payload)).toMatchObject({ status: 400, field: 'truth' });
      expect((await get(`/probes/${probeId}`)).truth).toBeNull();
    },
  );
});

it('stops that were answered are counted apart, by their reason', async () => {
  expect(await service().metric('chatprobe_stops_answered_total{target="default",reason="session_not_found"}')).toBe(2);
  expect(await service().metric('chatprobe_stops_answered_total{target="east",reason="session_not_found"}')).toBe(0);
});

it('where a token is configured, evidence is not for strangers', async () => {
  const guarded = await startedService({ env: { ...ENV, CHATPROBE_API_TOKEN: SECRETS.apiToken, CHATPROBE_OPS_TOKEN: SECRETS.opsToken } });
  for (const url of ['/probes', '/probes/x', '/interactions/x/probes'])
    expect((await guarded.server.inject(url)).statusCode, url).toBe(401);
  expect((await guarded.server.inject({ method: 'POST', url: '/probes/x/feedback?truth=dead' })).statusCode).toBe(401);
  const as = async (token: string) =>
    (await guarded.server.inject({ url: '/probes', headers: { authorization: `Bearer ${token}` } })).statusCode;
  expect([await as(SECRETS.opsToken), await as(SECRETS.apiToken)]).toEqual([200, 403]);
  await guarded.server.close();
});

it('where nothing is kept, there is nothing to find, and nothing was lost', async () => {
  const file = 'server: { evidence: { maxBytes: 0 } }\ntargets: { default: { adapter: simulator, ha: false } }';
  const off = await startedService({ file, turns: inOrder('dead') });
  const { probeId } = await post('/interactions/a/probe', { chatServerAppName: 'ChatServer_1' }, off);
  expect(await get('/probes', off)).toEqual({ probes: [], cursor: null, coverage: 'instance' });
  expect(await get(`/probes/${probeId}`, off)).toMatchObject({ status: 404 });
  expect(await off.metric('chatprobe_evidence_evicted_total{target="default",verdict="stop"}')).toBe(0);
  await off.server.close();
});
