import { expect, it } from 'vitest';
import { configWarnings } from '../../src/config/warnings.ts';
import { GATEWAY as BARE_GATEWAY, configFrom, GATEWAY_ENV } from './loading.ts';

/** With all that a site must say for itself. */
const GATEWAY = { ...BARE_GATEWAY, restoreWindowMs: 300_000 };

const warningsOf = (...given: Parameters<typeof configFrom>) => configWarnings(configFrom(...given));
const target = (given: Readonly<Record<string, unknown>>) => ({ targets: { default: GATEWAY, west: { ...GATEWAY, ...given } } });

it('says nothing of gateways that have what a site must say for itself', () => {
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

it('tells which gateways with ha leave their restore window to our guess, set as it may be to the same number', () => {
  const guessed = (targets: unknown) => warningsOf({ targets }).filter(({ text }) => text.startsWith('RESTORE WINDOW NOT SET'));
  const { ha: _, ...withoutHa } = BARE_GATEWAY;
  expect(guessed({ default: BARE_GATEWAY, east: GATEWAY, west: { ...BARE_GATEWAY, shadow: true } })).toEqual([
    { targets: ['default', 'west'], text: expect.stringMatching(/flex-disconnect-timeout.*default of 45000 ms/) },
  ]);
  expect(configFrom({ targets: { default: BARE_GATEWAY } }).targets.get('default')?.rules.restoreWindowMs).toBe(45_000);
  const none = { default: { ...BARE_GATEWAY, restoreWindowMs: 45_000 }, zero: { ...BARE_GATEWAY, restoreWindowMs: 0 } };
  expect(guessed({ ...none, plain: { ...withoutHa, ha: false }, lab: { adapter: 'simulator', ha: true } })).toEqual([]);
});

it('tells so of a target that variables alone describe, and of one that they put ha into', () => {
  const guessed = { targets: ['default'], text: expect.stringMatching(/^RESTORE WINDOW NOT SET/) };
  expect(warningsOf(null, GATEWAY_ENV)).toEqual([guessed]);
  expect(warningsOf({ targets: { default: { ...BARE_GATEWAY, ha: false } } }, { CHATPROBE_HA: 'true' })).toEqual([guessed]);
  expect(warningsOf({ targets: { default: GATEWAY } }, GATEWAY_ENV)).toEqual([]);
});

it('names all the targets that one warning is about, and says everything that is to be said', () => {
  const shadow = { ...GATEWAY, shadow: true, guard: { requireDelivery: false } };
  expect(warningsOf({ targets: { east: shadow, west: shadow } }).map(({ targets }) => targets)).toEqual([
    ['east', 'west'],
    ['east', 'west'],
  ]);
});
