import { describe, expect, it } from 'vitest';
import { GATEWAY_TARGET } from '../../src/config/schema.ts';
import { configurationHash, describeConfig, headline } from '../../src/config/summary.ts';
import { plantedIn, SECRETS } from '../support/secrets.ts';
import { configFrom, GATEWAY, GATEWAY_ENV, withTarget } from './loading.ts';

it('says in one line what runs: the version, and every target with adapter and policy', () => {
  const two = { targets: { default: { ...GATEWAY, policy: 'ha' }, lab: { adapter: 'simulator' } } };
  expect(headline(configFrom(two), '1.2.3')).toBe('chat-probe 1.2.3, targets default (gateway, policy ha), lab (simulator, policy inline)');
  expect(headline(configFrom(null), '1.2.3')).toBe('chat-probe 1.2.3, target default (simulator, policy inline)');
});

it('warns first, with the targets that each warning is about', () => {
  const shadow = { ...GATEWAY, shadow: true };
  const targets = { default: shadow, west: { ...shadow, restoreWindowMs: 300_000 } };
  const file = { server: { allowAnonymous: true }, targets };
  expect(describeConfig(configFrom(file)).slice(0, 4)).toEqual([
    expect.stringMatching(/^WARNING: OPEN TO ANYBODY: .*token$/),
    expect.stringMatching(/^WARNING: SHADOW MODE: .* \(default, west\)$/),
    expect.stringMatching(/^WARNING: RESTORE WINDOW NOT SET: .* \(default\)$/),
    expect.stringMatching(/^listens on/),
  ]);
});

it('shows what a gateway target was told, but no secret', () => {
  const env = {
    ...GATEWAY_ENV,
    CHATPROBE_HOST: '::1',
    CHATPROBE_GATEWAY_TOKEN: SECRETS.gatewayToken,
    CHATPROBE_API_TOKEN: SECRETS.apiToken,
  };
  const text = describeConfig(configFrom({ policies: { night: {} } }, env)).join('\n');
  expect(text).toContain('listens on [::1]:8080, callers must show a token');
  expect(text).toContain('target default: gateway http://gw-1:9190 (with a token, system certificates,');
  expect(text).toContain('server.allowAnonymous false, server.logLevel "info", server.drainMs 62000, server.maxInFlight 20000');
  expect(text).toContain('policy night: 3 attempts');
  expect(text).toContain('100 to 60000 ms and 2 to 10 attempts');
  expect(plantedIn(text)).toEqual([]);
});

it('shows how a target is treated', () => {
  const text = describeConfig(configFrom(null, { ...GATEWAY_ENV, CHATPROBE_HA: 'false' })).join('\n');
  expect(text).toContain('(no token, system certificates,');
  expect(text).toContain('high availability no, single Chat Server no, policy inline');
  expect(text).toContain('Chat Servers in metrics: none by name');
});

it('tells of a certificate authority of its own', () => {
  const config = configFrom(null, GATEWAY_ENV);
  const [target] = [...config.targets.values()];
  if (target?.adapter.kind !== 'gateway') throw new Error('not a gateway');
  const trusting = { ...config, targets: new Map([['default', { ...target, adapter: { ...target.adapter, ca: 'PEM' } }]]) };
  expect(describeConfig(trusting).join('\n')).toContain('own certificate authority');
});

describe('how a target guards itself', () => {
  const linesOf = (given: Readonly<Record<string, unknown>> = {}) => describeConfig(configFrom(withTarget({ ...GATEWAY, ...given })));

  it('is told setting by setting, with what holds', () => {
    const lines = linesOf();
    expect(lines).toContain('target default: shadow false, enforcePercent 100');
    expect(lines).toContain('target default: controls.intervalMs 60000');
    expect(lines.join('\n')).not.toContain('by default');
  });

  it.each([
    ['guard', GATEWAY_TARGET.properties.guard, 'guard.share 0.5'],
    ['outage', GATEWAY_TARGET.properties.outage, 'outage.canary true'],
  ] as const)('leaves out no setting of %s', (section, schema, example) => {
    const [line = ''] = linesOf().filter((each) => each.startsWith(`target default: ${section}.`));
    const settings = line.replace('target default: ', '').split(', ');
    expect(settings.map((setting) => setting.split(' ')[0])).toEqual(Object.keys(schema.properties).map((name) => `${section}.${name}`));
    expect(settings).toContain(example);
  });

  it.each([
    [{ shadow: true }, 'shadow true, by default false: Answers route whatever is found out; shadowVerdict tells the verdict.'],
    [{ enforcePercent: 12.5 }, 'enforcePercent 12.5, by default 100: Share of the interactions whose verdict is answered'],
    [{ guard: { massStop: false } }, 'guard.massStop false, by default true: Withholds stops while there are too many'],
    [{ guard: { requireDelivery: false } }, 'guard.requireDelivery false, by default true: Stops nothing before a message was delivered'],
    [{ outage: { holdWhileRestoring: false } }, 'outage.holdWhileRestoring false, by default true: Does not stop orphans while'],
    [{ outage: { reuseAliveMs: 0 } }, 'outage.reuseAliveMs 0, by default 2000: How long a chat found alive is answered for'],
    [
      { controls: { live: { interactionId: 'x' } } },
      'controls.live.interactionId "x", by default not set: An interaction that is always alive',
    ],
    [
      { controls: { absent: { interactionId: 'never', chatServer: 'A "B"' } } },
      'controls.absent.chatServer "A \\"B\\"", by default not set: Chat Server to ask about it',
    ],
  ])('is explained where it is not as by default: %j', (given, beginning) => {
    const explained = linesOf(given).filter((line) => line.startsWith(`target default: ${beginning}`));
    expect(explained).toHaveLength(1);
  });

  it('is compared with the defaults of its own adapter', () => {
    const simulator = describeConfig(configFrom(withTarget({ adapter: 'simulator' }))).join('\n');
    expect(simulator).toContain('guard.requireDelivery false');
    expect(simulator).not.toContain('by default');
  });
});

describe('the hash of a configuration', () => {
  const hashOf = (...given: Parameters<typeof configFrom>): string => configurationHash(configFrom(...given));
  const base = hashOf(null, GATEWAY_ENV);

  it('is short, and the same for the same settings, wherever they come from and in whatever order', () => {
    expect(base).toMatch(/^[0-9a-f]{12}$/);
    expect(hashOf(withTarget(GATEWAY))).toBe(base);
    expect(hashOf({ ...withTarget(Object.fromEntries(Object.entries(GATEWAY).reverse())), server: { port: 8_080 } })).toBe(base);
    expect(hashOf({ ...withTarget(GATEWAY), server: { replica: 'probe-2' } })).toBe(base);
    const two = { east: GATEWAY, west: GATEWAY };
    expect(hashOf({ targets: { ...two, default: GATEWAY } })).toBe(hashOf({ targets: { default: GATEWAY, ...two } }));
  });

  it.each([
    ['of the server', { ...withTarget(GATEWAY), server: { maxInFlight: 7 } }],
    ['of a target', withTarget({ ...GATEWAY, restoreWindowMs: 300_000 })],
    ['deep in a target', withTarget({ ...GATEWAY, guard: { share: 0.25 } })],
    ['of a policy', { ...withTarget(GATEWAY), policies: { inline: { attempts: 4 } } }],
    ['of the bounds', { ...withTarget(GATEWAY), bounds: { attempts: [2, 9] } }],
    ['that there is another target', { targets: { default: GATEWAY, east: GATEWAY } }],
  ])('is another for another setting %s', (_which, file) => {
    expect(hashOf(file)).not.toBe(base);
  });

  it.each(['CHATPROBE_API_TOKEN', 'CHATPROBE_GATEWAY_TOKEN'])('tells of %s only whether there is one', (name) => {
    const [one, other] = [SECRETS.oldToken, SECRETS.newToken].map((token) => hashOf(null, { ...GATEWAY_ENV, [name]: token }));
    expect(one).toBe(other);
    expect(one).not.toBe(base);
  });
});
