import { describe, expect, it } from 'vitest';
import { readListenOptions } from '../../lab/simulator/listen-options.ts';
import { ENVIRONMENT } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { GATEWAY_TARGET, SETTINGS } from '../../src/config/schema.ts';
import { HANDSHAKE_FAILURES } from '../../src/http/listener-tls.ts';
import { OBSERVATION_FIELDS } from '../../src/http/observation-input.ts';
import { ObservationAnswer } from '../../src/http/observation-schema.ts';
import { ProbeAnswer } from '../../src/http/probe-answer.ts';
import { FIELD_NAMES } from '../../src/http/probe-input.ts';
import { PROBLEMS } from '../../src/http/problems.ts';
import { createMetrics } from '../../src/observers/metrics.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { EVIDENCE, REASONS } from '../../src/probe/reasons.ts';
import { conclude } from '../../src/probe/verdict.ts';
import { SAVINGS } from '../../src/resilience/events.ts';
import { type TreePath, valueAt } from '../../src/schema-tree/tree.ts';
import { spanOf } from '../../src/tracing/probe-spans.ts';
import { bare, blocks, NONE, printed, table, text } from '../support/pages.ts';
import { attemptWith, RULES } from '../support/samples.ts';

const PAGE = text('docs/reference.md');

describe('docs/reference.md', () => {
  it('lists every environment variable with its default, and no other', () => {
    const rows = table(PAGE, 'Variable', 'Default').map(([name = '', preset = '']) => [bare(name), bare(preset)]);
    expect(rows).toEqual(ENVIRONMENT.map(({ name, setting }) => [name, presetOf(name, setting)]));
  });

  it('lists every reason with its evidence, and no other', () => {
    const rows = table(PAGE, 'Reason', 'Evidence').map(([reason = '', evidence = '']) => [bare(reason), bare(evidence)]);
    expect(rows).toEqual(Object.entries(REASONS).map(([reason, { evidence }]) => [reason, evidence]));
  });

  it('lists every kind of evidence, and no other', () => {
    expect(table(PAGE, 'Evidence', 'It means').map(([evidence = '']) => bare(evidence))).toEqual(EVIDENCE);
  });

  it('lists every problem with its status, and no other', () => {
    const rows = table(PAGE, 'Code', 'Status').map(([code = '', status]) => [bare(code), Number(status)]);
    expect(rows).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
  });

  it('lists every key of an answer, and no other', () => {
    const keys = table(PAGE, 'Key', 'Meaning').flatMap(([names = '']) => names.split(', ').map(bare));
    expect(keys).toEqual(Object.keys(ProbeAnswer.properties));
  });

  it('lists every field of a request, and no other', () => {
    const fields = table(PAGE, 'Field', 'Meaning').map(([name = '']) => bare(name));
    expect(fields.sort()).toEqual([...FIELD_NAMES].sort());
  });

  it('lists every field of an observation beside those, and the one more key of its answer', () => {
    const fields = table(PAGE, 'Observation field', 'Meaning').flatMap(([names = '']) => names.split(', ').map(bare));
    expect(fields).toEqual(Object.keys(OBSERVATION_FIELDS));
    const more = Object.keys(ObservationAnswer.properties).filter((key) => !Object.hasOwn(ProbeAnswer.properties, key));
    expect(more.filter((key) => !PAGE.includes(`\`${key}\``))).toEqual([]);
  });

  it('lists every metric with its type and labels, and no other', async () => {
    const rows = table(PAGE, 'Name', 'Type', 'Labels').map(([name = '', type = '', labels = '']) => ({
      name: bare(name),
      type,
      labels: labels === NONE ? [] : labels.split(', ').map(bare).sort(),
    }));
    expect(rows.sort((a, b) => a.name.localeCompare(b.name))).toEqual(await registeredMetrics());
  });

  it('lists every attribute of a span with the spans that have it, and no other', () => {
    const rows = table(PAGE, 'Attribute', 'Span').map(([name = '', spans = '']) => [bare(name), spans]);
    expect(rows.sort()).toEqual(attributesOfSpans().sort());
  });

  it('lists everything that saves messages, and nothing else', () => {
    const [row = []] = table(PAGE, 'Name', 'Type', 'Labels').filter(([name = '']) => bare(name) === 'chatprobe_messages_saved_total');
    expect([...(row.at(-1) ?? '').matchAll(/`(\w+)`/g)].map(([, saving]) => saving)).toEqual(SAVINGS);
  });

  it('shows queries over registered metrics only', async () => {
    const queries = blocks(PAGE, 'promql').join('\n');
    const names = [...queries.matchAll(/chatprobe_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(names.length).toBeGreaterThan(0);
    const registered = (await registeredMetrics()).map(({ name }) => name);
    expect(names.filter((name) => !registered.includes(name))).toEqual([]);
  });

  it('tells the values of the built-in policies', () => {
    const header = ['Policy', 'attempts', 'attemptTimeoutMs', 'pauseMs', 'backoff', 'maxPauseMs', 'jitter', 'deadlineMs'];
    const rows = table(PAGE, ...header).map(([name = '', ...numbers]) => [bare(name), ...numbers.slice(0, 7).map(Number)]);
    const policies = Object.entries(BUILT_IN_POLICIES);
    expect(rows).toEqual(policies.map(([name, p]) => [name, ...header.slice(1).map((setting) => valueAt(p, [setting]))]));
  });
});

/** The default of a variable, as the page writes it: that of a gateway target. */
function presetOf(name: string, setting: TreePath | null): string {
  const loaded = loadConfig({}, () => ({ ok: false, detail: 'ENOENT' }));
  const listen = readListenOptions({});
  if (!loaded.ok || !listen.ok) throw new Error('without any configuration there must be one');
  const { config } = loaded;
  if (name === 'CHATPROBE_SIM_HOST') return listen.options.host;
  if (name === 'CHATPROBE_SIM_PORT') return String(listen.options.port);
  if (name === 'CHATPROBE_DRAIN_MS') return String(config.server.drainMs);
  if (name === 'CHATPROBE_ADAPTER') return config.targets.get('default')?.adapter.kind ?? NONE;
  if (setting === null || name === 'CHATPROBE_GATEWAY_URL') return NONE;
  const [section, ...rest] = setting;
  const [schema, path] = section === 'targets' ? [GATEWAY_TARGET, rest.slice(1)] : [SETTINGS, setting];
  const steps = path.flatMap((step) => (typeof step === 'number' ? ['items', step] : ['properties', step]));
  const node = valueAt(schema, steps);
  expect(node, `${name} has a schema`).toBeDefined();
  return printed(valueAt(node, ['default']));
}

/** What the spans of all kinds of events have. */
function attributesOfSpans() {
  const trace = { traceId: 't', flags: 1, state: null, callerSpanId: null, spanId: 'a'.repeat(16), startedAtMs: 0 };
  const ids = { probeId: 'p', requestId: 'r', caller: 'c', interactionId: 'i', target: 't', policy: 'p', chatServer: 'C' };
  const probe = { ...ids, trace };
  const reasons = ['session_not_found', 'error_unrecognised', 'timeout', 'internal_error'] as const;
  const spans = reasons.flatMap((reason) => {
    const attempt = attemptWith({ n: 2, reason, faultCode: '100', errorCode: 2, detail: 'd', sentTo: 'https://gw/esp' });
    const shown = {
      attempts: [attempt],
      faultCode: '100',
      faultString: null,
      servedBy: 'probe',
      isKnownDown: false,
      elapsedMs: 1,
    } as const;
    const answer = { ...conclude(reason, RULES, 8_000, false), ...shown };
    const about = { probeId: 'p', computed: 'stop', withheld: 'repeated', shadowVerdict: null, simulated: false } as const;
    const events = [
      { type: 'attempt_finished', probe, attempt },
      { type: 'attempt_cancelled', probe, attempt },
      { type: 'probe_answered', probe, answer, ...about },
      { type: 'request_abandoned', probe },
    ] as const;
    return events.map((event) => spanOf(event, 1));
  });
  const found = new Map<string, Set<string>>();
  for (const span of spans) {
    const kind = span?.kind === 'server' ? 'request' : 'attempt';
    for (const [name, value] of Object.entries(span?.attributes ?? {}))
      if (value !== undefined) found.set(name, (found.get(name) ?? new Set()).add(kind));
  }
  return [...found].map(([name, kinds]) => [name, [...kinds].sort().reverse().join(', ')]);
}

async function registeredMetrics() {
  const controls = ['absent', 'live'] as const;
  const target = { name: 'default', adapter: 'gateway', rules: RULES, chatServers: [], controls, enforcePercent: 100 };
  const metrics = createMetrics({
    handshakeFailures: HANDSHAKE_FAILURES,
    eventLoopDelay: { maxSeconds: () => 0.25 },
    version: '0',
    nodeVersion: 'v0',
    targets: [target],
    configuredAtS: 0,
  });
  metrics.expectSpans();
  metrics.showCertificates([{ use: 'gateway', target: 'default', untilMs: 0 }]);
  metrics.observeExchange({ route: '/livez', method: 'GET', code: 200, durationMs: 1, caller: null, problem: null });
  const probe = {
    probeId: 'p',
    caller: 'workflow',
    requestId: 'r',
    interactionId: 'i',
    target: 'default',
    policy: 'inline',
    chatServer: null,
  };
  const attempt = attemptWith({ reason: 'delivered' });
  const shown = { attempts: [attempt], faultCode: null, faultString: null, servedBy: 'probe', isKnownDown: false, elapsedMs: 1 } as const;
  metrics.observe({ type: 'attempt_finished', probe, attempt });
  metrics.observe({ type: 'probe_finished', probe, result: { ...conclude('delivered', RULES, 8_000, false), ...shown } });
  const exposed = await metrics.text();
  const found = [...exposed.matchAll(/^# TYPE (chatprobe_\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
    const series = [...exposed.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'))];
    const labels = series.flatMap(([, pairs = '']) => [...pairs.matchAll(/(\w+)="/g)].map(([, label = '']) => label));
    return { name, type, labels: [...new Set(labels)].filter((label) => label !== 'le').sort() };
  });
  return found.sort((a, b) => a.name.localeCompare(b.name));
}
