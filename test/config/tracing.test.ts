import { describe, expect, it } from 'vitest';
import { configurationHash, describeConfig } from '../../src/config/summary.ts';
import { SAMPLERS } from '../../src/config/tracing-schema.ts';
import { configFrom, problemsFrom } from './loading.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const tracing = (...given: Parameters<typeof configFrom>) => configFrom(...given).server.tracing;

it('no spans are made until an endpoint is set, nor where they are switched off', () => {
  expect(tracing(null)).toBeNull();
  expect(tracing(null, { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull();
  expect(tracing(null, { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBeNull();
  expect(tracing(null, { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  expect(tracing(null, { ...ENDPOINT, OTEL_SDK_DISABLED: 'false', OTEL_TRACES_EXPORTER: 'otlp' })).not.toBeNull();
});

it('an endpoint alone is enough', () => {
  expect(tracing(null, ENDPOINT)).toEqual({
    url: 'http://collector:4318/v1/traces',
    secretHeaders: {},
    timeoutMs: 10_000,
    serviceName: 'chat-probe',
    resourceAttributes: {},
    sampler: 'parentbased_always_on',
    samplerArg: 1,
  });
});

it('every variable gives what its name promises, and what is for traces alone wins', () => {
  const env = {
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/spans',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'Authorization=Bearer%20t, x-tenant = b=c ,',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '500',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes,deployment.environment.name=a%2Cb',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  };
  expect(tracing(null, env)).toEqual({
    url: 'https://traces.example/spans',
    secretHeaders: { Authorization: 'Bearer t', 'x-tenant': 'b=c' },
    timeoutMs: 500,
    serviceName: 'from-attributes',
    resourceAttributes: { 'service.name': 'from-attributes', 'deployment.environment.name': 'a,b' },
    sampler: 'traceidratio',
    samplerArg: 0.25,
  });
  expect(tracing(null, { ...env, OTEL_SERVICE_NAME: 'named' })?.serviceName).toBe('named');
});

it.each([
  ['http://collector:4318/', 'http://collector:4318/v1/traces'],
  ['https://vendor.example/otlp', 'https://vendor.example/otlp/v1/traces'],
  ['http://[::1]:4318', 'http://[::1]:4318/v1/traces'],
])('below the endpoint %s spans go to %s', (endpoint, url) => {
  expect(tracing({ server: { tracing: { endpoint } } })?.url).toBe(url);
});

it.each(SAMPLERS)('the sampler %s is known', (sampler) => {
  expect(tracing(null, { ...ENDPOINT, OTEL_TRACES_SAMPLER: sampler })?.sampler).toBe(sampler);
});

it('headers can come from a file, one a line or in one', () => {
  const file = { server: { tracing: { ...{ endpoint: 'http://c' }, headersFile: 'headers' } } };
  const headers = { a: '1', b: 'two words' };
  for (const text of ['a=1,b=two%20words', 'a=1\nb=two words\n'])
    expect(tracing(file, {}, { headers: text })?.secretHeaders).toEqual(headers);
});

describe('what is wrong is told all at once, without a value that may be a secret', () => {
  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be one of http/json'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', 'must be one of http/json'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'HTTP/JSON', 'must be one of http/json'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'must be a URL that begins with http:// or https://'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret9@collector', 'must not carry a user or password'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'https://c/v1/traces?key=secret9', 'must not have a query'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret9', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=1,secret9', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', '=secret9', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=secret9', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=secret9%0d%0ax: y', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=secret9%', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'Content-Length=secret9', 'must be headers as name=value'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 'must be >= 1'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'must be a whole number'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'must be'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'must be <= 1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half', 'must be a number in decimal digits'],
    ['OTEL_TRACES_SAMPLER_ARG', '-0.5', 'must be a number in decimal digits'],
    ['OTEL_TRACES_EXPORTER', 'jaeger', 'must be'],
    ['OTEL_SDK_DISABLED', 'yes', 'must be true or false'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'no pair', 'must be attributes as name=value'],
  ])('%s=%s', (name, value, problem) => {
    const told = problemsFrom(null, { ...ENDPOINT, CHATPROBE_PORT: 'x', [name]: value });
    expect(told).toHaveLength(2);
    expect(told.find((line) => line.startsWith(`${name}: `))).toContain(problem);
    expect(told.join()).not.toContain('secret9');
  });

  it('headers that stand in the file itself, or come in two ways', () => {
    expect(problemsFrom({ server: { tracing: { headers: 'a=secret9' } } })).toEqual([
      'server.tracing.headers: is a secret and not taken from here: use server.tracing.headersFile or the environment',
    ]);
  });
});

describe('variables that a platform gives to every process keep no service from starting: no spans are made, and it is told', () => {
  const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret9' };

  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret9'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s'],
    ['OTEL_TRACES_EXPORTER', 'otlp,console'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', 'endpoint=http://agent:14250'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'no pair'],
    ['OTEL_SDK_DISABLED', 'no'],
  ])('%s=%s', (name, value) => {
    const config = configFrom({ server: { port: 9_999 } }, { ...env, [name]: value });
    expect([config.server.tracing, config.server.port]).toEqual([null, 9_999]);
    expect(config.tracingProblems).toEqual([expect.stringMatching(`^${name}: `)]);
    const shown = describeConfig(config).join('\n');
    expect(shown).toContain(`WARNING: NO TRACES: no spans are made until these variables are right, or unset: ${name}: `);
    expect(shown).not.toContain('secret9');
  });

  it('nor those that contradict the file, which has its own word', () => {
    const file = { server: { tracing: { tracesEndpoint: 'https://traces.example/spans', protocol: 'http/json' } } };
    expect(tracing(file, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toBeNull();
    expect(problemsFrom({ server: { tracing: { protocol: 'grpc' } } })).toEqual([expect.stringMatching('^server.tracing.protocol: ')]);
  });

  it('and a service that shall make none is told nothing', () => {
    const off = configFrom(null, { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'none' });
    expect([off.server.tracing, off.tracingProblems]).toEqual([null, []]);
    expect(configFrom(null, { ...env, OTEL_SDK_DISABLED: 'True' }).tracingProblems).toEqual([]);
  });
});

it('variables of OpenTelemetry that mean nothing here are no mistake', () => {
  expect(problemsFrom(null, { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_LOG_LEVEL: 'x', OTEL_BSP_SCHEDULE_DELAY: '1' })).toEqual([]);
});

it('what the configuration is told to be shows how many headers there are, and never one; nor does its hash depend on them', () => {
  const config = configFrom(null, { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret9' });
  const shown = describeConfig(config).join('\n');
  expect(shown).toContain('traces: to http://collector:4318/v1/traces as chat-probe, sampler parentbased_always_on (1), headers: 1');
  expect(shown).not.toContain('secret9');
  const other = configFrom(null, { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=another' });
  expect(configurationHash(other)).toBe(configurationHash(config));
});
