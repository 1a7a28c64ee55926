import { describe, expect, it } from 'vitest';
import { SECRETS } from '../support/secrets.ts';
import { type Behind, callerWith, sharedApi, stubApi } from './stub-api.ts';

const URL = '/targets/default/guard/release';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Asked {
  readonly url?: string;
  readonly payload?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** For how many minutes, each time. */
const releases: number[] = [];
const behind: Behind = {
  release(forMs) {
    releases.push(forMs / 60_000);
    return { state: 'released', releasedForMs: forMs - 0.4 };
  },
};
const open = sharedApi(behind);

async function release(asked: Asked = {}, api = open()) {
  const before = releases.length;
  const { url = URL, payload, headers } = asked;
  const response = await api.server.inject({
    method: 'POST',
    url,
    ...(headers === undefined ? {} : { headers }),
    ...(payload === undefined ? {} : { payload }),
  });
  return { response, releases: releases.slice(before) };
}

it('releases the guard for ten minutes unless told otherwise, and says so', async () => {
  const { response, releases } = await release();
  expect(releases).toEqual([10]);
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  expect(response.json()).toEqual({ target: 'default', guard: 'released', releasedForMs: 600_000 });
});

it.each([
  ['JSON', { payload: { minutes: 30 } }],
  ['JSON in another case', { payload: { MINUTES: 30 } }],
  ['JSON as text', { payload: { minutes: '30' } }],
  ['JSON with a fraction of zeros', { payload: { minutes: '30.0' } }],
  ['a form', { payload: 'Minutes=30', headers: FORM }],
  ['a form that says it twice', { payload: 'minutes=30&minutes=30', headers: FORM }],
  ['the query', { url: `${URL}?minutes=30` }],
  ['the body over the query', { url: `${URL}?minutes=5`, payload: { minutes: 30 } }],
  ['the query where the body says nothing', { url: `${URL}?minutes=30`, payload: { minutes: '' } }],
] as const)('takes the minutes from %s', async (_name, asked) => {
  const { response, releases } = await release(asked);
  expect(response.json()).toMatchObject({ releasedForMs: 1_800_000 });
  expect(releases).toEqual([30]);
});

it.each([
  ['an empty JSON body', { headers: JSON_TYPE }],
  ['null', { payload: 'null', headers: JSON_TYPE }],
  ['the word undefined', { payload: { minutes: 'undefined' } }],
  ['fields that nobody knows', { payload: { hours: 3 } }],
])('takes %s for nothing said', async (_name, asked) => {
  expect((await release(asked)).releases).toEqual([10]);
});

it.each([1, 1_440])('takes %d minutes, the bound itself', async (minutes) => {
  expect((await release({ payload: { minutes } })).releases).toEqual([minutes]);
});

describe('a mistake is refused and releases nothing:', () => {
  it.each([
    ['no minute', { payload: { minutes: 0 } }, 422, 'out_of_bounds', 'minutes'],
    ['more than a day', { url: `${URL}?minutes=1441` }, 422, 'out_of_bounds', 'minutes'],
    ['half a minute', { payload: { minutes: 1.5 } }, 422, 'out_of_bounds', 'minutes'],
    ['a negative number', { payload: 'minutes=-1', headers: FORM }, 422, 'out_of_bounds', 'minutes'],
    ['infinity', { payload: '{"minutes":1e999}', headers: JSON_TYPE }, 422, 'out_of_bounds', 'minutes'],
    ['a word', { payload: { minutes: 'long' } }, 400, 'invalid_field', 'minutes'],
    ['white space', { payload: { minutes: ' ' } }, 400, 'invalid_field', 'minutes'],
    ['a flag', { payload: { minutes: true } }, 400, 'invalid_field', 'minutes'],
    ['a list', { payload: { minutes: [5] } }, 400, 'invalid_field', 'minutes'],
    ['two values', { url: `${URL}?minutes=5&minutes=6` }, 400, 'invalid_field', 'minutes'],
    ['a body that is a list', { payload: [] }, 400, 'invalid_body', 'body'],
    ['broken JSON', { payload: '{', headers: JSON_TYPE }, 400, 'invalid_body', 'body'],
    ['plain text', { payload: '5', headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type', 'body'],
  ] as const)('%s', async (_name, asked, status, code, field) => {
    const { response, releases } = await release(asked);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({ type: `urn:chat-probe:problem:${code}`, status, field });
    expect(response.statusCode).toBe(status);
    expect(releases).toEqual([]);
  });

  it('and the bounds are named', async () => {
    expect((await release({ payload: { minutes: 0 } })).response.json().detail).toBe('must be a whole number from 1 to 1440');
  });
});

it.each(['elsewhere', 'constructor', 'http:%2F%2F127.0.0.1'])('of the unknown target %s is a 404 problem', async (target) => {
  const { response, releases } = await release({ url: `/targets/${target}/guard/release` });
  expect(releases).toEqual([]);
  expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:unknown_target', status: 404, field: 'target' });
});

it('is a 405 problem by another method', async () => {
  const response = await open().server.inject(URL);
  expect([response.statusCode, response.headers['allow']]).toEqual([405, 'POST']);
});

describe('where a token is configured', () => {
  const guarded = sharedApi({ ...behind, callers: [callerWith(SECRETS.opsToken, 'ops')] });

  it.each([{}, { authorization: `Bearer ${SECRETS.wrongToken}` }])('releases nothing for %j', async (headers) => {
    const { response, releases } = await release({ headers }, guarded());
    expect([response.statusCode, response.json().type, releases]).toEqual([401, 'urn:chat-probe:problem:unauthorized', []]);
  });

  it('releases for whoever shows it', async () => {
    expect((await release({ headers: { authorization: `Bearer ${SECRETS.opsToken}` } }, guarded())).releases).toEqual([10]);
  });
});

it('is told to those who listen, by its template, and all that it can answer is known beforehand', async () => {
  const { server, exchanges, knownExchanges } = await stubApi(behind);
  await server.inject({ method: 'POST', url: URL });
  expect(exchanges).toEqual([
    expect.objectContaining({ route: '/targets/:target/guard/release', method: 'POST', code: 200, problem: null }),
  ]);
  const codes = knownExchanges.filter(({ route }) => route === '/targets/:target/guard/release').map(({ code }) => code);
  expect([...new Set(codes)]).toEqual([200, 400, 401, 403, 404, 411, 413, 415, 422, 429]);
});

it('that breaks is a 500 problem, not a success', async () => {
  const { server } = await stubApi({
    release: () => {
      throw new Error('guard bug');
    },
  });
  const response = await server.inject({ method: 'POST', url: URL });
  expect([response.statusCode, response.json().type]).toEqual([500, 'urn:chat-probe:problem:internal_error']);
});
