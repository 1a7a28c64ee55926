import { describe, expect, it } from 'vitest';
import { INTERACTION_ID_RULE } from '../../../src/probe/probe-order.ts';
import { controlBench } from '../../support/control-bench.ts';

describe('the sessions', () => {
  it('are told page by page, with how many there are', async () => {
    const { command } = await controlBench();
    const { body } = await command('GET', '/sessions?limit=2&offset=1');
    expect(body).toMatchObject({ total: 4, sessions: [{ id: 'chat-000002' }, { id: 'chat-000003' }] });
    expect((await command('GET', '/sessions')).body['sessions']).toHaveLength(4);
    expect((await command('GET', '/sessions?offset=4')).body).toEqual({ total: 4, sessions: [] });
  });

  it('are told one by one, with what a workflow would read and what is true', async () => {
    const { command } = await controlBench();
    expect(await command('GET', '/sessions/chat-000001')).toEqual({
      status: 200,
      body: {
        id: 'chat-000001',
        host: 'A',
        status: 'live',
        truth: { customer: 'present', session: 'running', since: 0, why: expect.stringMatching(/\w/) },
        userData: { ChatServerAppName: 'A', IsOnline: '1' },
        messages: 0,
      },
    });
  });

  it('begin where they are told to, and end cleanly', async () => {
    const { command } = await controlBench();
    const opened = await command('POST', '/sessions', { id: 'mine', chatServer: 'B' });
    expect(opened).toMatchObject({ status: 201, body: { id: 'mine', host: 'B', status: 'live' } });
    const closed = await command('DELETE', '/sessions/mine');
    expect(closed).toMatchObject({ status: 200, body: { status: 'closed', userData: { IsOnline: '0' } } });
    expect((await command('GET', '/sessions/mine/truth')).body).toMatchObject({ customer: 'gone', session: 'none' });
  });

  it('keep every message with its text, type, visibility and time', async () => {
    const { command, stage, base } = await controlBench();
    const userData = { InteractionId: 'chat-000001' };
    await base.advance(0.5);
    const message = { appName: 'A', messageText: 'psst', messageType: 'probe', visibility: 'VIP', userData } as const;
    await base.drive(stage.world.ask({ referenceId: 1, ...message }, 1_000, new AbortController().signal));
    expect((await command('GET', '/sessions/chat-000001/transcript')).body).toEqual({
      id: 'chat-000001',
      messages: [{ atMs: 2, text: 'psst', type: 'probe', visibility: 'VIP' }],
    });
    expect((await command('GET', '/sessions/chat-000001')).body).toMatchObject({ messages: 1 });
  });
});

describe('a Chat Server', () => {
  it('is told with how it stands', async () => {
    const { command } = await controlBench();
    expect((await command('GET', '/servers')).body).toEqual({
      servers: ['A', 'B'].map((name) => ({ name, status: 'up', connected: true, sessions: 2, latencyMs: null, maxSessions: null })),
    });
  });

  it('crashes and starts, and its chats move and come to be known where they are', async () => {
    const { command } = await controlBench();
    expect((await command('POST', '/servers/A/crash')).body).toMatchObject({ name: 'A', status: 'down', connected: false, sessions: 0 });
    expect((await command('GET', '/sessions/chat-000001/truth')).body).toMatchObject({ customer: 'present', session: 'restorable' });
    await command('POST', '/clock/advance', { byMs: 5_000 });
    expect((await command('GET', '/sessions/chat-000001')).body).toMatchObject({ host: 'B', userData: { ChatServerAppName: 'A' } });
    await command('POST', '/clock/advance', { byMs: 1_000 });
    expect((await command('GET', '/sessions/chat-000001')).body).toMatchObject({ userData: { ChatServerAppName: 'B' } });
    expect((await command('POST', '/servers/A/start')).body).toMatchObject({ status: 'up', sessions: 0 });
  });

  it('starts with its sessions where told so', async () => {
    const { command } = await controlBench();
    await command('POST', '/servers/A/crash');
    expect((await command('POST', '/servers/A/start', { sessions: 'restored' })).body).toMatchObject({ status: 'up', sessions: 2 });
  });

  it('becomes slow and limited, and is so no more', async () => {
    const { command } = await controlBench();
    expect((await command('POST', '/servers/A/slow', { extraMs: 300 })).body).toMatchObject({ latencyMs: 300 });
    expect((await command('POST', '/servers/A/slow', { extraMs: null })).body).toMatchObject({ latencyMs: null });
    expect((await command('POST', '/servers/A/limit', { maxSessions: 2 })).body).toMatchObject({ maxSessions: 2 });
    expect((await command('POST', '/sessions', { id: 'x', chatServer: 'A' })).status).toBe(409);
    expect((await command('POST', '/servers/A/limit', { maxSessions: null })).body).toMatchObject({ maxSessions: null });
  });

  it('loses its link and has it again, and runs its sessions all the time', async () => {
    const { command } = await controlBench();
    const there = { status: 'up', sessions: 2 };
    expect((await command('POST', '/servers/A/link', { state: 'down' })).body).toMatchObject({ ...there, connected: false });
    expect(await command('POST', '/servers/A/link', { state: 'down' })).toMatchObject({
      status: 409,
      body: { error: 'the link to A is down already' },
    });
    expect((await command('POST', '/servers/A/link', { state: 'up' })).body).toMatchObject({ ...there, connected: true });
  });

  it('flaps as often as told', async () => {
    const { command } = await controlBench();
    const statusOfA = async () => ((await command('GET', '/servers')).body['servers'] as { status: string }[])[0]?.status;
    await command('POST', '/servers/A/flap', { downMs: 100, upMs: 50, times: 2 });
    const seen = [await statusOfA()];
    for (const byMs of [100, 50, 100, 50]) {
      await command('POST', '/clock/advance', { byMs });
      seen.push(await statusOfA());
    }
    expect(seen).toEqual(['down', 'up', 'down', 'up', 'up']);
  });
});

describe('what surrounds the Chat Servers', () => {
  const request = { referenceId: 1, messageText: 'm', messageType: null, visibility: 'VIP', userData: { Id: 'chat-000001' } } as const;

  it.each([
    ['/interaction-server', { state: 'down' }, { kind: 'unreachable' }],
    ['/gateway', { state: 'down' }, { kind: 'no_gateway' }],
    ['/misconfiguration', { answer: 'chat_server_not_found' }, { kind: 'reply', reply: { kind: 'error' } }],
    ['/misconfiguration', { answer: 'session_not_found' }, { kind: 'reply', reply: { kind: 'fault' } }],
  ])('%s told %j answers so, and as before once that is over', async (path, told, expected) => {
    const { command, stage, base } = await controlBench();
    const ask = () => base.drive(stage.world.ask({ ...request, appName: 'A' }, 1_000, new AbortController().signal));
    expect(await command('PUT', path, told)).toEqual({ status: 200, body: told });
    expect(await ask()).toMatchObject(expected);
    await command('PUT', path, 'state' in told ? { state: 'up' } : { answer: 'nothing' });
    await command('POST', '/clock/advance', { byMs: 1_000 });
    expect(await ask()).toMatchObject({ kind: 'reply', reply: { kind: 'response' } });
  });
});

describe('time', () => {
  it('stands still, moves as told, and goes on', async () => {
    const { command, base } = await controlBench();
    await base.advance(10.9);
    expect((await command('POST', '/clock/freeze')).body).toEqual({ nowMs: 10, frozen: true });
    await base.advance(10);
    expect((await command('POST', '/clock/advance', { byMs: 500 })).body).toEqual({ nowMs: 510, frozen: true });
    expect((await command('POST', '/clock/thaw')).body).toEqual({ nowMs: 510, frozen: false });
    await base.advance(9.1);
    expect((await command('GET', '/clock')).body).toEqual({ nowMs: 520, frozen: false });
  });

  it('begins anew with a reset: the same chats, nothing of what was done to them', async () => {
    const { command, base } = await controlBench();
    await base.advance(10);
    await command('POST', '/servers/A/crash');
    await command('POST', '/sessions', { id: 'mine', chatServer: 'B' });
    expect(await command('POST', '/reset')).toMatchObject({ status: 200, body: { name: 'calm', seed: 7, chats: 4 } });
    expect((await command('GET', '/clock')).body).toMatchObject({ nowMs: 0 });
    expect((await command('GET', '/servers')).body).toMatchObject({ servers: [{ status: 'up' }, {}] });
    expect((await command('GET', '/sessions')).body).toMatchObject({ total: 4 });
  });

  it('begins anew with another world, which is told with all there is to play', async () => {
    const { command } = await controlBench();
    const known = ['demo', 'broken', 'calm'];
    await command('POST', '/reset', { scenario: 'demo' });
    expect((await command('GET', '/scenario')).body).toEqual({ name: 'demo', seed: 1, chats: 4, scenario: null, known });
    await command('POST', '/reset', { scenario: 'calm', seed: 9, chats: 3 });
    const { body } = await command('GET', '/scenario');
    expect(body).toMatchObject({ name: 'calm', seed: 9, chats: 3, known, scenario: { name: 'calm', seed: 7, byType: 'balanced' } });
  });
});

describe('what cannot be done changes nothing and is refused', () => {
  it.each([
    ['GET', '/sessions/nobody', undefined, 404, 'id'],
    ['GET', '/sessions/nobody/transcript', undefined, 404, 'id'],
    ['GET', '/sessions/nobody/truth', undefined, 404, 'id'],
    ['DELETE', '/sessions/nobody', undefined, 404, 'id'],
    ['POST', '/servers/C/crash', undefined, 404, 'name'],
    ['POST', '/servers/C/link', { state: 'down' }, 404, 'name'],
    ['POST', '/servers/A/link', { state: 'up' }, 409, null],
    ['POST', '/servers/C/limit', { maxSessions: 1 }, 404, 'name'],
    ['POST', '/sessions', { id: 'mine', chatServer: 'C' }, 422, 'chatServer'],
    ['POST', '/sessions', { id: 'chat-000001', chatServer: 'A' }, 409, null],
    ['POST', '/servers/A/start', { sessions: 'lost' }, 409, null],
    ['POST', '/reset', { scenario: 'nope' }, 422, 'scenario'],
    ['POST', '/reset', { scenario: 'broken' }, 422, 'scenario'],
    ['POST', '/reset', { scenario: 'demo', chats: 5 }, 422, 'chats'],
    ['GET', '/nonsense', undefined, 404, null],
  ] as const)('%s %s %j: %i', async (method, path, told, status, field) => {
    const { command } = await controlBench();
    const before = await Promise.all([command('GET', '/servers'), command('GET', '/sessions'), command('GET', '/scenario')]);
    expect(await command(method, path, told)).toMatchObject({ status, body: { error: expect.stringMatching(/\w/), field } });
    const after = await Promise.all([command('GET', '/servers'), command('GET', '/sessions'), command('GET', '/scenario')]);
    expect(after).toEqual(before);
  });

  it('whatever the world refuses is answered 409 with its words', async () => {
    const refusal = { ok: false, problem: 'not today' } as const;
    const { command } = await controlBench((world) => ({ ...world, control: { ...world.control, crash: () => refusal } }));
    expect(await command('POST', '/servers/A/crash')).toMatchObject({ status: 409, body: { error: 'not today', field: null } });
  });

  it('a chat that has ended cannot be ended again', async () => {
    const { command } = await controlBench();
    await command('DELETE', '/sessions/chat-000001');
    expect(await command('DELETE', '/sessions/chat-000001')).toMatchObject({ status: 409 });
  });

  it('an unknown scenario is answered with those that are known', async () => {
    const { command } = await controlBench();
    expect((await command('POST', '/reset', { scenario: 'nope' })).body['error']).toBe('scenario must be one of demo, broken, calm');
  });

  it('a scenario file with mistakes is refused with every one of them', async () => {
    const { command } = await controlBench();
    const { problems } = (await command('POST', '/reset', { scenario: 'broken' })).body as { problems: { error: string }[] };
    expect(problems.map(({ error }) => error.split(' ').slice(0, 2).join(' '))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^broken\.yaml: seed/), expect.stringMatching(/^broken\.yaml: highAvailability/)]),
    );
  });
});

describe('bad input is refused with every problem', () => {
  it.each([
    ['POST', '/servers/A/slow', undefined, { extraMs: 'is missing' }],
    ['POST', '/servers/A/slow', { extraMs: '300' }, { extraMs: 'must be integer or null' }],
    ['POST', '/servers/A/slow', { extraMs: -1 }, { extraMs: 'must be >= 0 or null' }],
    ['POST', '/servers/A/flap', { downMs: 0, upMs: 1.5 }, { times: 'is missing', downMs: 'must be >= 1', upMs: 'must be integer' }],
    ['POST', '/servers/A/start', { sessions: 'some' }, { sessions: 'must be one of lost, restored' }],
    ['POST', '/servers/A/start', { session: 'lost' }, { session: 'is not known' }],
    ['POST', '/servers/A/crash', { zz: 1 }, { zz: 'is not known' }],
    ['POST', '/clock/freeze', { zz: 1 }, { zz: 'is not known' }],
    ['DELETE', '/sessions/chat-000001', { zz: 1 }, { zz: 'is not known' }],
    ['POST', '/servers/A/slow', { extraMs: 3_600_001 }, { extraMs: 'must be <= 3600000 or null' }],
    ['PUT', '/gateway', { state: 'sideways' }, { state: 'must be one of up, down' }],
    ['POST', '/clock/advance', { byMs: null }, { byMs: 'must be integer' }],
    ['POST', '/clock/advance', { byMs: 86_400_001 }, { byMs: 'must be <= 86400000' }],
    ['GET', '/sessions?limit=0&offset=x&page=1', undefined, { page: 'is not known', limit: 'must be >= 1', offset: 'must be integer' }],
    ['POST', '/reset', { chats: 0, seed: -1 }, { seed: 'must be >= 0', chats: 'must be >= 1' }],
    ['POST', '/sessions', { id: 'a b' }, { id: `must be ${INTERACTION_ID_RULE}`, chatServer: 'is missing' }],
    ['POST', '/sessions', { id: 'NaN', chatServer: 'ChatServer_1' }, { id: `must be ${INTERACTION_ID_RULE}` }],
  ] as const)('%s %s %j', async (method, path, told, expected) => {
    const { command } = await controlBench();
    const { status, body } = await command(method, path, told);
    const { problems } = body as { problems: { field: string; error: string }[] };
    expect([status, Object.fromEntries(problems.map(({ field, error }) => [field, error]))]).toEqual([400, expected]);
    for (const { field, error } of problems) expect(body['error']).toContain(`${field} ${error}`);
  });

  it.each([
    ['a list', '[]', 'application/json', 400],
    ['broken JSON', '{', 'application/json', 400],
    ['a form', 'byMs=1', 'application/x-www-form-urlencoded', 415],
  ])('%s instead of an object', async (_what, payload, type, status) => {
    const { app } = await controlBench();
    for (const path of ['/sim/clock/advance', '/sim/clock/freeze']) {
      const response = await app.inject({ method: 'POST', url: path, payload, headers: { 'content-type': type } });
      expect([response.statusCode, response.json()]).toEqual([status, expect.objectContaining({ error: expect.any(String), field: null })]);
    }
  });

  it('keeps its answer short', async () => {
    const { command } = await controlBench();
    const rubbish = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`field${n}`, n]));
    const { body } = await command('POST', '/reset', rubbish);
    expect([String(body['error']).length, (body['problems'] as object[]).length]).toEqual([2_000, 100]);
  });

  it('does not hide a bad value behind a heap of unknown fields', async () => {
    const { command } = await controlBench();
    const rubbish = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`field${n}`, n]));
    const { body } = await command('POST', '/clock/advance', { ...rubbish, byMs: 0 });
    expect(body['problems']).toContainEqual({ field: 'byMs', error: 'must be >= 1' });
    expect(body['problems']).toContainEqual({ field: 'field49', error: 'is not known' });
  });

  it('takes an empty body that calls itself JSON for none', async () => {
    const { app } = await controlBench();
    const headers = { 'content-type': 'application/json' };
    expect((await app.inject({ method: 'POST', url: '/sim/reset', payload: '', headers })).statusCode).toBe(200);
  });

  it('tells nothing of a fault of its own', async () => {
    const { command } = await controlBench((world) => ({
      ...world,
      chatServers() {
        throw new Error('inner secret');
      },
    }));
    expect(await command('GET', '/servers')).toEqual({
      status: 500,
      body: { error: 'internal error', field: null, problems: [{ field: null, error: 'internal error' }] },
    });
  });
});
