import { expect, it } from 'vitest';
import { configWarnings, DANGERS } from '../../src/config/warnings.ts';
import { GATEWAY as BARE_GATEWAY, configFrom, GATEWAY_ENV } from './loading.ts';

/** With what a site must say for itself. */
const GATEWAY = { ...BARE_GATEWAY, restoreWindowMs: 300_000 };

type Given = Parameters<typeof configFrom>;
const warningsOf = (...given: Given) => configWarnings(configFrom(...given));
/** Each warning's title with the targets it is about. */
const told = (...given: Given) => warningsOf(...given).map(({ targets, text }) => [text.split(':')[0], ...targets]);

/** A target `west` that is set up so, beside a harmless one. */
const west = (settings: object, others: object = {}): Given => [
  { targets: { default: GATEWAY, west: { ...GATEWAY, ...settings } }, ...others },
];
/** A target `west` whose workflows send by themselves. */
const sending = (patterns: object): Given => [
  { targets: { default: GATEWAY, west: { adapter: 'workflow', ha: true, restoreWindowMs: 300_000, patterns } } },
];
const hasty = (policy: object, settings: object = {}): Given => west({ policy: 'hasty', ...settings }, { policies: { hasty: policy } });
const onNetwork = (server: object, env = {}): Given => [{ server, targets: { default: GATEWAY } }, env];
const withToken = (...gateways: readonly string[]): Given => [
  { targets: { default: GATEWAY, west: { ...GATEWAY, gateways, tokenFile: 'token' } } },
  {},
  { token: 't' },
];

/** Ways to raise each warning of a list of targets that begins with `west`, and what comes close to it. */
const CASES: Readonly<Record<string, { readonly raised: readonly Given[]; readonly silent: readonly Given[] }>> = {
  'EMBEDDED SIMULATOR': { raised: [[{ targets: { default: GATEWAY, west: { adapter: 'simulator' } } }]], silent: [] },
  'NO DEFAULT TARGET': { raised: [[{ targets: { west: GATEWAY } }]], silent: [[{ targets: { default: GATEWAY } }]] },
  'OPEN TO ANYBODY': {
    raised: [onNetwork({ host: '0.0.0.0' }, { CHATPROBE_ALLOW_ANONYMOUS: 'true' }), onNetwork({ allowAnonymous: true })],
    silent: [onNetwork({ host: '0.0.0.0', allowAnonymous: true }, { CHATPROBE_API_TOKEN: 't' }), onNetwork({ host: '127.0.0.1' })],
  },
  'TOKEN IN THE CLEAR': {
    raised: [withToken('http://gw'), withToken('https://gw-1', 'http://gw-2:9190')],
    silent: [withToken('https://gw'), withToken('http://127.0.0.1:9190', 'http://[::1]:9190'), west({ gateways: ['http://gw'] })],
  },
  'NO TRACES': {
    raised: [onNetwork({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), onNetwork({}, { OTEL_TRACES_SAMPLER: 'xray' })],
    silent: [
      onNetwork({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }),
      onNetwork({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'none' }),
      onNetwork({}, { OTEL_SDK_DISABLED: 'TRUE' }),
    ],
  },
  'CUSTOMERS SEE THE MESSAGE': {
    raised: [west({ message: { visibility: 'ALL' } })],
    silent: [west({ message: { visibility: 'INT' } })],
  },
  'TEXTS NOT CONFIRMED': {
    raised: [sending({}), sending({ delivered: ['*'], sessionNotFound: ['session gone'] })],
    silent: [sending({ delivered: ['*'], sessionNotFound: ['session gone'], chatServerNotFound: ['server gone'] }), west({})],
  },
  'SHADOW MODE': { raised: [west({ shadow: true, enforcePercent: 5 })], silent: [] },
  'PARTLY ENFORCED': { raised: [west({ enforcePercent: 99.9 }), west({ enforcePercent: 0 })], silent: [west({ enforcePercent: 100 })] },
  'NO PROOF OF DELIVERY': { raised: [west({ guard: { requireDelivery: false } })], silent: [west({ guard: { requireDelivery: true } })] },
  'NO GUARD AGAINST MASS STOPS': {
    raised: [west({ guard: { massStop: false } }), west({ guard: { share: 1 } })],
    silent: [west({ guard: { share: 0.99 } })],
  },
  'STOPS WITHOUT PROOF': { raised: [west({ onUnrecognised: 'stop' })], silent: [west({ onUnrecognised: 'route' })] },
  'ORPHANS ARE STOPPED': {
    raised: [west({ onChatServerDown: 'stop' })],
    silent: [
      west({ onChatServerDown: 'route' }),
      west({ onChatServerDown: 'stop', ha: false }),
      west({ onChatServerDown: 'stop', singleChatServer: true }),
    ],
  },
  'NOT HELD WHILE RESTORING': {
    raised: [west({ outage: { holdWhileRestoring: false } })],
    silent: [west({ outage: { holdWhileRestoring: false }, ha: false })],
  },
  'NO TIME TO RESTORE': { raised: [west({ restoreWindowMs: 0 })], silent: [west({ restoreWindowMs: 0, ha: false })] },
  'RESTORE WINDOW NOT SET': {
    raised: [
      [{ targets: { default: GATEWAY, west: BARE_GATEWAY } }],
      [{ targets: { default: GATEWAY, west: { ...BARE_GATEWAY, singleChatServer: true } } }],
    ],
    silent: [
      // The same number, but somebody gave it.
      west({ restoreWindowMs: 45_000 }),
      [{ targets: { default: { ...BARE_GATEWAY, ha: false } } }],
      [{ targets: { default: GATEWAY, lab: { adapter: 'simulator', ha: true } } }],
    ],
  },
  'SINGLE AND SEVERAL CHAT SERVERS': {
    raised: [west({ singleChatServer: true, chatServers: ['a', 'b'] })],
    silent: [west({ singleChatServer: true, chatServers: ['a'] }), west({ chatServers: ['a', 'b'] })],
  },
  'NO TIME FOR A SECOND ANSWER': {
    raised: [
      hasty({ attempts: 1 }),
      hasty({ attemptTimeoutMs: 1_000, deadlineMs: 1_999 }),
      west({}, { policies: { inline: { attempts: 1 } } }),
    ],
    silent: [hasty({ attempts: 2, attemptTimeoutMs: 1_000, deadlineMs: 2_000 }), hasty({ attempts: 1 }, { ha: false })],
  },
  'NO TIME FOR A SECOND ANSWER, IF ASKED FOR': {
    raised: [west({}, { policies: { hasty: { attempts: 1 } } }), west({ policy: 'ha', confirmAfterMs: 6_001 })],
    silent: [[{ targets: { default: { ...GATEWAY, ha: false } }, policies: { hasty: { attempts: 1 } } }]],
  },
  'ONE ATTEMPT, IF ASKED FOR': {
    raised: [west({}, { bounds: { attempts: [1, 10] } })],
    silent: [[{ targets: { default: { ...GATEWAY, ha: false } }, bounds: { attempts: [1, 10] } }]],
  },
  'A SECOND ANSWER AT ONCE': { raised: [west({ confirmAfterMs: 0 })], silent: [west({ confirmAfterMs: 0, ha: false })] },
  'MESSAGES WITHOUT LIMIT': { raised: [west({ outage: { messageLimit: 0 } })], silent: [west({ outage: { messageLimit: 1 } })] },
  'STOPS WITHOUT LIMIT': { raised: [west({ outage: { stopsPerInteraction: 0 } })], silent: [west({ outage: { stopsPerInteraction: 1 } })] },
  'THE PLATFORM IS NOT SPARED': {
    raised: [{ canary: false }, { breaker: false }, { retryBudget: false }, { maxInFlightPerServer: 0 }].map((outage) => west({ outage })),
    silent: [west({ outage: { coalesce: false, reuseAliveMs: 0 } })],
  },
};

it('says nothing of gateways that have what a site must say for itself, and are else as by default', () => {
  expect(warningsOf(...west({}))).toEqual([]);
});

it('has a case for every danger', () => {
  expect(Object.keys(CASES)).toEqual(DANGERS.map(({ title }) => title));
});

it.each(Object.entries(CASES).flatMap(([title, { raised }]) => raised.map((given) => [title, given] as const)))(
  'tells of %s where it is so: %j',
  (title, given) => {
    const about = told(...given).filter(([name]) => name === title);
    expect(about).toHaveLength(1);
    // What is set for all targets is about all of them that it can hurt.
    expect([[title], [title, 'west'], [title, 'default', 'west']]).toContainEqual(about[0]);
  },
);

it.each(Object.entries(CASES).flatMap(([title, { silent }]) => silent.map((given) => [title, given] as const)))(
  'does not tell of %s where it is not: %j',
  (title, given) => {
    expect(told(...given).map(([name]) => name)).not.toContain(title);
  },
);

it('names only the targets that it is about, and none where it is about the service', () => {
  expect(told(...west({ shadow: true }))).toEqual([['SHADOW MODE', 'west']]);
  expect(told(...onNetwork({ allowAnonymous: true }))).toEqual([['OPEN TO ANYBODY']]);
});

it('tells whether anybody chose the simulator', () => {
  const [byDefault] = warningsOf(null);
  const [chosen] = warningsOf(null, { CHATPROBE_ADAPTER: 'simulator' });
  expect([byDefault?.text, chosen?.text]).toEqual([
    expect.stringMatching(/no adapter is configured$/),
    expect.stringMatching(/the configuration says so$/),
  ]);
});

it('says everything that is to be said, in the order of the list', () => {
  const bad = { ...GATEWAY, shadow: true, guard: { requireDelivery: false }, onUnrecognised: 'stop' };
  expect(told({ targets: { east: bad, west: bad } })).toEqual([
    ['NO DEFAULT TARGET', 'east', 'west'],
    ['SHADOW MODE', 'east', 'west'],
    ['NO PROOF OF DELIVERY', 'east', 'west'],
    ['STOPS WITHOUT PROOF', 'east', 'west'],
  ]);
});

it('tells of a restore window that nobody gave also where variables make the target, or put ha into it', () => {
  expect(told(null, GATEWAY_ENV)).toEqual([['RESTORE WINDOW NOT SET', 'default']]);
  expect(told({ targets: { default: { ...BARE_GATEWAY, ha: false } } }, { CHATPROBE_HA: 'true' })).toEqual([
    ['RESTORE WINDOW NOT SET', 'default'],
  ]);
  expect(told({ targets: { default: GATEWAY } }, GATEWAY_ENV)).toEqual([]);
  const [warning] = warningsOf(null, GATEWAY_ENV);
  const preset = configFrom(null, GATEWAY_ENV).targets.get('default')?.rules.restoreWindowMs;
  expect(warning?.text).toMatch(new RegExp(`flex-disconnect-timeout.*default of ${preset} ms`));
});
