import { describe, expect, it } from 'vitest';
import { configFrom, problemsFrom } from './loading.ts';

const storeFrom = (env: Readonly<Record<string, string>>) => configFrom(null, env).server.store;
const PLAIN = { host: 'store', port: 6_379, database: 0, username: null, password: null, tls: null, prefix: 'chatprobe' };

describe('the store', () => {
  it('is none unless it is named', () => {
    expect(storeFrom({})).toBeNull();
  });

  it.each([
    ['redis://store', PLAIN],
    ['redis://store:7000/3', { ...PLAIN, port: 7_000, database: 3 }],
    ['redis://me@store/', { ...PLAIN, username: 'me' }],
    ['redis://me:p%40ss@store', { ...PLAIN, username: 'me', password: 'p@ss' }],
    ['redis://:only@store', { ...PLAIN, password: 'only' }],
    ['redis://[::1]:1', { ...PLAIN, host: '::1', port: 1 }],
    ['rediss://store', { ...PLAIN, tls: { ca: null, cert: null, key: null } }],
  ])('%s is read', (url, expected) => {
    expect(storeFrom({ CHATPROBE_STORE_URL: url })).toEqual(expected);
  });

  it('takes its password and prefix from variables', () => {
    const env = { CHATPROBE_STORE_URL: 'redis://me@store', CHATPROBE_STORE_PASSWORD: 'word', CHATPROBE_STORE_PREFIX: 'other' };
    expect(storeFrom(env)).toEqual({ ...PLAIN, username: 'me', password: 'word', prefix: 'other' });
  });

  it.each([
    ['another scheme', { CHATPROBE_STORE_URL: 'http://store' }],
    ['no host', { CHATPROBE_STORE_URL: 'redis://' }],
    ['a query', { CHATPROBE_STORE_URL: 'redis://store/0?x=secret' }],
    ['a database that is none', { CHATPROBE_STORE_URL: 'redis://store/secret' }],
    ['a bad encoding', { CHATPROBE_STORE_URL: 'redis://me:%zzsecret@store' }],
    ['two passwords', { CHATPROBE_STORE_URL: 'redis://me:secret@store', CHATPROBE_STORE_PASSWORD: 'secret' }],
    ['a password without a store', { CHATPROBE_STORE_PASSWORD: 'secret' }],
  ])('%s is refused, without a word of it', (_what, env) => {
    const problems = problemsFrom(null, env);
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('secret');
  });

  it('has no password in the file, where others read', () => {
    expect(problemsFrom('server: { store: { url: "redis://me:secret@store" } }', {})).toEqual([
      'server.store.url: must not carry a password here: use server.store.passwordFile or the environment',
    ]);
  });
});
