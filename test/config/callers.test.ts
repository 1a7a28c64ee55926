import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificatesOf, certificateWarnings } from '../../src/config/certificates.ts';
import { deriveKey, hashSecret, keyIdOf, parseSecretHash } from '../../src/config/secret-hash.ts';
import { describeConfig } from '../../src/config/summary.ts';
import { plant } from '../support/secrets.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { configFrom, GATEWAY, problemsFrom, withTarget } from './loading.ts';

const HASH = plant('$scrypt$ln=15,r=8,p=1$c29tZXNhbHRzb21lc2FsdA$lAIlq1h7MPO9FXnLuCIjUuCO4hN4cRf5QQJJRYxv1Xs');

const file = (callers: unknown, rest: object = {}) => ({ server: { callers, ...rest } });

describe('callers of the file', () => {
  it('have a name, scopes and all the secrets of their files, hashes among them', () => {
    const callers = { workflow: { scopes: ['probe'], secretFiles: ['f', 'g'], secretHashes: [HASH.replace('ln=15', 'ln=14')] } };
    const [workflow, ...others] = configFrom(file(callers), {}, { f: 'one\r\n\n two \n', g: `${HASH}\nthree` }).server.callers;
    expect(others).toEqual([]);
    expect(workflow).toMatchObject({ name: 'workflow', scopes: ['probe'], secrets: ['one', 'two', 'three'] });
    expect(workflow?.hashes.map(({ cost }) => cost.ln)).toEqual([15, 14]);
  });

  it('stand beside those of the tokens', () => {
    const env = { CHATPROBE_API_TOKEN: 'a', CHATPROBE_OPS_TOKEN_FILE: 'f' };
    const callers = configFrom(file({ dashboard: { scopes: ['metrics'], secretFiles: ['g'] } }), env, { f: 'b\nc', g: 'd' }).server.callers;
    expect(callers.map(({ name, scopes, secrets }) => [name, ...scopes, ...secrets])).toEqual([
      ['default', 'probe', 'a'],
      ['ops', 'ops', 'b', 'c'],
      ['dashboard', 'metrics', 'd'],
    ]);
  });

  const secret = { secretFiles: ['f'] };
  it.each<[string, unknown, object, string[]]>([
    ['no scope', { w: { scopes: [], ...secret } }, {}, ['server.callers.w.scopes: ']],
    ['an unknown scope', { w: { scopes: ['admin'], ...secret } }, {}, ['server.callers.w.scopes[0]: must be one of probe, ops, metrics']],
    ['no secret', { w: { scopes: ['probe'] } }, {}, ['server.callers.w: has no secret: set secretFiles or secretHashes']],
    ['an unknown setting', { w: { scopes: ['probe'], ...secret, secret: 'x' } }, {}, ['server.callers.w.secret: is not known']],
    [
      'a file that is not there',
      { w: { scopes: ['probe'], secretFiles: ['gone'] } },
      {},
      ['server.callers.w.secretFiles[0]: names a file that cannot be read'],
    ],
    ['an empty file', { w: { scopes: ['probe'], secretFiles: ['empty'] } }, {}, ['server.callers.w.secretFiles[0]: names an empty file']],
    [
      'a bad line',
      { w: { scopes: ['probe'], secretFiles: ['bad'] } },
      {},
      ['server.callers.w.secretFiles[0]: names a file with white space'],
    ],
    [
      'a secret in place of a hash',
      { w: { scopes: ['probe'], secretHashes: ['s3cret'] } },
      {},
      ['server.callers.w.secretHashes[0]: holds what is no hash'],
    ],
    [
      'a bad hash in a file',
      { w: { scopes: ['probe'], secretFiles: ['badhash'] } },
      {},
      ['server.callers.w.secretFiles[0]: holds what is no hash'],
    ],
    ['a reserved name', { unknown: { scopes: ['probe'], ...secret } }, {}, ['server.callers.unknown: is a name that log and metrics have']],
    [
      'a name that is taken',
      { default: { scopes: ['probe'], ...secret } },
      { apiTokenFile: 'g' },
      ['server.callers.default: is what server.apiTokenFile calls'],
    ],
    [
      'a secret of two',
      { v: { scopes: ['ops'], ...secret }, w: { scopes: ['probe'], ...secret } },
      {},
      ['server.callers.w: has a secret that v has too'],
    ],
    ['too many hashes', { w: { scopes: ['probe'], secretFiles: ['many'] } }, {}, ['server.callers: have 17 hashes, more than 8']],
    ['a header that HTTP uses', {}, { tokenHeader: 'authorization' }, ['server.tokenHeader: must be a header name']],
  ])('with %s are refused, and nothing of a secret is told', (_what, callers, rest, expected) => {
    const many = Array.from({ length: 17 }, (_, n) => HASH.replace('c29t', `c${n + 10}t`)).join('\n');
    const files = { f: 's3cret-f', g: 's3cret-g', empty: '\n', bad: 's3cret with blanks', badhash: '$scrypt$s3cret', many };
    const problems = problemsFrom(file(callers, rest), {}, files);
    expect(problems).toHaveLength(expected.length);
    for (const [index, begin] of expected.entries()) expect(problems[index]).toContain(begin);
    expect(problems.join('\n')).not.toContain('s3cret');
  });

  it('let the service listen beyond loopback, if one of them may ask', () => {
    const beyond = (scopes: string[]) =>
      problemsFrom({ ...file({ w: { scopes, secretFiles: ['f'] } }, { host: '0.0.0.0' }), ...withTarget(GATEWAY) }, {}, { f: 'x' });
    expect(beyond(['probe'])).toEqual([]);
    expect(beyond(['ops', 'metrics'])).toEqual([expect.stringMatching(/^server\.host: is beyond loopback/)]);
  });

  it('are shown by --check-config with the number of their secrets, and no secret', () => {
    const callers = { workflow: { scopes: ['probe', 'ops'], secretFiles: ['f'], secretHashes: [HASH] } };
    const lines = describeConfig(configFrom(file(callers, { tokenHeader: 'x-api-key' }), {}, { f: 'planted-1\nplanted-2' }));
    expect(lines).toContain('caller workflow: scopes probe, ops; secrets: 2, hashes: 1');
    expect(lines.join('\n')).toContain('server.tokenHeader "x-api-key"');
    expect(lines.join('\n')).not.toMatch(/planted|scrypt/);
  });
});

describe('a hash', () => {
  it('fits the secret that it was made of, and no other', async () => {
    const hash = parseSecretHash(await hashSecret('s3cret'));
    if (hash === null) throw new Error('not a hash');
    expect(Buffer.from(await deriveKey('s3cret', hash))).toEqual(hash.key);
  });

  it.each([
    ['64 hexadecimal digits', randomBytes(32).toString('hex'), true],
    ['48 of them', randomBytes(24).toString('hex').toUpperCase(), true],
    ['47 of them', randomBytes(24).toString('hex').slice(1), false],
    ['a long sentence', 'correct-horse-battery-staple-and-more-of-such-words', false],
  ])('of %s tells by a keyid what cannot be its secret, only where that can be spared', async (_what, secret, has) => {
    const text = await hashSecret(secret);
    const hash = parseSecretHash(text);
    if (hash === null) throw new Error('not a hash');
    expect(text.includes(',keyid=')).toBe(has);
    expect(hash.keyId).toBe(has ? keyIdOf(secret, hash.salt) : null);
    expect(keyIdOf(secret.replace(/.$/, '!'), hash.salt)).not.toBe(hash.keyId);
    expect(Buffer.from(await deriveKey(secret, hash))).toEqual(hash.key);
  });

  it('does not fit another secret', async () => {
    const cheap = parseSecretHash(HASH.replace('ln=15', 'ln=10'));
    if (cheap === null) throw new Error('not a hash');
    expect(await deriveKey('s3cret', cheap)).not.toEqual(await deriveKey('s3cres', cheap));
  });

  it('is that of RFC 7914, so that other tools can make it', async () => {
    const salt = Buffer.from('SodiumChloride').toString('base64').replace(/=/g, '');
    const hash = parseSecretHash(`$scrypt$ln=14,r=8,p=1$${salt}$${'A'.repeat(86)}`);
    if (hash === null) throw new Error('not a hash');
    expect(Buffer.from(await deriveKey('pleaseletmein', hash)).toString('hex')).toMatch(
      /^7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2/,
    );
  });

  it.each([
    ['another scheme', HASH.replace('scrypt', 'argon2id')],
    ['too cheap', HASH.replace('ln=15', 'ln=9')],
    ['too dear', HASH.replace('ln=15', 'ln=18')],
    ['too dear by blocks', HASH.replace('r=8', 'r=99')],
    ['a short key', '$scrypt$ln=15,r=8,p=1$c29tZXNhbHRzb21lc2FsdA$lAIl'],
    ['a keyid that is none', HASH.replace('p=1', 'p=1,keyid=abc')],
    ['no salt', HASH.replace('c29tZXNhbHRzb21lc2FsdA', '')],
    ['a digest', createHash('sha256').update('x').digest('hex')],
  ])('is none with %s', (_what, text) => expect(parseSecretHash(text)).toBeNull());
});

describe('certificates', () => {
  const one = selfSignedCertificate('127.0.0.1');
  const other = selfSignedCertificate('127.0.0.1');
  const old = selfSignedCertificate('127.0.0.1', { until: '2021-01-01' });
  const young = selfSignedCertificate('127.0.0.1', { from: '2048-01-01' });
  const files = {
    cert: one.cert,
    key: one.key,
    otherkey: other.key,
    text: 'no PEM',
    secret: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n',
  };
  const tls = (settings: object) => problemsFrom({ server: { tls: settings } }, {}, files);
  const gateway = (settings: object) => problemsFrom(withTarget({ ...GATEWAY, ...settings }), {}, files);

  it.each<[string, object, string]>([
    ['the key of another', { certFile: 'cert', keyFile: 'otherkey' }, 'keyFile: names a file with the key of another certificate'],
    ['an encrypted key', { certFile: 'cert', keyFile: 'secret' }, 'keyFile: names a file with an encrypted key'],
    ['no key in the file', { certFile: 'cert', keyFile: 'text' }, 'keyFile: names a file without a private key in PEM that can be read'],
    ['no certificate in the file', { certFile: 'text', keyFile: 'key' }, 'certFile: names a file without a certificate in PEM'],
    ['a key that is not there', { certFile: 'cert', keyFile: 'gone' }, 'keyFile: names a file that cannot be read'],
    ['no key', { certFile: 'cert' }, 'keyFile: must be set where'],
    ['no certificate', { keyFile: 'key' }, 'certFile: must be set where'],
  ])('with %s are refused, of listener and gateway alike', (_what, settings, problem) => {
    expect(tls(settings)).toEqual([expect.stringContaining(`server.tls.${problem}`)]);
    expect(gateway(settings)).toEqual([expect.stringContaining(`targets.default.${problem}`)]);
  });

  it('of callers are for TLS', () => {
    expect(tls({ clientCaFile: 'cert' })).toEqual([expect.stringContaining('server.tls.clientCaFile: is for TLS')]);
    expect(tls({ clientCaFile: 'text', certFile: 'cert', keyFile: 'key' })).toEqual([
      expect.stringContaining('without a certificate in PEM'),
    ]);
    expect(tls({ clientCaFile: 'cert', certFile: 'cert', keyFile: 'key' })).toEqual([]);
  });

  it.each([
    ['expired', old, /^CERTIFICATE EXPIRED: the certificate of server\.tls\.certFile was valid until 2021-01-01/],
    ['not yet valid', young, /^CERTIFICATE NOT YET VALID: the certificate of server\.tls\.certFile is valid from 2048-01-01/],
  ])('that are %s are warned of, and the service starts', (_what, { cert, key }, warning) => {
    const config = configFrom({ server: { tls: { certFile: 'cert', keyFile: 'key' } } }, {}, { cert, key });
    expect(certificateWarnings(certificatesOf(config), Date.UTC(2026, 10, 27))).toEqual([expect.stringMatching(warning)]);
  });

  it('are each named by their use and target, the first of a file to expire counts', () => {
    const target = { ...GATEWAY, caFile: 'two', certFile: 'cert', keyFile: 'key' };
    const tlsFiles = { certFile: 'cert', keyFile: 'key' };
    const server = { tls: { ...tlsFiles, clientCaFile: 'cert' }, store: { ...tlsFiles, url: 'rediss://store', caFile: 'two' } };
    const config = configFrom({ server, ...withTarget(target) }, {}, { ...files, two: one.cert + old.cert });
    const until = { one: Date.UTC(2099, 0, 1), old: Date.UTC(2021, 0, 1) };
    expect(certificatesOf(config).map(({ use, target: of, untilMs }) => [use, of, untilMs])).toEqual([
      ['listener', '', until.one],
      ['listener_ca', '', until.one],
      ['store', '', until.one],
      ['store_ca', '', until.old],
      ['gateway', 'default', until.one],
      ['gateway_ca', 'default', until.old],
    ]);
    expect(describeConfig(config).join('\n')).toMatch(/TLS from TLSv1.2, every connection needs a certificate/);
    expect(describeConfig(config).join('\n')).toContain('with a certificate, own certificate authority');
    expect(describeConfig(config).join('\n')).not.toContain('BEGIN');
  });
});
