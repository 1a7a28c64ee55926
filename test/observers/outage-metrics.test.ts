import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createOutageMetrics } from '../../src/observers/outage-metrics.ts';
import { createServerLabels, type MeteredTarget } from '../../src/observers/probe-metrics.ts';
import type { ProbeIdentity } from '../../src/probe/probe-order.ts';
import { SAVINGS, type ServerState, WITHHOLDINGS } from '../../src/resilience/events.ts';
import { RULES } from '../support/samples.ts';

const TARGET: MeteredTarget = {
  name: 'default',
  adapter: 'gateway',
  rules: RULES,
  chatServers: ['ChatServer_1'],
  controls: ['absent', 'live'],
  enforcePercent: 100,
};

const PROBE: ProbeIdentity = {
  probeId: 'probe-id-secret',
  requestId: 'request-id-secret',
  caller: 'workflow',
  interactionId: '0006Ka9HFHRR0T2B',
  target: 'default',
  policy: 'inline',
  chatServer: 'ChatServer_9',
};

function metered(fields: Partial<MeteredTarget> = {}) {
  const registry = new Registry();
  const servers = createServerLabels();
  servers.replace([{ ...TARGET, ...fields }]);
  const { observe, expect: begin, forget } = createOutageMetrics(registry, servers);
  begin({ ...TARGET, ...fields }, null);
  const text = () => registry.metrics();
  /** Series and values of one metric, its prefix and the target left out. */
  const read = async (metric: string): Promise<Record<string, number>> => {
    const lines = (await text()).matchAll(/^chatprobe_(\w+)\{target="default",?(.*)\} (\S+)$/gm);
    return Object.fromEntries([...lines].filter(([, name]) => name === metric).map(([, , labels = '', value]) => [labels, Number(value)]));
  };
  const change = (chatServer: string | null, from: ServerState, to: ServerState) =>
    observe({ type: 'server_changed', target: 'default', chatServer, from, to });
  return { observe, read, text, change, servers, begin, forget };
}

describe('from the start', () => {
  it('every counter stands at zero, and no other', async () => {
    const { read } = metered();
    expect(await read('messages_saved_total')).toEqual(Object.fromEntries(SAVINGS.map((saving) => [`mechanism="${saving}"`, 0])));
    expect(await read('stops_withheld_total')).toEqual(Object.fromEntries(WITHHOLDINGS.map((cause) => [`cause="${cause}"`, 0])));
  });

  it('nothing is down, open or parked, and the guard watches', async () => {
    const { read } = metered();
    expect(await read('probes_parked')).toEqual({ '': 0 });
    expect(await read('gateway_open')).toEqual({ '': 0 });
    expect(await read('guard_state')).toEqual({ 'state="watching"': 1, 'state="tripped"': 0, 'state="released"': 0 });
    expect(await read('chat_servers_down')).toEqual({
      'chat_server="ChatServer_1",state="suspect"': 0,
      'chat_server="ChatServer_1",state="recovering"': 0,
      'chat_server="other",state="suspect"': 0,
      'chat_server="other",state="recovering"': 0,
    });
  });

  it('a control is unknown where it is configured, and has no series where it is not', async () => {
    expect(await metered({ controls: ['live'] }).read('control_state')).toEqual({
      'control="live",state="right"': 0,
      'control="live",state="wrong"': 0,
      'control="live",state="unknown"': 1,
    });
    expect(await metered({ controls: [] }).read('control_state')).toEqual({});
  });

  it.each([
    [100, 1],
    [12.5, 0.125],
    [0, 0],
  ])('%d %% enforced is a ratio of %d', async (enforcePercent, ratio) => {
    expect(await metered({ enforcePercent }).read('enforced_ratio')).toEqual({ '': ratio });
  });
});

it('a saved message is counted by what saved it', async () => {
  const { observe, read } = metered();
  observe({ type: 'message_saved', target: 'default', by: 'canary' });
  observe({ type: 'message_saved', target: 'default', by: 'canary' });
  observe({ type: 'message_saved', target: 'default', by: 'recent' });
  expect(await read('messages_saved_total')).toMatchObject({
    'mechanism="canary"': 2,
    'mechanism="recent"': 1,
    'mechanism="coalesced"': 0,
  });
});

it('a withheld stop is counted by its cause', async () => {
  const { observe, read } = metered();
  observe({ type: 'stop_withheld', probe: PROBE, because: 'mass_stop' });
  expect(await read('stops_withheld_total')).toMatchObject({ 'cause="mass_stop"': 1, 'cause="shadow"': 0 });
});

it('probes that wait are a level that returns to zero', async () => {
  const { observe, read } = metered();
  for (const by of [1, 1, -1] as const) observe({ type: 'probe_parked', target: 'default', by });
  expect(await read('probes_parked')).toEqual({ '': 1 });
  observe({ type: 'probe_parked', target: 'default', by: -1 });
  expect(await read('probes_parked')).toEqual({ '': 0 });
});

it('verdicts are made up where a simulator is embedded, and at a gateway while one answers', async () => {
  expect(await metered({ adapter: 'simulator' }).read('simulated')).toEqual({ '': 1 });
  const { observe, read } = metered({ adapter: 'gateway' });
  expect(await read('simulated')).toEqual({ '': 0 });
  observe({ type: 'far_end_changed', target: 'default', simulated: true });
  expect(await read('simulated')).toEqual({ '': 1 });
  observe({ type: 'far_end_changed', target: 'default', simulated: false });
  expect(await read('simulated')).toEqual({ '': 0 });
});

it('a gateway is open until it is closed', async () => {
  const { observe, read } = metered();
  observe({ type: 'gateway_changed', target: 'default', open: true });
  expect(await read('gateway_open')).toEqual({ '': 1 });
  observe({ type: 'gateway_changed', target: 'default', open: false });
  expect(await read('gateway_open')).toEqual({ '': 0 });
});

it('the guard is in one state at a time', async () => {
  const { observe, read } = metered();
  observe({ type: 'guard_changed', target: 'default', state: 'tripped' });
  expect(await read('guard_state')).toEqual({ 'state="watching"': 0, 'state="tripped"': 1, 'state="released"': 0 });
  observe({ type: 'guard_changed', target: 'default', state: 'released' });
  expect(await read('guard_state')).toEqual({ 'state="watching"': 0, 'state="tripped"': 0, 'state="released"': 1 });
});

it('each control has its own last answer', async () => {
  const { observe, read } = metered();
  observe({ type: 'control_answered', target: 'default', control: 'absent', state: 'wrong' });
  observe({ type: 'control_answered', target: 'default', control: 'live', state: 'right' });
  expect(await read('control_state')).toEqual({
    'control="absent",state="right"': 0,
    'control="absent",state="wrong"': 1,
    'control="absent",state="unknown"': 0,
    'control="live",state="right"': 1,
    'control="live",state="wrong"': 0,
    'control="live",state="unknown"': 0,
  });
});

describe('a Chat Server', () => {
  it('is counted in the state that it is in, and not once it is healthy', async () => {
    const { read, change } = metered();
    const states = async () => {
      const { 'chat_server="ChatServer_1",state="suspect"': suspect, 'chat_server="ChatServer_1",state="recovering"': recovering } =
        await read('chat_servers_down');
      return [suspect, recovering];
    };
    change('ChatServer_1', 'healthy', 'suspect');
    expect(await states()).toEqual([1, 0]);
    change('ChatServer_1', 'suspect', 'recovering');
    expect(await states()).toEqual([0, 1]);
    change('ChatServer_1', 'recovering', 'healthy');
    expect(await states()).toEqual([0, 0]);
    expect(Object.keys(await read('chat_servers_down')).filter((labels) => labels.includes('healthy'))).toEqual([]);
  });

  it('that is not configured, or goes by type, adds to the others', async () => {
    const { read, change, text } = metered();
    change('ChatServer_9', 'healthy', 'suspect');
    change(null, 'healthy', 'suspect');
    expect(await read('chat_servers_down')).toMatchObject({
      'chat_server="ChatServer_1",state="suspect"': 0,
      'chat_server="other",state="suspect"': 2,
    });
    expect(await text()).not.toContain('ChatServer_9');
  });
});

it('no id of any kind gets into the text', async () => {
  const { observe, text } = metered();
  observe({ type: 'stop_withheld', probe: PROBE, because: 'shadow' });
  observe({ type: 'answer_shared', request: PROBE, probeId: 'other-id-secret', servedBy: 'recent' });
  for (const id of [PROBE.interactionId, 'ChatServer_9', 'secret']) expect(await text()).not.toContain(id);
});

describe('targets that change', () => {
  it('a Chat Server that is down is told under the name that it has now', async () => {
    const { servers, begin, change, read } = metered();
    change('ChatServer_9', 'healthy', 'suspect');
    expect(await read('chat_servers_down')).toMatchObject({ 'chat_server="other",state="suspect"': 1 });
    const named = { ...TARGET, chatServers: ['ChatServer_9'] };
    servers.replace([named]);
    begin(named, TARGET);
    expect(await read('chat_servers_down')).toEqual({
      'chat_server="ChatServer_9",state="suspect"': 1,
      'chat_server="ChatServer_9",state="recovering"': 0,
      'chat_server="other",state="suspect"': 0,
      'chat_server="other",state="recovering"': 0,
    });
    change('ChatServer_9', 'suspect', 'healthy');
    expect(await read('chat_servers_down')).toMatchObject({ 'chat_server="ChatServer_9",state="suspect"': 0 });
  });

  it('states stay, control probes that are dropped go, and new ones are unknown', async () => {
    const { observe, begin, read } = metered({ controls: ['absent'] });
    observe({ type: 'guard_changed', target: 'default', state: 'tripped' });
    observe({ type: 'gateway_changed', target: 'default', open: true });
    begin({ ...TARGET, controls: ['live'], enforcePercent: 30 }, { ...TARGET, controls: ['absent'] });
    expect(await read('guard_state')).toMatchObject({ 'state="tripped"': 1 });
    expect(await read('gateway_open')).toEqual({ '': 1 });
    expect(await read('enforced_ratio')).toEqual({ '': 0.3 });
    expect(await read('control_state')).toEqual({
      'control="live",state="right"': 0,
      'control="live",state="wrong"': 0,
      'control="live",state="unknown"': 1,
    });
  });

  it('of one that is gone nothing is left', async () => {
    const { forget, text } = metered();
    expect(await text()).toContain('default');
    forget(TARGET);
    expect(await text()).not.toContain('default');
  });
});
