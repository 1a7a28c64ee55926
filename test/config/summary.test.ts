import { expect, it } from 'vitest';
import { describeConfig, headline } from '../../src/config/summary.ts';
import { configFrom, GATEWAY, GATEWAY_ENV } from './loading.ts';

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
  const env = { ...GATEWAY_ENV, CHATPROBE_HOST: '::1', CHATPROBE_GATEWAY_TOKEN: 'zq-gateway', CHATPROBE_API_TOKEN: 'zq-callers' };
  const text = describeConfig(configFrom({ policies: { night: {} } }, env)).join('\n');
  expect(text).toContain('listens on [::1]:8080, callers must show a token');
  expect(text).toContain('target default: gateway http://gw-1:9190 (with a token, system certificates,');
  expect(text).toContain('policy night: 3 attempts');
  expect(text).toContain('100 to 60000 ms and 2 to 10 attempts');
  expect(text).not.toContain('zq-');
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
