import { expect, it } from 'vitest';
import { configWarnings } from '../../src/config/warnings.ts';
import { configFrom, GATEWAY } from './loading.ts';

const warningsOf = (...given: Parameters<typeof configFrom>) => configWarnings(configFrom(...given));
const target = (given: Readonly<Record<string, unknown>>) => ({ targets: { default: GATEWAY, west: { ...GATEWAY, ...given } } });

it('says nothing of gateways as they are by default', () => {
  expect(warningsOf({ targets: { default: GATEWAY, west: { ...GATEWAY, enforcePercent: 100 } } })).toEqual([]);
});

it('tells of simulators, and whether anybody chose them', () => {
  expect(warningsOf(null)).toEqual([
    { targets: ['default'], text: expect.stringMatching(/^EMBEDDED SIMULATOR.*no adapter is configured$/) },
  ]);
  expect(warningsOf({ targets: { default: GATEWAY, lab: { adapter: 'simulator' } } })).toEqual([
    { targets: ['lab'], text: expect.stringMatching(/^EMBEDDED SIMULATOR.*the configuration says so$/) },
  ]);
});

it('tells which targets are in shadow mode, and does not call those partly enforced as well', () => {
  expect(warningsOf(target({ shadow: true, enforcePercent: 5 }))).toEqual([
    { targets: ['west'], text: expect.stringMatching(/^SHADOW MODE/) },
  ]);
});

it.each([99.9, 0])('tells which targets enforce only %d %%', (enforcePercent) => {
  expect(warningsOf(target({ enforcePercent }))).toEqual([{ targets: ['west'], text: expect.stringMatching(/^PARTLY ENFORCED/) }]);
});

it('tells which gateways may stop chats before they have delivered a message', () => {
  expect(warningsOf(target({ guard: { requireDelivery: false } }))).toEqual([
    { targets: ['west'], text: expect.stringMatching(/^NO PROOF OF DELIVERY/) },
  ]);
});

it.each([
  [{ attempts: 1 }, true],
  [{ attempts: 2, attemptTimeoutMs: 1_000, deadlineMs: 1_999 }, true],
  [{ attempts: 2, attemptTimeoutMs: 1_000, deadlineMs: 2_000 }, false],
])('tells where the policy %j leaves no time for a second answer', (policy, isTold) => {
  const warned = warningsOf({ targets: { default: GATEWAY, west: { ...GATEWAY, policy: 'hasty' } }, policies: { hasty: policy } });
  const without = warningsOf({ targets: { west: { ...GATEWAY, ha: false, policy: 'hasty' } }, policies: { hasty: policy } });
  expect(warned).toEqual(isTold ? [{ targets: ['west'], text: expect.stringMatching(/^NO TIME FOR A SECOND ANSWER/) }] : []);
  expect(without).toEqual([]);
});

it('names all the targets that one warning is about, and says everything that is to be said', () => {
  const shadow = { ...GATEWAY, shadow: true, guard: { requireDelivery: false } };
  expect(warningsOf({ targets: { east: shadow, west: shadow } }).map(({ targets }) => targets)).toEqual([
    ['east', 'west'],
    ['east', 'west'],
  ]);
});
