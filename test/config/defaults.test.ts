import { expect, it } from 'vitest';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { BUILT_IN_CONTROLS, BUILT_IN_ENFORCEMENT, BUILT_IN_GUARD, BUILT_IN_OUTAGE } from '../../src/resilience/settings.ts';
import { configFrom, GATEWAY, GATEWAY_ENV, withTarget } from './loading.ts';

const MESSAGE = { text: '[probe]', type: null, visibility: 'VIP', idKeys: ['InteractionId', 'Id'] };
/** The figures are those of docs/configuration.md, which test/documents/ compares. */
const SAFETY = { outage: BUILT_IN_OUTAGE, guard: BUILT_IN_GUARD, controls: BUILT_IN_CONTROLS, enforcement: BUILT_IN_ENFORCEMENT };
const DEMO = {
  name: 'default',
  adapter: { kind: 'simulator', seed: 1 },
  restoreWindowByDefault: true,
  rules: {
    ha: true,
    singleChatServer: true,
    onChatServerDown: 'stop',
    restoreWindowMs: 45_000,
    confirmAfterMs: 1_000,
    onUnrecognised: 'route',
  },
  message: MESSAGE,
  policy: 'inline',
  maxInFlight: 20_000,
  chatServers: ['ChatServer_1', 'ChatServer_2', 'ChatServer_3'],
  // Its world is made up, so there is nothing to prove.
  safety: { ...SAFETY, guard: { ...SAFETY.guard, requireDelivery: false } },
};

it("with nothing set, is the contract's defaults on the simulator", () => {
  expect(configFrom(null)).toEqual({
    server: {
      host: '127.0.0.1',
      port: 8_080,
      callers: [],
      tokenHeader: null,
      tls: null,
      allowAnonymous: false,
      logLevel: 'info',
      statusPage: true,
      drainMs: 62_000,
      maxInFlight: 20_000,
      maxEventLoopDelayMs: 1_000,
      evidence: { maxBytes: 16_777_216, sharedRecords: 20_000 },
      store: null,
      tracing: null,
      maxHeapShare: 0.85,
    },
    targets: new Map([['default', DEMO]]),
    policies: new Map(Object.entries(BUILT_IN_POLICIES)),
    bounds: { deadlineMs: [100, 60_000], attempts: [2, 10] },
    simulatorByDefault: true,
    ignoredVariables: [],
    tracingProblems: [],
  });
});

it("with a gateway's three settings, is the contract's defaults for a gateway", () => {
  expect(configFrom(null, GATEWAY_ENV).targets.get('default')).toEqual({
    name: 'default',
    adapter: {
      kind: 'gateway',
      urls: ['http://gw-1:9190'],
      token: null,
      ca: null,
      identity: null,
      connectTimeoutMs: 700,
      maxConnections: 256,
    },
    restoreWindowByDefault: true,
    rules: {
      ha: true,
      singleChatServer: false,
      onChatServerDown: 'auto',
      restoreWindowMs: 45_000,
      confirmAfterMs: 1_000,
      onUnrecognised: 'route',
    },
    message: MESSAGE,
    policy: 'inline',
    maxInFlight: 20_000,
    chatServers: [],
    safety: SAFETY,
  });
});

it.each(['', '# all commented out\n', 'server:\ntargets:\npolicies:\n', '{}', 'targets: {}'])(
  'takes %j for a file that sets nothing',
  (text) => {
    expect(configFrom(text)).toEqual(configFrom(null));
  },
);

it('calls the simulator named, not a default, once an adapter is named', () => {
  expect(configFrom(null, { CHATPROBE_ADAPTER: 'simulator' }).simulatorByDefault).toBe(false);
  expect(configFrom(withTarget({ adapter: 'simulator' })).simulatorByDefault).toBe(false);
  expect(configFrom(null, { CHATPROBE_HA: 'false' }).simulatorByDefault).toBe(true);
});

it('invents no default target beside those of the file', () => {
  expect([...configFrom({ targets: { east: GATEWAY } }).targets.keys()]).toEqual(['east']);
});

it('gives each of several targets half of all places, unless it says how many', () => {
  const targets = { east: GATEWAY, west: { ...GATEWAY, maxInFlight: 7 } };
  const places = (given: object) => [...configFrom(given).targets.values()].map(({ maxInFlight }) => maxInFlight);
  expect(places({ targets })).toEqual([10_000, 7]);
  expect(places({ targets, server: { maxInFlight: 5 } })).toEqual([3, 7]);
  expect(places({ targets: { east: GATEWAY }, server: { maxInFlight: 5 } })).toEqual([5]);
});

it('drains for the longest permitted deadline and 2 s', () => {
  expect(configFrom({ policies: { slow: { deadlineMs: 90_000 } } }).server.drainMs).toBe(92_000);
  expect(configFrom({ bounds: { deadlineMs: [100, 1_000] } }).server.drainMs).toBe(57_000);
  expect(configFrom({ server: { drainMs: 5 } }).server.drainMs).toBe(5);
});

it('fills a policy from the built-in one of its name, else from inline', () => {
  const { policies } = configFrom({ policies: { ha: { attempts: 4 }, mine: { jitter: 0 }, constructor: { pauseMs: 5 } } });
  expect(policies.get('ha')).toEqual({ ...BUILT_IN_POLICIES.ha, attempts: 4 });
  expect(policies.get('mine')).toEqual({ ...BUILT_IN_POLICIES.inline, jitter: 0 });
  expect(policies.get('constructor')).toEqual({ ...BUILT_IN_POLICIES.inline, pauseMs: 5 });
  expect(policies.get('inline')).toEqual(BUILT_IN_POLICIES.inline);
});

it("reads the whole of the contract's file", () => {
  const config = configFrom(`
server: { host: 127.0.0.1, port: 8080 }
targets:
  default: { adapter: gateway, gateways: [http://gw-1:9190, http://gw-2:9190], ha: true, singleChatServer: false,
             chatServers: [ChatServer_1, ChatServer_2], policy: ha, onChatServerDown: auto, restoreWindowMs: 30000,
             confirmAfterMs: 2000, onUnrecognised: stop,
             message: { text: "[x]", type: chat, visibility: INT, idKeys: [Id] } }
  toString: { adapter: simulator, seed: 7 }
policies: { inline: { attempts: 2 }, ha: { pauseMs: 5000 } }
bounds: { deadlineMs: [200, 50000], attempts: [2, 9] }
`);
  expect(config.targets.get('default')).toMatchObject({
    adapter: { urls: ['http://gw-1:9190', 'http://gw-2:9190'] },
    rules: { restoreWindowMs: 30_000, confirmAfterMs: 2_000, onUnrecognised: 'stop' },
    message: { text: '[x]', type: 'chat', visibility: 'INT', idKeys: ['Id'] },
    policy: 'ha',
    chatServers: ['ChatServer_1', 'ChatServer_2'],
  });
  expect(config.targets.get('toString')).toEqual({
    ...DEMO,
    name: 'toString',
    maxInFlight: 10_000,
    adapter: { kind: 'simulator', seed: 7 },
  });
  expect(config.bounds).toEqual({ deadlineMs: [200, 50_000], attempts: [2, 9] });
});
