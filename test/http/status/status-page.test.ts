import { describe, expect, it } from 'vitest';
import { duration } from '../../../src/http/status/moments.ts';
import { adapterThat, outcomeOf } from '../../support/scripted-adapter.ts';
import { SECRETS } from '../../support/secrets.ts';
import { sharedService, startedService } from '../../support/service.ts';

const FILE = `
server: { statusPage: true, replica: probe-7 }
targets:
  default: { adapter: simulator, ha: false, chatServers: [ChatServer_1, 'Chat <b>Server</b>'], controls: { intervalMs: 1000 } }
  east: { adapter: simulator, ha: false, shadow: true }
`;
const FAULT = '<script>alert(1)</script>" onmouseover="x';
const OWN = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };

/** Chats are alive but for those whose id says what they are. */
const farEnd = () =>
  adapterThat(async (request) => {
    const id = String(request.userData['InteractionId']);
    if (id.startsWith('dead')) return outcomeOf('dead', request);
    if (id.startsWith('down')) return outcomeOf('orphaned', request);
    if (!id.startsWith('odd')) return outcomeOf('delivered', request);
    return {
      kind: 'reply',
      reply: { kind: 'fault', referenceId: request.referenceId, service: 'Chat', faultCode: '999', faultString: FAULT, userData: null },
    };
  });
const service = sharedService({ file: FILE, makeAdapter: farEnd });
const page = async (query = '') => await service().server.inject(`/status${query}`);
const ask = async (id: string, fields: object = {}) =>
  await service().server.inject({ method: 'POST', url: `/interactions/${id}/probe`, payload: fields });
const send = async (url: string, fields: Readonly<Record<string, string>> | string) =>
  await service().server.inject({
    method: 'POST',
    url,
    headers: OWN,
    payload: new URLSearchParams(fields).toString(),
  });
/** What is read, without tags. */
const read = (body: string) => body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

it.each([
  [-3_600_000, '0 s'],
  [1_499, '1 s'],
  [120_000, '2 min'],
  [3_900_000, '1 h 5 min'],
])('an outage of %d ms lasted %s, also where the clock was set back in it', (ms, told) => {
  expect(duration(ms)).toBe(told);
});

describe('the page /status', () => {
  it('is HTML that loads from here alone, is framed by nobody and kept by nobody', async () => {
    const { headers, statusCode, body } = await page();
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
    });
    expect(body).not.toMatch(/<script(?![^>]* src=")|<style|\sstyle="|\son\w+="/);
  });

  it('tells why a chat was stopped, among the last stops and in the look-up', async () => {
    await ask('dead-1', { chatServerAppName: 'ChatServer_1' });
    const why = 'Stopped: ChatServer_1 says that the session does not exist (fault 100).';
    expect(read((await page()).body)).toContain(why);
    const found = read((await page('?id=dead-1')).body);
    expect(found.split(why)).toHaveLength(3);
    expect(found).toContain('session_not_found');
  });

  it('tells of a chat that was routed, too, and of one that nobody asked about', async () => {
    await ask('alive-1');
    expect(read((await page('?id=+alive-1+')).body)).toContain('Routed: the message was delivered.');
    const { body, statusCode } = await page('?id=never-asked');
    expect([statusCode, read(body)]).toEqual([200, expect.stringContaining('Nothing is kept of never-asked here')]);
  });

  it.each(['undefined', 'a b', '"><script>alert(1)</script>', 'x'.repeat(65)])('says of %s that it is no id', async (id) => {
    const { body, statusCode } = await page(`?id=${encodeURIComponent(id)}`);
    expect(statusCode).toBe(400);
    expect(read(body)).toContain('This is no interaction id');
    expect(body).not.toContain('<script>alert');
  });

  it('shows what comes from outside as text: faults, names of servers in trouble and of those configured', async () => {
    await ask('odd-1', { chatServerAppName: 'Chat <b>Server</b>' });
    await ask('down-1', { chatServerAppName: "Fun & Games' <i>" });
    const bodies = (await page('?id=odd-1')).body + (await page('?id=down-1')).body;
    expect(bodies).toContain('999: &lt;script&gt;alert(1)&lt;/script&gt;&quot; onmouseover=&quot;x');
    expect(bodies).toContain('Chat &lt;b&gt;Server&lt;/b&gt;');
    expect(bodies).toContain('Fun &amp; Games&#39; &lt;i&gt;');
    expect(bodies).not.toMatch(/<script>|<i>|<b>/);
  });

  it('shows no user data', async () => {
    await ask('dead-2', { chatServerAppName: 'ChatServer_1', userData: { Name: 'planted-name', Phone: 'planted-phone' } });
    expect((await page('?id=dead-2')).body).not.toContain('planted');
  });

  it('says in words what is out of order, and shows it as an outage', async () => {
    await ask('down-2', { chatServerAppName: 'ChatServer_9' });
    const body = read((await page()).body);
    expect(body).toContain('Have a look');
    expect(body).toMatch(/ChatServer_9 of default is down, since \d\d:\d\d:\d\d UTC/);
    expect(body).toContain('Target east is in shadow mode');
    expect(body).toContain('ChatServer_9 · default');
  });

  it('counts the last hour, of one target or of all', async () => {
    const answers = (body: string) => Number(/<dt>Answers<\/dt><dd>(\d+)/.exec(body)?.[1]);
    const before = answers((await page()).body);
    await ask('alive-2', { target: 'east' });
    expect(answers((await page()).body)).toBe(before + 1);
    expect(answers((await page('?target=east')).body)).toBe(1);
    expect(answers((await page('?target=nowhere')).body)).toBe(before + 1);
  });
});

describe('the form for the guard', () => {
  it('releases it, and says so on the page that follows', async () => {
    const { statusCode, headers } = await send('/status/guard', { target: 'east', minutes: '5' });
    expect([statusCode, headers.location]).toEqual([303, '/status?released=east#guard']);
    const body = read((await page('?released=east')).body);
    expect(body).toMatch(/The guard of east is released since \d\d:\d\d UTC/);
    expect(body).toContain('The guard of east is released : stops pass whatever their share.');
  });

  it.each([
    [{ target: 'east', minutes: '0' }, 422, 'minutes: must be a whole number from 1 to 1440'],
    [{ target: 'east', minutes: 'ten' }, 400, 'minutes: must be a number'],
    [{ target: '<b>', minutes: '1' }, 404, 'target: no target of this name is configured'],
    ['target=default&target=east', 400, 'target: given more than once'],
  ])('that says %j is told what is wrong, on the page', async (fields, status, text) => {
    const { statusCode, body } = await send('/status/guard', fields);
    expect([statusCode, read(body)]).toEqual([status, expect.stringContaining(`Not done. ${text}`)]);
  });
});

describe('the form for a probe', () => {
  it('asks about the chat, counts it as any other, and leads to what came of it', async () => {
    const { statusCode, headers } = await send('/status/probe', {
      id: ' dead-3 ',
      chatServerAppName: 'ChatServer_1',
      target: 'default',
      policy: '',
    });
    expect([statusCode, headers.location]).toEqual([303, '/status?id=dead-3#look-up']);
    expect(read((await page('?id=dead-3')).body)).toContain('Stopped: ChatServer_1 says that the session does not exist');
    const answered = service()
      .logLines()
      .find(({ interactionId }) => interactionId === 'dead-3');
    expect(answered).toMatchObject({ msg: 'probe finished', answered: 'stop', caller: 'anonymous' });
  });

  it.each([
    [{ id: 'undefined' }, 400, 'id: an interaction id is 1 to 64'],
    [{ id: '' }, 400, 'id: '],
    ['id=a&id=b', 400, 'id: given more than once'],
    [{ id: 'a', target: 'nowhere' }, 404, 'target: no target of this name is configured'],
    [{ id: 'a', policy: 'nothing' }, 422, 'policy: '],
    [{ id: 'a', chatServerAppName: '{{name}}' }, 422, 'chatServerAppName: '],
  ])('that says %j is told what is wrong, on the page, and nothing is sent', async (fields, status, text) => {
    const { statusCode, body } = await send('/status/probe', fields);
    expect([statusCode, read(body)]).toEqual([status, expect.stringContaining(`Not done. ${text}`)]);
  });

  it('is answered at once while the service shuts down, and nothing is sent', async () => {
    const leaving = await startedService({ file: FILE });
    leaving.lifecycle.phase = 'closing';
    const payload = 'id=late&chatServerAppName=ChatServer_1';
    const { statusCode } = await leaving.server.inject({ method: 'POST', url: '/status/probe', headers: OWN, payload });
    expect([statusCode, leaving.adapter.seen]).toEqual([303, []]);
    expect(read((await leaving.server.inject('/status?id=late')).body)).toContain('this instance is shutting down');
    await leaving.server.close();
  });
});

describe('what the page loads', () => {
  it('is kept for good under the name of its version, and asked for again under any other', async () => {
    const { body } = await page();
    const files = [...body.matchAll(/(?:href|src)="(\/status\/[^"]+)"/g)].map(([, url = '']) => url);
    expect(files).toHaveLength(4);
    for (const url of files) {
      const { statusCode, headers } = await service().server.inject(url);
      expect([statusCode, headers['cache-control'], headers['x-content-type-options']]).toEqual([
        200,
        'public, max-age=31536000, immutable',
        'nosniff',
      ]);
      expect(headers['content-type']).toMatch(/^text\/(?:javascript|css); charset=utf-8$/);
      const [path = ''] = url.split('?');
      expect((await service().server.inject(`${path}?v=other`)).headers['cache-control']).toBe('no-cache');
    }
  });
});

describe('where the page is', () => {
  const statusOf = async (options: Parameters<typeof startedService>[0], headers: Readonly<Record<string, string>> = {}) => {
    const { server } = await startedService(options);
    const response = await server.inject({ url: '/status', headers });
    await server.close();
    return response;
  };

  it('is the demo, and whatever asks for it; nowhere else', async () => {
    expect((await statusOf({})).statusCode).toBe(200);
    expect((await statusOf({ env: { CHATPROBE_ADAPTER: 'simulator' } })).statusCode).toBe(404);
    expect((await statusOf({ env: { CHATPROBE_ADAPTER: 'simulator', CHATPROBE_STATUS_PAGE: 'true' } })).statusCode).toBe(200);
    expect((await statusOf({ env: { CHATPROBE_STATUS_PAGE: 'false' } })).statusCode).toBe(404);
  });

  it('with callers, a browser is asked for name and secret, and only an operator sees it', async () => {
    const env = { CHATPROBE_STATUS_PAGE: 'true', CHATPROBE_API_TOKEN: SECRETS.apiToken, CHATPROBE_OPS_TOKEN: SECRETS.opsToken };
    const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    const stranger = await statusOf({ env });
    expect([stranger.statusCode, stranger.headers['www-authenticate']]).toEqual([
      401,
      expect.arrayContaining([expect.stringMatching(/^Basic realm=/)]),
    ]);
    expect((await statusOf({ env }, basic(`ops:${SECRETS.opsToken}`))).statusCode).toBe(200);
    expect((await statusOf({ env }, basic(`default:${SECRETS.apiToken}`))).statusCode).toBe(403);
  });
});
