import { expect, it } from 'vitest';
import { ENVIRONMENT, PREFIX } from '../../src/config/environment.ts';
import { withoutInjected } from '../../src/config/injected-variables.ts';
import { GATEWAY_TARGET, SETTINGS } from '../../src/config/schema.ts';
import { valueAt } from '../../src/schema-tree/tree.ts';
import { SECRETS } from '../support/secrets.ts';
import { configFrom, GATEWAY, GATEWAY_ENV, problemsFrom, withTarget } from './loading.ts';

it("lists the contract's names, OpenTelemetry's own and no other", () => {
  const words =
    'CONFIG HOST PORT ADAPTER GATEWAY_URL GATEWAY_TOKEN GATEWAY_TOKEN_FILE GATEWAY_CA_FILE GATEWAY_CERT_FILE GATEWAY_KEY_FILE HA SINGLE_CHAT_SERVER POLICY ON_CHAT_SERVER_DOWN ' +
    'ON_UNRECOGNISED SHADOW ENFORCE_PERCENT REQUIRE_DELIVERY MESSAGE_TEXT VISIBILITY MAX_DEADLINE_MS MAX_ATTEMPTS DRAIN_MS LOG_LEVEL STATUS_PAGE ' +
    'API_TOKEN API_TOKEN_FILE OPS_TOKEN OPS_TOKEN_FILE TOKEN_HEADER TLS_CERT_FILE TLS_KEY_FILE TLS_CLIENT_CA_FILE ALLOW_ANONYMOUS SIM_HOST SIM_PORT';
  const exported = ['ENDPOINT', 'TRACES_ENDPOINT', 'PROTOCOL', 'TRACES_PROTOCOL', 'HEADERS', 'TRACES_HEADERS', 'TIMEOUT', 'TRACES_TIMEOUT'];
  const traces = [
    ...['SDK_DISABLED', 'TRACES_EXPORTER'],
    ...exported.map((word) => `EXPORTER_OTLP_${word}`),
    ...['SERVICE_NAME', 'RESOURCE_ATTRIBUTES', 'TRACES_SAMPLER', 'TRACES_SAMPLER_ARG'],
  ];
  const names = [...words.split(' ').map((word) => `CHATPROBE_${word}`), ...traces.map((word) => `OTEL_${word}`)];
  expect(ENVIRONMENT.map(({ name }) => name).sort()).toEqual(names.sort());
});

it('gives no setting that the schema does not have', () => {
  for (const { name, setting } of ENVIRONMENT) {
    if (setting === null) continue;
    const [section, ...rest] = setting;
    const root = section === 'targets' ? GATEWAY_TARGET : valueAt(SETTINGS.properties, [section!]);
    const steps = section === 'targets' ? rest.slice(1) : rest;
    const found = steps.reduce<unknown>((node, step) => valueAt(node, [typeof step === 'number' ? 'items' : 'properties', step]), root);
    expect(found, name).toBeDefined();
  }
});

it('gives every setting that its name promises', () => {
  const config = configFrom(null, {
    ...GATEWAY_ENV,
    CHATPROBE_HOST: '0.0.0.0',
    CHATPROBE_PORT: '0',
    CHATPROBE_GATEWAY_URL: 'http://gw-1:9190, https://gw-2/base/',
    CHATPROBE_GATEWAY_TOKEN: SECRETS.gatewayToken,
    CHATPROBE_HA: 'false',
    CHATPROBE_SINGLE_CHAT_SERVER: 'true',
    CHATPROBE_POLICY: 'ha',
    CHATPROBE_ON_CHAT_SERVER_DOWN: 'route',
    CHATPROBE_ON_UNRECOGNISED: 'stop',
    CHATPROBE_SHADOW: 'true',
    CHATPROBE_ENFORCE_PERCENT: '25',
    CHATPROBE_REQUIRE_DELIVERY: 'false',
    CHATPROBE_MESSAGE_TEXT: 'hello',
    CHATPROBE_VISIBILITY: 'ALL',
    CHATPROBE_MAX_DEADLINE_MS: '70000',
    CHATPROBE_MAX_ATTEMPTS: '7',
    CHATPROBE_DRAIN_MS: '1',
    CHATPROBE_LOG_LEVEL: 'debug',
    CHATPROBE_API_TOKEN: SECRETS.apiToken,
    CHATPROBE_SIM_HOST: '0.0.0.0',
    CHATPROBE_SIM_PORT: '65535',
  });
  expect(config.server).toMatchObject({
    host: '0.0.0.0',
    port: 0,
    callers: [{ name: 'default', secrets: [SECRETS.apiToken] }],
    logLevel: 'debug',
    drainMs: 1,
  });
  expect(config.bounds).toEqual({ deadlineMs: [100, 70_000], attempts: [2, 7] });
  expect(config.targets.get('default')).toMatchObject({
    adapter: { urls: ['http://gw-1:9190', 'https://gw-2/base'], token: SECRETS.gatewayToken },
    rules: { ha: false, singleChatServer: true, onChatServerDown: 'route', onUnrecognised: 'stop' },
    message: { text: 'hello', type: null, visibility: 'ALL' },
    policy: 'ha',
    safety: { guard: { requireDelivery: false }, enforcement: { shadow: true, enforcePercent: 25 } },
  });
});

it('wins over the file and leaves the rest of it alone', () => {
  const file = { ...withTarget({ ...GATEWAY, message: { text: 'a', type: 'b' } }), bounds: { deadlineMs: [500, 9_000] } };
  const config = configFrom(file, { CHATPROBE_MESSAGE_TEXT: 'c', CHATPROBE_MAX_DEADLINE_MS: '8000', CHATPROBE_HA: 'false' });
  expect(config.targets.get('default')).toMatchObject({ rules: { ha: false }, message: { text: 'c', type: 'b' } });
  expect(config.bounds.deadlineMs).toEqual([500, 8_000]);
});

it('lets nobody be limited to one attempt, which can confirm nothing', () => {
  expect(configFrom(null, { CHATPROBE_MAX_ATTEMPTS: '2' }).bounds.attempts).toEqual([2, 2]);
  expect(problemsFrom(null, { CHATPROBE_MAX_ATTEMPTS: '1' })).toEqual([
    'CHATPROBE_MAX_ATTEMPTS: 1 is below the lower bound, bounds.attempts[0] (2)',
  ]);
});

it('counts an empty variable as not given', () => {
  const empty = Object.fromEntries(ENVIRONMENT.map(({ name }) => [name, '']));
  expect(configFrom(null, empty)).toEqual(configFrom(null));
});

it('ignores what Kubernetes injects for a Service of our name, its address in the place of our port too', () => {
  const injected = {
    CHATPROBE_SERVICE_HOST: '10.96.7.1',
    CHATPROBE_PORT: 'tcp://10.96.7.1:80',
    CHATPROBE_PORT_80_TCP: 'tcp://10.96.7.1:80',
  };
  const { server, ignoredVariables } = configFrom(null, injected);
  expect([server.port, ignoredVariables]).toEqual([8_080, Object.keys(injected)]);
  expect(configFrom({ server: { port: 81 } }, injected).server.port).toBe(81);
});

it('ignores none of its own variables', () => {
  const all = Object.fromEntries(ENVIRONMENT.map(({ name }) => [name, 'x']));
  expect(withoutInjected(all, PREFIX).ignored).toEqual([]);
});

it.each([
  ['CHATPROBE_PROT', '; did you mean CHATPROBE_PORT?'],
  ['CHATPROBE_GATEWAY_URLS', '; did you mean CHATPROBE_GATEWAY_URL?'],
  ['CHATPROBE_SOMETHING_ELSE', ''],
  ['CHATPROBE_FOO', ''],
])('refuses the unknown %s', (name, hint) => {
  expect(problemsFrom(null, { [name]: 'x' })).toEqual([`${name}: is not known${hint}`]);
  expect(problemsFrom(null, { [name]: undefined })).toEqual([]);
});

it.each([
  ['CHATPROBE_ALLOW_ANONYMOUS', 'yes', 'must be true or false'],
  ['CHATPROBE_HA', 'TRUE', 'must be true or false'],
  ['CHATPROBE_PORT', '80.5', 'must be a whole number in decimal digits'],
  ['CHATPROBE_PORT', '-1', 'must be a whole number in decimal digits'],
  ['CHATPROBE_PORT', '0x50', 'must be a whole number in decimal digits'],
  ['CHATPROBE_PORT', '65536', 'must be <= 65535'],
  ['CHATPROBE_MAX_ATTEMPTS', '101', 'must be <= 100'],
  ['CHATPROBE_ENFORCE_PERCENT', '101', 'must be <= 100'],
  ['CHATPROBE_ENFORCE_PERCENT', '12.5', 'must be a whole number in decimal digits'],
  ['CHATPROBE_REQUIRE_DELIVERY', 'off', 'must be true or false'],
  ['CHATPROBE_VISIBILITY', 'vip', 'must be one of ALL, INT, VIP'],
  ['CHATPROBE_ADAPTER', 'gatway', 'must be simulator, gateway or workflow'],
  ['CHATPROBE_MESSAGE_TEXT', ' ', 'must not be empty'],
  ['CHATPROBE_SIM_PORT', 'abc', 'must be a whole number from 0 to 65535'],
  ['CHATPROBE_SIM_PORT', '65536', 'must be a whole number from 0 to 65535'],
  ['CHATPROBE_SIM_HOST', 'a b', 'must be a host name or an IP address without brackets'],
])('refuses %s=%s under its own name', (name, value, text) => {
  expect(problemsFrom(null, { [name]: value })).toEqual([`${name}: ${text}`]);
});
