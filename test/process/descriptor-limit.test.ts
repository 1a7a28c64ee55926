import { expect, it } from 'vitest';
import { descriptorLimit, maxConnections } from '../../src/process/descriptor-limit.ts';
import { configFrom } from '../config/loading.ts';

const GATEWAYS = { adapter: 'gateway', ha: false, gateways: ['http://gw-1', 'http://gw-2'] };

it('the limit is that of this process', () => {
  expect(descriptorLimit()).toBeGreaterThan(100);
});

it.each([
  ['what a high limit leaves beside the gateways', 20_000, 20_000 - 64 - 512],
  ['half of a low one', 200, 68],
  ['a few under the lowest', 70, 16],
  ['ten thousand where nobody knows the limit', null, 10_000],
])('callers may have as many connections as: %s', (_what, limit, connections) => {
  expect(maxConnections(configFrom({ targets: { default: GATEWAYS } }), limit)).toBe(connections);
});

it('without gateways none are kept for them, and what is configured counts', () => {
  expect(maxConnections(configFrom(null), 1_064)).toBe(1_000);
  expect(maxConnections(configFrom({ server: { maxConnections: 7 } }), 1_064)).toBe(7);
});
