import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/observers/metrics.ts';
import type { ProbeIdentity } from '../../src/probe/probe-order.ts';
import { REASON_NAMES, REASONS } from '../../src/probe/reasons.ts';
import { conclude, type ProbeResult } from '../../src/probe/verdict.ts';
import { attemptWith, RULES } from '../support/samples.ts';

const PROBE: ProbeIdentity = {
  probeId: 'probe-id-secret',
  requestId: 'request-id-secret',
  caller: 'workflow',
  interactionId: '0006Ka9HFHRR0T2B',
  target: 'default',
  policy: 'inline',
  chatServer: 'ChatServer_1',
};

function metered(rules = RULES) {
  return createMetrics({
    handshakeFailures: [],
    eventLoopDelay: { maxSeconds: () => 0.25 },
    version: '1.2.3',
    nodeVersion: 'v20',
    configuredAtS: 0,
    store: null,
    targets: [
      {
        name: 'default',
        adapter: 'gateway',
        rules,
        chatServers: ['ChatServer_1', 'ChatServer_2'],
        controls: ['absent'],
        enforcePercent: 100,
      },
    ],
  });
}

const resultOf = (reason: Parameters<typeof conclude>[0]): ProbeResult => ({
  ...conclude(reason, RULES, 8_000, false),
  attempts: [],
  faultCode: null,
  faultString: null,
  servedBy: 'probe',
  isKnownDown: false,
  elapsedMs: 1_500,
});

/** Series and values, without comments. */
async function series(metrics: ReturnType<typeof metered>): Promise<Map<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('from the start', () => {
  it('every legal series stands at zero, and no other', async () => {
    const all = await series(metered());
    const probes = [...all].filter(([name]) => name.startsWith('chatprobe_probes_total'));
    expect(probes.every(([, value]) => value === 0)).toBe(true);
    // One verdict each, but two for a server that is down under `auto` with high availability.
    expect(probes).toHaveLength(REASON_NAMES.length + 1);
    expect(all.get('chatprobe_probes_total{target="default",evidence="orphaned",verdict="stop",reason="chat_server_not_found"}')).toBe(0);
    expect(all.get('chatprobe_probes_total{target="default",evidence="orphaned",verdict="route",reason="chat_server_not_found"}')).toBe(0);
    expect(all.has('chatprobe_probes_total{target="default",evidence="alive",verdict="stop",reason="delivered"}')).toBe(false);
    // Five sources of two verdicts each, but a stop is never used again.
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_requests_total'))).toHaveLength(9);
    expect(all.has('chatprobe_requests_total{target="default",verdict="stop",served_by="recent"}')).toBe(false);
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_server_probes_total'))).toHaveLength(15);
    // What lies with the service is no attempt's, but for its bugs.
    const ofAttempts = REASON_NAMES.filter((reason) => REASONS[reason].origin !== 'service').length + 1;
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_attempts_total'))).toHaveLength(ofAttempts);
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_hidden_messages_total'))).toHaveLength(2);
    for (const name of [
      'chatprobe_probes_in_flight{target="default"}',
      'chatprobe_probes_cancelled_total{target="default"}',
      'chatprobe_faults_total',
    ])
      expect(all.get(name)).toBe(0);
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_stops_answered_total'))).toEqual(
      ['session_offline', 'session_not_found', 'chat_server_not_found'].map(
        (reason) => `chatprobe_stops_answered_total{target="default",reason="${reason}"}`,
      ),
    );
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_feedback_total'))).toHaveLength(4);
    expect([...all.keys()].filter((name) => name.startsWith('chatprobe_evidence_evicted_total'))).toHaveLength(2);
    // What never happened takes no page full of buckets.
    expect([...all.keys()].filter((name) => name.includes('_bucket'))).toEqual([]);
  });

  it('a server that is down has the one verdict that the target rules', async () => {
    const all = await series(metered({ ...RULES, onChatServerDown: 'route' }));
    expect(all.has('chatprobe_probes_total{target="default",evidence="orphaned",verdict="stop",reason="chat_server_not_found"}')).toBe(
      false,
    );
  });

  it('tells what runs', async () => {
    const all = await series(metered());
    expect(all.get('chatprobe_build_info{version="1.2.3",node_version="v20"}')).toBe(1);
    expect(all.get('chatprobe_adapter_info{target="default",adapter="gateway"}')).toBe(1);
  });

  it('has those metrics of the process that are read, and no other', async () => {
    const names = [...(await series(metered())).keys()].join('\n');
    expect(names.match(/^(process|nodejs)_.*$/gm)?.sort()).toEqual([
      'nodejs_heap_size_total_bytes',
      'nodejs_heap_size_used_bytes',
      'process_cpu_seconds_total',
      'process_max_fds',
      'process_open_fds',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
    ]);
    expect((await series(metered())).get('chatprobe_event_loop_delay_max_seconds')).toBe(0.25);
  });
});

describe('a finished probe', () => {
  it('is counted once by what was found out, with its time and its server', async () => {
    const metrics = metered();
    metrics.observe({ type: 'probe_started', probe: PROBE });
    expect((await series(metrics)).get('chatprobe_probes_in_flight{target="default"}')).toBe(1);
    metrics.observe({ type: 'probe_finished', probe: PROBE, result: resultOf('session_not_found') });
    const all = await series(metrics);
    expect(all.get('chatprobe_probes_total{target="default",evidence="dead",verdict="stop",reason="session_not_found"}')).toBe(1);
    expect(all.get('chatprobe_probe_duration_seconds_sum{target="default",evidence="dead"}')).toBe(1.5);
    expect(all.get('chatprobe_server_probes_total{target="default",chat_server="ChatServer_1",evidence="dead"}')).toBe(1);
    expect(all.get('chatprobe_probes_in_flight{target="default"}')).toBe(0);
  });

  it.each(['ChatServer_9', 'constructor', null])('of a server that is not configured (%s) counts as other', async (chatServer) => {
    const metrics = metered();
    metrics.observe({ type: 'probe_finished', probe: { ...PROBE, chatServer }, result: resultOf('delivered') });
    expect((await series(metrics)).get('chatprobe_server_probes_total{target="default",chat_server="other",evidence="alive"}')).toBe(1);
    if (chatServer !== null) expect(await metrics.text()).not.toContain(chatServer);
  });
});

it('a cancelled probe is counted apart and is no longer in flight', async () => {
  const metrics = metered();
  metrics.observe({ type: 'probe_started', probe: PROBE });
  metrics.observe({ type: 'probe_cancelled', probe: PROBE, attempts: 1, elapsedMs: 10 });
  const all = await series(metrics);
  expect(all.get('chatprobe_probes_cancelled_total{target="default"}')).toBe(1);
  expect(all.get('chatprobe_probes_in_flight{target="default"}')).toBe(0);
  expect([...all].filter(([name, value]) => name.startsWith('chatprobe_probes_total') && value !== 0)).toEqual([]);
});

it('an answered request is counted apart from probes', async () => {
  const metrics = metered();
  metrics.observe({ type: 'request_answered', target: 'default', verdict: 'stop', servedBy: 'none' });
  expect((await series(metrics)).get('chatprobe_requests_total{target="default",verdict="stop",served_by="none"}')).toBe(1);
});

it('a fault is counted', async () => {
  const metrics = metered();
  metrics.observe({ type: 'fault', requestId: 'r', fault: new Error('bug') });
  expect((await series(metrics)).get('chatprobe_faults_total')).toBe(1);
});

describe('an attempt', () => {
  it.each([
    ['delivered', true, 'ok', 1, 0],
    ['session_not_found', true, 'fault', 0, 0],
    ['error_unrecognised', true, 'fault', 0, 0],
    ['timeout', true, 'transport', 0, 1],
    ['gateway_error', true, 'transport', 0, 1],
    ['reply_mismatch', true, 'transport', 0, 1],
    ['connect_refused', false, 'transport', 0, 0],
    ['internal_error', true, 'transport', 0, 1],
    ['gateway_misrouted', true, 'transport', 0, 1],
  ] as const)(
    '%s (written: %s) is a result %s with %i confirmed and %i unconfirmed messages',
    async (reason, written, result, confirmed, unconfirmed) => {
      const metrics = metered();
      metrics.observe({ type: 'attempt_finished', probe: PROBE, attempt: attemptWith({ reason, written, durationMs: 250 }) });
      const all = await series(metrics);
      expect(all.get(`chatprobe_attempts_total{target="default",reason="${reason}"}`)).toBe(1);
      expect(all.get(`chatprobe_attempt_duration_seconds_sum{target="default",result="${result}"}`)).toBe(0.25);
      expect(all.get('chatprobe_hidden_messages_total{target="default",delivery="confirmed"}')).toBe(confirmed);
      expect(all.get('chatprobe_hidden_messages_total{target="default",delivery="unconfirmed"}')).toBe(unconfirmed);
    },
  );

  it.each(['gateway_auth', 'gateway_misrouted', 'gateway_busy'] as const)(
    'that was rejected (%s) left no message, cut or not',
    async (reason) => {
      const metrics = metered();
      for (const type of ['attempt_finished', 'attempt_cancelled'] as const)
        metrics.observe({ type, probe: PROBE, attempt: attemptWith({ reason, rejected: true }) });
      const all = await series(metrics);
      expect(all.get(`chatprobe_attempts_total{target="default",reason="${reason}"}`)).toBe(1);
      expect([...all].filter(([name, value]) => name.startsWith('chatprobe_hidden_messages_total') && value !== 0)).toEqual([]);
    },
  );

  it('that was cut counts only for the message it may have left', async () => {
    const metrics = metered();
    metrics.observe({ type: 'attempt_cancelled', probe: PROBE, attempt: attemptWith({ reason: 'draining', written: true }) });
    const all = await series(metrics);
    expect(all.get('chatprobe_hidden_messages_total{target="default",delivery="unconfirmed"}')).toBe(1);
    expect([...all].filter(([name, value]) => name.startsWith('chatprobe_attempts_total') && value !== 0)).toEqual([]);
  });
});

it('what many probes share is counted beside them', async () => {
  const metrics = metered();
  metrics.observe({ type: 'message_saved', target: 'default', by: 'coalesced' });
  expect((await series(metrics)).get('chatprobe_messages_saved_total{target="default",mechanism="coalesced"}')).toBe(1);
});

it('HTTP exchanges are counted, and expected ones stand at zero', async () => {
  const metrics = metered();
  metrics.expectExchanges([{ route: '/livez', method: 'GET', code: 200 }]);
  expect((await series(metrics)).get('chatprobe_http_requests_total{route="/livez",method="GET",code="200"}')).toBe(0);
  metrics.observeExchange({ route: '/livez', method: 'GET', code: 200, caller: null, problem: null, durationMs: 20 });
  const all = await series(metrics);
  expect(all.get('chatprobe_http_requests_total{route="/livez",method="GET",code="200"}')).toBe(1);
  expect(all.get('chatprobe_http_request_duration_seconds_sum{route="/livez"}')).toBe(0.02);
});

it('no id of any kind gets into the text', async () => {
  const metrics = metered();
  metrics.observe({ type: 'probe_started', probe: PROBE });
  metrics.observe({ type: 'attempt_finished', probe: PROBE, attempt: attemptWith({ reason: 'delivered' }) });
  metrics.observe({ type: 'probe_finished', probe: PROBE, result: resultOf('delivered') });
  const text = await metrics.text();
  for (const id of [PROBE.interactionId, PROBE.probeId, PROBE.requestId]) expect(text).not.toContain(id);
});

describe('the configuration', () => {
  it('tells when it was read last that could be used, and what came of each time', async () => {
    const metrics = metered();
    const lines = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith('chatprobe_config_'));
    expect(await lines()).toEqual([
      'chatprobe_config_reloads_total{result="applied"} 0',
      'chatprobe_config_reloads_total{result="unchanged"} 0',
      'chatprobe_config_reloads_total{result="refused"} 0',
      'chatprobe_config_last_reload_successful 1',
      'chatprobe_config_last_reload_success_timestamp_seconds 0',
    ]);
    metrics.reloaded('applied', 10);
    metrics.reloaded('refused', 20);
    expect((await lines()).slice(-2)).toEqual([
      'chatprobe_config_last_reload_successful 0',
      'chatprobe_config_last_reload_success_timestamp_seconds 10',
    ]);
    metrics.reloaded('unchanged', 30);
    expect((await lines()).slice(-2)).toEqual([
      'chatprobe_config_last_reload_successful 1',
      'chatprobe_config_last_reload_success_timestamp_seconds 30',
    ]);
  });

  it('of a target that is gone nothing is told, though it is still counted', async () => {
    const metrics = metered();
    metrics.forget('default');
    metrics.observe({ type: 'probe_started', probe: PROBE });
    metrics.observe({ type: 'probe_finished', probe: PROBE, result: resultOf('delivered') });
    expect(await metrics.text()).not.toContain('target="default"');
  });
});
