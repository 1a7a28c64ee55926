import { describe, expect, it } from 'vitest';
import { configFrom, GATEWAY, GATEWAY_ENV, problemsFrom, withTarget } from './loading.ts';

describe('the adapter', () => {
  it('must be named in production', () => {
    expect(problemsFrom(null, { NODE_ENV: 'production' })).toEqual([
      'targets.default.adapter (CHATPROBE_ADAPTER): must be set, to gateway, workflow or simulator, where NODE_ENV is production',
    ]);
    expect(problemsFrom(null, { NODE_ENV: 'production', CHATPROBE_ADAPTER: 'simulator' })).toEqual([]);
    expect(problemsFrom({ targets: { east: GATEWAY } }, { NODE_ENV: 'production' })).toEqual([]);
  });

  it('must be named for every target once the file names one, so that none is on the simulator unseen', () => {
    const text = 'must be set, to gateway, workflow or simulator, where the file names targets';
    expect(problemsFrom({ targets: { east: GATEWAY, west: null } })).toEqual([`targets.west.adapter: ${text}`]);
    expect(problemsFrom({ targets: { east: GATEWAY } }, { CHATPROBE_POLICY: 'ha' })).toEqual([
      `targets.default.adapter (CHATPROBE_ADAPTER): ${text}`,
    ]);
  });

  it('must be named where a gateway is described', () => {
    const { CHATPROBE_ADAPTER: _, ...unnamed } = GATEWAY_ENV;
    expect(problemsFrom(null, unnamed)).toEqual([
      'targets.default.adapter (CHATPROBE_ADAPTER): must be set, to gateway, workflow or simulator, where settings for a gateway are given',
    ]);
  });

  it('must be one there is, and the rest is still checked', () => {
    expect(problemsFrom(withTarget({ ...GATEWAY, adapter: 'gatway', ha: 'yes' }))).toEqual([
      'targets.default.adapter: must be simulator, gateway or workflow',
      'targets.default.ha: must be boolean',
    ]);
  });

  it.each([
    ['gateways', ['http://gw']],
    ['tokenFile', 'x'],
    ['caFile', 'x'],
    ['connectTimeoutMs', 100],
    ['maxConnections', 1],
  ])('of a simulator has no %s', (setting, value) => {
    expect(problemsFrom(withTarget({ adapter: 'simulator', [setting]: value }))).toEqual([
      `targets.default.${setting}: is for a gateway target only: set targets.default.adapter (CHATPROBE_ADAPTER) to gateway or leave this out`,
    ]);
  });

  it('of a simulator has no token from the environment', () => {
    expect(problemsFrom(null, { CHATPROBE_ADAPTER: 'simulator', CHATPROBE_GATEWAY_TOKEN: 'x' })[0]).toMatch(
      /^CHATPROBE_GATEWAY_TOKEN: is for/,
    );
  });

  it('of a gateway has no seed', () => {
    expect(problemsFrom({ targets: { east: { ...GATEWAY, seed: 1 } } })).toEqual([
      'targets.east.seed: is for a simulator target only: set targets.east.adapter to simulator or leave this out',
    ]);
  });
});

it('asks for ha on a gateway and says how both wrong guesses hurt', () => {
  const { ha: _, ...silent } = GATEWAY;
  const [problem, ...others] = problemsFrom(withTarget(silent));
  expect(others).toEqual([]);
  expect(problem).toMatch(/^targets\.default\.ha \(CHATPROBE_HA\): must be set to true or false.*routes dead chats.*stops chats/);
});

it('keeps to one problem where ha is given and wrong', () => {
  expect(problemsFrom(withTarget({ ...GATEWAY, ha: 1 }))).toEqual(['targets.default.ha: must be boolean']);
  expect(problemsFrom(null, { ...GATEWAY_ENV, CHATPROBE_HA: 'no' })).toEqual(['CHATPROBE_HA: must be true or false']);
});

it.each(['nightly', 'constructor', 'toString'])('refuses the policy %s that nothing defines', (policy) => {
  expect(problemsFrom(withTarget({ ...GATEWAY, policy }))).toEqual(['targets.default.policy: names no policy; there are inline, ha']);
  expect(problemsFrom(null, { CHATPROBE_POLICY: policy })).toEqual(['CHATPROBE_POLICY: names no policy; there are inline, ha']);
  expect(problemsFrom({ ...withTarget({ ...GATEWAY, policy }), policies: { [policy]: {} } })).toEqual([]);
});

describe('gateway URLs', () => {
  const WORDS = 'must be a URL that begins with http:// or https://';
  it.each([
    ['gw:9190', WORDS],
    ['ftp://gw', WORDS],
    ['http:gw', WORDS],
    ['http:///gw', WORDS],
    ['http://gw:99999', WORDS],
    ['http://gw /x', WORDS],
    ['http://gw\\x', WORDS],
    ['', WORDS],
    ['http://user@gw', 'must not carry a user or password; use tokenFile or CHATPROBE_GATEWAY_TOKEN'],
    ['https://user:pass@gw', 'must not carry a user or password; use tokenFile or CHATPROBE_GATEWAY_TOKEN'],
    ['http://gw/?', 'must not have a query ("?")'],
    ['http://gw#x', 'must not have a fragment ("#")'],
  ])('refuse %j', (url, text) => {
    expect(problemsFrom(withTarget({ ...GATEWAY, gateways: ['http://ok', url] }))).toEqual([`targets.default.gateways[1]: ${text}`]);
  });

  it('lose the slashes at their end and keep their path', () => {
    const { targets } = configFrom(withTarget({ ...GATEWAY, gateways: ['HTTP://GW:80//', 'https://[::1]:1/a/b/', 'http://gw/@x'] }));
    expect(targets.get('default')!.adapter).toMatchObject({ urls: ['http://gw', 'https://[::1]:1/a/b', 'http://gw/@x'] });
  });

  it('refuse the same gateway twice, however it is written', () => {
    expect(problemsFrom(null, { ...GATEWAY_ENV, CHATPROBE_GATEWAY_URL: 'http://gw,http://GW:80/' })).toEqual([
      'CHATPROBE_GATEWAY_URL (item 2): is the same gateway as one before it',
    ]);
  });

  it.each([{ gateways: [] }, { gateways: undefined }])('are at least one: %j', (given) => {
    expect(problemsFrom(withTarget({ ...GATEWAY, ...given }))).toEqual([
      'targets.default.gateways (CHATPROBE_GATEWAY_URL): must name at least one gateway URL',
    ]);
  });

  it('are a list, and a wrong one is not called empty as well', () => {
    expect(problemsFrom(withTarget({ ...GATEWAY, gateways: 'http://gw' }))).toEqual(['targets.default.gateways: must be array']);
    expect(problemsFrom(withTarget({ ...GATEWAY, gateways: [5] }))).toEqual([
      'targets.default.gateways[0]: must be text, and is a number: put it in quotes',
    ]);
  });
});

it.each([
  [{ text: '' }, 'text: must not be empty'],
  [{ type: '' }, 'type: must not have fewer than 1 characters'],
  [{ idKeys: ['Id', 'InteractionId', 'Id'] }, 'idKeys: must not have duplicate items'],
  [{ idKeys: [] }, 'idKeys: must not have fewer than 1 items'],
  [{ idKeys: ['__proto__'] }, 'idKeys[0]: must be 1 to 64 visible ASCII characters'],
])('refuses the message %j', (message, problem) => {
  expect(problemsFrom(withTarget({ ...GATEWAY, message }))).toEqual([`targets.default.message.${problem}`]);
});

it('keeps the time between the two answers of a stop within 0 and 60000', () => {
  for (const confirmAfterMs of [0, 60_000])
    expect(configFrom(withTarget({ ...GATEWAY, confirmAfterMs })).targets.get('default')!.rules).toMatchObject({ confirmAfterMs });
  expect(problemsFrom(withTarget({ ...GATEWAY, confirmAfterMs: -1 }))).toEqual(['targets.default.confirmAfterMs: must be >= 0']);
  expect(problemsFrom(withTarget({ ...GATEWAY, confirmAfterMs: 60_001 }))).toEqual(['targets.default.confirmAfterMs: must be <= 60000']);
});
