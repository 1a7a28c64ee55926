import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile } from '../../src/process/read-text-file.ts';
import { SECRETS } from '../support/secrets.ts';
import { configFrom, GATEWAY, GATEWAY_ENV, problemsFrom, withTarget } from './loading.ts';

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUHKQe5tx0iqfHXAo/JgtaCdYLrdYwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjMxNDQ0NDZaFw0zNjExMjAxNDQ0NDZa
MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATxkYe8
TzA8sxJf+eJRigZ3W2KZkSXv0E6rhXH/k1Ca8VhjPB1CBR3pBSF8X0w/d0toPR8a
ieXXnfIfHAJWWGbro1MwUTAdBgNVHQ4EFgQUZsIVyeGELGrDphhMO8NY2xbxtaAw
HwYDVR0jBBgwFoAUZsIVyeGELGrDphhMO8NY2xbxtaAwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEAr0ULLS8pFT3Q+NwYR9iZNaG6f5eXo+BRF+ix
5xn/1R8CIGh1zncCz9oS7UdTAZiCkCNmCYrs24DN7abGpNz0SK+i
-----END CERTIFICATE-----`;

/** The secrets of the caller `default`. */
function apiSecrets(...given: Parameters<typeof configFrom>): readonly string[] | undefined {
  return configFrom(...given).server.callers.find(({ name }) => name === 'default')?.secrets;
}

/** Token of the default target's gateway. */
function gatewayToken(...given: Parameters<typeof configFrom>): string | null {
  const adapter = configFrom(...given).targets.get('default')!.adapter;
  return adapter.kind === 'gateway' ? adapter.token : null;
}

describe('a token', () => {
  it('comes from a file without the white space around it', () => {
    expect(apiSecrets(null, { CHATPROBE_API_TOKEN_FILE: 'f' }, { f: `\uFEFF ${SECRETS.apiToken}\r\n` })).toEqual([SECRETS.apiToken]);
    expect(gatewayToken(withTarget({ ...GATEWAY, tokenFile: 'f' }), {}, { f: `${SECRETS.gatewayToken}\n` })).toBe(SECRETS.gatewayToken);
  });

  it('from the environment wins over the file that the configuration file names', () => {
    expect(gatewayToken(withTarget({ ...GATEWAY, tokenFile: 'gone' }), { CHATPROBE_GATEWAY_TOKEN: 't' })).toBe('t');
  });

  it('is not given in two ways by the environment', () => {
    const env = { CHATPROBE_API_TOKEN: 'a', CHATPROBE_API_TOKEN_FILE: 'f' };
    expect(problemsFrom(null, env, { f: 'b' })).toEqual([
      'CHATPROBE_API_TOKEN: is set together with CHATPROBE_API_TOKEN_FILE; set one of them',
    ]);
  });

  it('is looked for beside the configuration file that names it, and by variables from the working directory on', () => {
    const file = { server: { apiTokenFile: 'secrets/api' }, ...withTarget({ ...GATEWAY, tokenFile: '/run/gateway', caFile: '../ca' }) };
    const env = { CHATPROBE_CONFIG: '/etc/chat-probe/config.yaml' };
    const files = {
      '/etc/chat-probe/config.yaml': stringify(file),
      '/etc/chat-probe/secrets/api': SECRETS.apiToken,
      '/run/gateway': SECRETS.gatewayToken,
      '/etc/ca': CERTIFICATE,
    };
    expect(apiSecrets(null, env, files)).toEqual([SECRETS.apiToken]);
    expect(configFrom(null, env, files).targets.get('default')!.adapter).toMatchObject({ token: SECRETS.gatewayToken, ca: CERTIFICATE });
    expect(apiSecrets(null, { ...env, CHATPROBE_API_TOKEN_FILE: 'here' }, { ...files, here: SECRETS.newToken })).toEqual([
      SECRETS.newToken,
    ]);
  });

  it('is not taken from the configuration file itself', () => {
    expect(
      problemsFrom({ server: { apiToken: SECRETS.apiToken }, targets: { default: { ...GATEWAY, token: SECRETS.gatewayToken } } }),
    ).toEqual([
      'server.apiToken: is a secret and not taken from here: use server.apiTokenFile or the environment',
      'targets.default.token: is a secret and not taken from here: use targets.default.tokenFile or the environment',
    ]);
  });

  it.each([
    ['', 'names an empty file'],
    [' \n', 'names an empty file'],
    ['a b', 'names a file with white space, control or non-ASCII characters inside the secret'],
    ['a\u0000b', 'names a file with white space, control or non-ASCII characters inside the secret'],
    ['tökn', 'names a file with white space, control or non-ASCII characters inside the secret'],
  ])('cannot be %j in a file', (text, problem) => {
    const env = { CHATPROBE_ADAPTER: 'simulator', CHATPROBE_HOST: '0.0.0.0', CHATPROBE_API_TOKEN_FILE: 'f' };
    expect(problemsFrom(null, env, { f: text })).toEqual([`CHATPROBE_API_TOKEN_FILE: ${problem}: "f", which is "${resolve('f')}"`]);
  });

  it.each(['a b', 'a\tb', 'tökn', ' t', 't\n'])('cannot be %j in the environment', (token) => {
    expect(problemsFrom(null, { ...GATEWAY_ENV, CHATPROBE_GATEWAY_TOKEN: token })).toEqual([
      'CHATPROBE_GATEWAY_TOKEN: must be visible ASCII characters without white space',
    ]);
  });
});

describe('certificates', () => {
  const CA = withTarget({ ...GATEWAY, caFile: 'ca' });
  it('are taken as PEM, one or more', () => {
    const pem = `# ours\n${CERTIFICATE}\n${CERTIFICATE}`;
    expect(configFrom(CA, {}, { ca: `${pem}\n` }).targets.get('default')!.adapter).toMatchObject({ ca: pem });
  });

  it.each([
    ['hello', 'names a file without a certificate in PEM'],
    [CERTIFICATE.replace('MIIB', 'AAAA'), 'names a file with a certificate that cannot be read'],
    [`${CERTIFICATE}\n${CERTIFICATE.replace('MIIB', 'AAAA')}`, 'names a file with a certificate that cannot be read'],
  ])('cannot be %j', (text, problem) => {
    expect(problemsFrom(CA, {}, { ca: text })).toEqual([`targets.default.caFile: ${problem}: "ca", which is "${resolve('ca')}"`]);
    expect(problemsFrom(null, { ...GATEWAY_ENV, CHATPROBE_GATEWAY_CA_FILE: 'ca' }, { ca: text })).toEqual([
      `CHATPROBE_GATEWAY_CA_FILE: ${problem}: "ca", which is "${resolve('ca')}"`,
    ]);
  });
});

describe('a file that cannot be read', () => {
  it('is told whole: which setting names it, as what, where it was looked for, and why it cannot be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'tls'));
    const file = { server: { apiTokenFile: 'secrets/api-token' }, ...withTarget({ ...GATEWAY, tokenFile: 'tls', caFile: '../gone.pem' }) };
    writeFileSync(join(folder, 'config.yaml'), stringify(file));
    const loaded = loadConfig({ CHATPROBE_CONFIG: join(folder, 'config.yaml') }, readTextFile);
    expect(loaded.ok ? [] : [...loaded.problems].sort()).toEqual([
      `server.apiTokenFile: names a file that cannot be read: "secrets/api-token", which is "${join(folder, 'secrets/api-token')}" (ENOENT, no such file or folder)`,
      `targets.default.caFile: names a file that cannot be read: "../gone.pem", which is "${join(folder, '../gone.pem')}" (ENOENT, no such file or folder)`,
      `targets.default.tokenFile: names a file that cannot be read: "tls", which is "${join(folder, 'tls')}" (EISDIR, it is a folder)`,
    ]);
  });

  it('is looked for from the working directory on where a variable names it, and told once where its path is whole', () => {
    const env = { ...GATEWAY_ENV, CHATPROBE_API_TOKEN_FILE: 'secrets/api-token', CHATPROBE_GATEWAY_CA_FILE: '/etc/gone.pem' };
    expect([...problemsFrom(null, env)].sort()).toEqual([
      `CHATPROBE_API_TOKEN_FILE: names a file that cannot be read: "secrets/api-token", which is "${resolve('secrets/api-token')}" (ENOENT, no such file or folder)`,
      'CHATPROBE_GATEWAY_CA_FILE: names a file that cannot be read: "/etc/gone.pem" (ENOENT, no such file or folder)',
    ]);
  });

  it.each(['gone', 'gateway-token', 'token.txt', './gw2', 'a/very-long-name-of-a-folder/without-digits', '/run/secrets/api_token_2026'])(
    'is shown by its path where that looks like one: %s',
    (path) => {
      expect(problemsFrom(withTarget({ ...GATEWAY, tokenFile: path })).join()).toContain(JSON.stringify(path));
    },
  );

  it.each(['correcthorse', 'a1b2c3d4e5', '3f2c9a61-77aa', 'Zm9v/YmFy+w==', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln'])(
    'shows only its folder where the secret itself may stand in place of a path: %s',
    (secret) => {
      const text = problemsFrom(withTarget({ ...GATEWAY, tokenFile: secret })).join();
      expect(text).toContain('its name is not shown, since it may be a secret, looked for in');
      expect(text).not.toContain(secret);
    },
  );
});

/** Ways in which a secret gets where it cannot stay. Each is a problem. */
const MISPLACED: Readonly<Record<string, (secret: string) => readonly string[]>> = {
  'bad characters in the environment': (secret) => problemsFrom(null, { CHATPROBE_API_TOKEN: `${secret} x` }),
  'bad characters in a file': (secret) => problemsFrom(null, { CHATPROBE_API_TOKEN_FILE: 'f' }, { f: `${secret} x` }),
  'instead of its file': (secret) => problemsFrom(null, { CHATPROBE_API_TOKEN_FILE: secret }),
  'in an unknown variable': (secret) => problemsFrom(null, { CHATPROBE_API_TOKN: secret }),
  'in each variable': (secret) =>
    ['PORT', 'ADAPTER', 'GATEWAY_URL', 'HA', 'POLICY', 'VISIBILITY', 'LOG_LEVEL', 'CONFIG'].flatMap((name) => {
      const problems = problemsFrom(null, { [`CHATPROBE_${name}`]: secret });
      expect(problems, name).not.toEqual([]);
      return problems;
    }),
  'given twice': (secret) => problemsFrom(null, { CHATPROBE_API_TOKEN: secret, CHATPROBE_API_TOKEN_FILE: 'f' }, { f: secret }),
  'in a URL': (secret) => problemsFrom(withTarget({ ...GATEWAY, gateways: [`http://user:${secret}@gw`] })),
  'in a URL of the environment': (secret) => problemsFrom(null, { ...GATEWAY_ENV, CHATPROBE_GATEWAY_URL: `http://${secret}@gw?${secret}` }),
  'in the query of a URL': (secret) => problemsFrom(withTarget({ ...GATEWAY, gateways: [`http://gw/?token=${secret}`] })),
  'in the file': (secret) => problemsFrom(withTarget({ ...GATEWAY, token: secret })),
  'under an unknown key': (secret) => problemsFrom({ secret: { token: secret } }),
  'as a value of the wrong type': (secret) => problemsFrom({ server: secret, targets: { default: { ...GATEWAY, ha: secret } } }),
  'beside broken YAML': (secret) => problemsFrom(`server: "${secret}" ${secret}\nx: @${secret}\ny: *${secret}`),
  'under a tag': (secret) => problemsFrom(`server: !${secret} x`),
  'behind an alias': (secret) => problemsFrom(`server: *${secret}`),
  'in a broken certificate': (secret) => problemsFrom(withTarget({ ...GATEWAY, caFile: 'f' }), {}, { f: secret }),
};

it.each(Object.entries(MISPLACED))('tells of a secret %s without telling it', (_, misplace) => {
  fc.assert(
    fc.property(fc.stringMatching(/^zq[a-z0-9]{8,20}$/), (secret) => {
      const problems = misplace(secret);
      expect(problems).not.toEqual([]);
      expect(problems.join('\n')).not.toContain(secret);
    }),
    { numRuns: 20 },
  );
});

it('a secret in place of the name of a setting is not shown, the name of a target or a policy is', () => {
  const secret = SECRETS.misplaced;
  const problems = problemsFrom({
    server: { [secret]: 'x', apiTokn: 'x' },
    targets: { ContactCentre1Europe2West: { adapter: 'simulator', seed: -1, [secret]: { x: 1 } } },
    policies: { Long1Policy2Of3The4Site5: { attempts: 0 } },
  });
  expect(problems.join('\n')).not.toContain('Misplaced9');
  expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
    'server."(not shown, since it may be a secret)"',
    'server.apiTokn',
    'targets.ContactCentre1Europe2West."(not shown, since it may be a secret)"',
    'targets.ContactCentre1Europe2West.seed',
    'policies.Long1Policy2Of3The4Site5.attempts',
  ]);
});
