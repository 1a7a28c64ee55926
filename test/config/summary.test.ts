import { expect, it } from 'vitest';
import { describeConfig } from '../../src/config/summary.ts';
import { configFrom, GATEWAY_ENV } from './loading.ts';

it('says first and loudly that the simulator answers by default, and only then', () => {
  expect(describeConfig(configFrom(null))[0]).toMatch(/^NO ADAPTER IS CONFIGURED/);
  expect(describeConfig(configFrom(null, { CHATPROBE_ADAPTER: 'simulator' })).join('\n')).not.toContain('NO ADAPTER');
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
