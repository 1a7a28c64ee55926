import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REASON_NAMES, REASONS } from '../../src/probe/reasons.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import { conclude, stopsOrphans } from '../../src/probe/verdict.ts';
import { RULES } from '../support/samples.ts';

const rules: fc.Arbitrary<TargetRules> = fc.record({
  ha: fc.boolean(),
  singleChatServer: fc.boolean(),
  onChatServerDown: fc.constantFrom('stop', 'route', 'auto'),
  restoreWindowMs: fc.integer({ min: 0, max: 100_000 }),
  confirmAfterMs: fc.integer({ min: 0, max: 60_000 }),
  onUnrecognised: fc.constantFrom('route', 'stop'),
});
const deadlines = fc.integer({ min: 100, max: 100_000 });

it.each([
  ['delivered', 'route', 'alive', false],
  ['session_not_found', 'stop', 'dead', false],
  ['session_offline', 'stop', 'closed', false],
  ['session_not_found_by_type', 'route', 'unknown', true],
  ['session_may_have_moved', 'route', 'unknown', true],
  ['timeout', 'route', 'unknown', true],
  ['internal_error', 'route', 'unknown', true],
] as const)('%s gives %s on evidence %s', (reason, verdict, evidence, degraded) => {
  expect(conclude(reason, RULES, 8_000, false)).toMatchObject({ reason, verdict, evidence, degraded });
});

describe('a chat whose server is down', () => {
  it.each([
    ['stop', true, 8_000, 'stop'],
    ['route', false, 60_000, 'route'],
    ['auto', false, 100, 'stop'],
    ['auto', true, 44_999, 'route'],
    ['auto', true, 45_000, 'stop'],
  ] as const)('with onChatServerDown %s, ha %s and a deadline of %i ms: %s', (onChatServerDown, ha, deadlineMs, verdict) => {
    expect(conclude('chat_server_not_found', { ...RULES, onChatServerDown, ha }, deadlineMs, false)).toMatchObject({
      verdict,
      evidence: 'orphaned',
      degraded: true,
    });
  });

  it.each([
    ['auto', 'stop'],
    ['stop', 'stop'],
    ['route', 'route'],
  ] as const)('and known to be down for long, with onChatServerDown %s, however short the deadline: %s', (onChatServerDown, verdict) => {
    expect(conclude('chat_server_not_found', { ...RULES, onChatServerDown }, 100, true).verdict).toBe(verdict);
    expect(stopsOrphans({ ...RULES, onChatServerDown }, 100)).toBe(onChatServerDown === 'stop');
  });

  it('tells when to ask again if it is routed, not if it is stopped', () => {
    expect(conclude('chat_server_not_found', { ...RULES, onChatServerDown: 'route' }, 8_000, false).recheckAfterMs).toBe(5_000);
    expect(conclude('chat_server_not_found', { ...RULES, onChatServerDown: 'stop' }, 8_000, false).recheckAfterMs).toBeNull();
  });
});

describe('an answer that the table does not know', () => {
  it.each(['fault_unrecognised', 'error_unrecognised'] as const)('%s is routed unless the target says stop', (reason) => {
    expect(conclude(reason, RULES, 8_000, false)).toMatchObject({ verdict: 'route', degraded: true, recheckAfterMs: 5_000 });
    expect(conclude(reason, { ...RULES, onUnrecognised: 'stop' }, 8_000, false)).toMatchObject({
      verdict: 'stop',
      degraded: true,
      evidence: 'unknown',
      recheckAfterMs: null,
    });
  });
});

it('asks to come back no earlier than the gateway does', () => {
  expect(conclude('gateway_busy', RULES, 8_000, false, 30_000).recheckAfterMs).toBe(30_000);
  expect(conclude('gateway_busy', RULES, 8_000, false, 1).recheckAfterMs).toBe(5_000);
  expect(conclude('gateway_auth', RULES, 8_000, false, 30_000).recheckAfterMs).toBeNull();
});

it('never stops without proof or a rule of the target that says so', () => {
  fc.assert(
    fc.property(fc.constantFrom(...REASON_NAMES), rules, deadlines, fc.boolean(), (reason, targetRules, deadlineMs, isKnownDown) => {
      const { verdict, evidence, degraded } = conclude(reason, targetRules, deadlineMs, isKnownDown);
      const proven = evidence === 'dead' || evidence === 'closed';
      const ruledDown = evidence === 'orphaned' && targetRules.onChatServerDown !== 'route';
      const ruledUnrecognised = reason.endsWith('_unrecognised') && targetRules.onUnrecognised === 'stop';
      expect(verdict === 'route' || proven || ruledDown || ruledUnrecognised).toBe(true);
      expect(degraded).toBe(!proven && evidence !== 'alive');
    }),
  );
});

it('always routes what was delivered', () => {
  fc.assert(
    fc.property(rules, fc.nat(), (targetRules, deadlineMs) => conclude('delivered', targetRules, deadlineMs, true).verdict === 'route'),
  );
});

it('lets only the documented faults count against a chat', () => {
  const against = REASON_NAMES.filter((reason) => REASONS[reason].evidence === 'dead' || REASONS[reason].evidence === 'orphaned');
  expect(against).toEqual(['session_not_found', 'chat_server_not_found']);
});
