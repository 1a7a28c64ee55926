import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECRETS } from '../support/secrets.ts';
import { configFrom, GATEWAY, GATEWAY_ENV, problemsFrom, withTarget } from './loading.ts';

it('reports everything that is wrong in one go, each as the operator wrote it', () => {
  const file = {
    server: { host: '0.0.0.0', port: 70_000 },
    targets: { default: { adapter: 'gateway', gatway: 'x', policy: 'none' }, east: { ...GATEWAY, gateways: ['gw'] } },
    policies: { inline: { attempts: 0 }, slow: { attemptTimeoutMs: 9_000 } },
    bounds: { attempts: [5, 2] },
    extra: 1,
  };
  const problems = problemsFrom(file, { CHATPROBE_PROT: '1', CHATPROBE_MAX_DEADLINE_MS: 'ten', CHATPROBE_GATEWAY_TOKEN_FILE: 'gone' });
  expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'CHATPROBE_PROT',
    'CHATPROBE_MAX_DEADLINE_MS',
    'extra',
    'server.port',
    'targets.default.gatway',
    'policies.inline.attempts',
    'policies.slow.attemptTimeoutMs',
    'bounds.attempts[1]',
    'targets.default.ha (CHATPROBE_HA)',
    'targets.default.policy',
    'targets.default.gateways (CHATPROBE_GATEWAY_URL)',
    'CHATPROBE_GATEWAY_TOKEN_FILE',
    'targets.east.gateways[0]',
    'server.host',
  ]);
});

it('reports more problems of one section than the validator would list', () => {
  const strangers = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`stranger-${index}`, 1]));
  expect(problemsFrom({ server: strangers })).toHaveLength(20);
});

const CONFIG_IS_GONE = `CHATPROBE_CONFIG: names a file that cannot be read: "gone", which is "${resolve('gone')}" (ENOENT, no such file or folder)`;

describe('the file', () => {
  it.each([
    ['duplicate keys', 'server: {}\nserver: {}', 'line 2, column 1: duplicate key'],
    ['broken syntax', 'server: {}\ntargets: [b', 'line 2, column 12: bad indent'],
    ['keys that are no words', '{a: b}: c', 'line 1, column 1: non string key'],
    ['tags of its own', 'server: {}\nx: !secret y', 'line 2, column 4: tag resolve failed'],
    ["tags beyond YAML's core", 'x: !!binary eA==', 'line 1, column 4: tag resolve failed'],
    ['a second document', '---\nserver: {}\n---\nserver: {}', 'line 3, column 1: multiple docs'],
    ['an alias to nothing', 'a: *b', 'an alias leads nowhere, or there are too many of them'],
    ['a list', '- 1', 'names a file that is no mapping of names to settings'],
    ['a word', 'server', 'names a file that is no mapping of names to settings'],
  ])('must not have or be %s', (_, text, problem) => {
    expect(problemsFrom(text)).toEqual([`CHATPROBE_CONFIG: ${problem}`]);
  });

  it('must not be a flood of aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n += 1) lines.push(`a${n}: &a${n} [${Array.from({ length: 9 }, () => `*a${n - 1}`).join(', ')}]`);
    expect(problemsFrom(lines.join('\n'))).toEqual(['CHATPROBE_CONFIG: an alias leads nowhere, or there are too many of them']);
  });

  it('may use an alias', () => {
    const text = 'targets: { a: &a { adapter: gateway, gateways: [http://gw], ha: true }, b: *a }';
    expect([...configFrom(text).targets.keys()]).toEqual(['a', 'b']);
  });

  it('must be there', () => {
    expect(problemsFrom(null, { CHATPROBE_CONFIG: 'gone' })).toEqual([CONFIG_IS_GONE]);
  });

  it.each([
    ['cannot be read', null, 'gone', CONFIG_IS_GONE.slice('CHATPROBE_CONFIG: '.length)],
    ['has broken syntax', 'server: [', 'the-config', 'line 1, column 10: bad indent'],
    ['is no mapping', '- 1', 'the-config', 'names a file that is no mapping of names to settings'],
  ])('that %s hides no problem of the environment', (_, file, path, problem) => {
    const env = {
      CHATPROBE_CONFIG: path,
      CHATPROBE_ADAPTER: 'gatway',
      CHATPROBE_PORT: '70000',
      CHATPROBE_LOG_LEVEL: 'loud',
      CHATPROBE_HA: 'perhaps',
      CHATPROBE_PRT: '1',
      CHATPROBE_GATEWAY_URL: 'gw-1',
      CHATPROBE_API_TOKEN_FILE: 'no-token',
    };
    const problems = problemsFrom(file, env);
    expect(problems[0]).toBe(`CHATPROBE_CONFIG: ${problem}`);
    expect(problems.map((line) => line.slice(0, line.indexOf(':'))).sort()).toEqual([
      'CHATPROBE_ADAPTER',
      'CHATPROBE_API_TOKEN_FILE',
      'CHATPROBE_CONFIG',
      'CHATPROBE_GATEWAY_URL (item 1)',
      'CHATPROBE_HA',
      'CHATPROBE_LOG_LEVEL',
      'CHATPROBE_PORT',
      'CHATPROBE_PRT',
    ]);
  });

  it('that cannot be read may hold whatever is missing, so nothing is called missing', () => {
    const problem = CONFIG_IS_GONE;
    const open = { CHATPROBE_CONFIG: 'gone', CHATPROBE_HOST: '0.0.0.0', CHATPROBE_POLICY: 'patient', NODE_ENV: 'production' };
    expect(problemsFrom(null, open)).toEqual([problem]);
    expect(problemsFrom(null, { ...open, CHATPROBE_ADAPTER: 'gateway' })).toEqual([problem]);
    expect(problemsFrom(null, { ...open, CHATPROBE_GATEWAY_TOKEN: SECRETS.gatewayToken })).toEqual([problem]);
  });

  it("has no merge keys, which are not of YAML's core: they are unknown names", () => {
    const text = 'targets: { a: &a { adapter: gateway, gateways: [http://gw], ha: true }, b: { <<: *a } }';
    expect(problemsFrom(text)[0]).toBe('targets.b."<<": is not known');
  });

  it.each(['server', 'targets', 'policies', 'bounds'])('has a mapping under %s', (section) => {
    expect(problemsFrom({ [section]: 5 }, { CHATPROBE_PORT: '1', CHATPROBE_MAX_ATTEMPTS: '5' })).toEqual([
      `${section}: must be a mapping of names to values`,
    ]);
    expect(problemsFrom({ [section]: [] })).toEqual([`${section}: must be a mapping of names to values`]);
  });
});

describe('a name of a target or policy', () => {
  it.each(['a b', 'ü', 'x'.repeat(65), '__proto__', ''])('cannot be %j', (name) => {
    const text = 'is no name: use 1 to 64 letters, digits, "_", "." or "-", but not __proto__';
    const named = Object.fromEntries([[name, {}]]);
    expect(problemsFrom({ policies: named })).toEqual([expect.stringMatching(/^policies\..*: is no name/)]);
    expect(problemsFrom({ targets: Object.fromEntries([[name, GATEWAY]]) })[0]).toContain(text);
  });

  it('can be what objects have by nature', () => {
    const config = configFrom({ targets: { constructor: { ...GATEWAY, policy: 'toString' } }, policies: { toString: { attempts: 9 } } });
    expect(config.targets.get('constructor')).toMatchObject({ name: 'constructor', policy: 'toString' });
    expect(config.policies.get('toString')).toMatchObject({ attempts: 9 });
  });

  it('with a dot is not taken for a path, so a variable about the default target is not blamed', () => {
    expect(problemsFrom({ targets: { 'default.ha': 5, default: GATEWAY } }, { CHATPROBE_HA: 'true' })[0]).toMatch(
      /^targets\."default\.ha": /,
    );
  });
});

describe('rules over two settings', () => {
  it('an attempt fits into its deadline', () => {
    expect(problemsFrom({ policies: { ha: { deadlineMs: 1_999 } } })).toEqual([
      'policies.ha.attemptTimeoutMs: 2000 ms is longer than policies.ha.deadlineMs (1999 ms)',
    ]);
    expect(problemsFrom({ policies: { ha: { deadlineMs: 2_000 } } })).toEqual([]);
  });

  it('a refused deadline is not compared as well', () => {
    expect(problemsFrom({ policies: { x: { deadlineMs: '60 s', attemptTimeoutMs: 9_000 } } })).toEqual([
      'policies.x.deadlineMs: must be integer',
    ]);
    expect(problemsFrom({ policies: { x: { attemptTimeoutMs: 90_000, deadlineMs: 100 } } })).toEqual([
      'policies.x.attemptTimeoutMs: must be <= 60000',
    ]);
  });

  it('an upper bound is not below its lower bound', () => {
    expect(problemsFrom({ bounds: { attempts: [3, 2] } })).toEqual([
      'bounds.attempts[1]: 2 is below the lower bound, bounds.attempts[0] (3)',
    ]);
    expect(problemsFrom({ bounds: { deadlineMs: [5_000, 60_000] } }, { CHATPROBE_MAX_DEADLINE_MS: '4999' })).toEqual([
      'CHATPROBE_MAX_DEADLINE_MS: 4999 is below the lower bound, bounds.deadlineMs[0] (5000)',
    ]);
    expect(configFrom({ bounds: { attempts: [3, 3] } }).bounds.attempts).toEqual([3, 3]);
  });

  it('a refused bound is not compared as well', () => {
    expect(problemsFrom({ bounds: { attempts: [0, 5], deadlineMs: [100] } })).toEqual([
      'bounds.deadlineMs: must be a list of 2',
      'bounds.attempts[0]: must be >= 1',
    ]);
    expect(problemsFrom({ bounds: { attempts: ['99', 5] } })).toEqual(['bounds.attempts[0]: must be integer']);
    expect(problemsFrom({ bounds: { attempts: [99, 500] } })).toEqual(['bounds.attempts[1]: must be <= 100']);
  });
});

describe('listening', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', '127.example.com', '128.0.0.1', '::ffff:127.0.0.1'])('on %s needs a token', (host) => {
    const named = withTarget({ adapter: 'simulator' });
    expect(problemsFrom(named, { CHATPROBE_HOST: host })).toEqual([expect.stringMatching(/^CHATPROBE_HOST: is beyond loopback/)]);
    expect(problemsFrom({ ...named, server: { host, allowAnonymous: false } })).toEqual([
      expect.stringMatching(/^server\.host: is beyond loopback/),
    ]);
    expect(problemsFrom({ ...named, server: { host, allowAnonymous: true } })).toEqual([]);
    expect(problemsFrom({ ...named, server: { host, apiTokenFile: 'f' } }, {}, { f: 'token' })).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1'])('on %s needs an adapter that is named, whatever token or permission there is', (host) => {
    const missing = (setting: string) =>
      `targets.default.adapter (CHATPROBE_ADAPTER): must be set, to gateway, workflow or simulator, where ${setting} is beyond loopback: made-up verdicts stay on this machine`;
    const open = { CHATPROBE_ALLOW_ANONYMOUS: 'true' };
    expect(problemsFrom(null, { CHATPROBE_HOST: host, ...open })).toEqual([missing('CHATPROBE_HOST')]);
    expect(problemsFrom(null, { CHATPROBE_HOST: host, CHATPROBE_API_TOKEN: 't' })).toEqual([missing('CHATPROBE_HOST')]);
    expect(problemsFrom({ server: { host } }, open)).toEqual([missing('server.host')]);
    expect(problemsFrom(null, { CHATPROBE_HOST: host })).toHaveLength(2);
    expect(problemsFrom(null, { CHATPROBE_HOST: host, CHATPROBE_ADAPTER: 'simulator', ...open })).toEqual([]);
    expect(problemsFrom(null, { CHATPROBE_HOST: host, ...GATEWAY_ENV, ...open })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.255.0.9', '::1', 'localhost', 'LocalHost'])('on %s needs none', (host) => {
    expect(configFrom(null, { CHATPROBE_HOST: host }).server.callers).toEqual([]);
  });

  it('without a token because it was refused is told once', () => {
    expect(problemsFrom(withTarget({ adapter: 'simulator' }), { CHATPROBE_HOST: '0.0.0.0', CHATPROBE_API_TOKEN: 'a b' })).toEqual([
      'CHATPROBE_API_TOKEN: must be visible ASCII characters without white space',
    ]);
  });

  it('does not take brackets or spaces for a host', () => {
    expect(problemsFrom(withTarget(GATEWAY), { ...GATEWAY_ENV, CHATPROBE_HOST: '[::1]' })).toEqual([
      'CHATPROBE_HOST: must be a host name or an IP address without brackets',
    ]);
  });
});
