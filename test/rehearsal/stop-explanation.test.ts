import { describe, expect, it } from 'vitest';
import { explainStop, type StopFacts } from '../../src/rehearsal/stop-explanation.ts';
import { RULES } from '../support/samples.ts';

const running = (host: string) => ({ session: 'running', host }) as const;

/** A chat on A that Interaction Server could not find, under rules that stop it. */
const FACTS: StopFacts = {
  reason: 'chat_server_not_found',
  rules: { ...RULES, ha: true, singleChatServer: false, onChatServerDown: 'stop', restoreWindowMs: 45_000, onUnrecognised: 'stop' },
  deadlineMs: 8_000,
  asked: 'A',
  atStart: running('A'),
  atVerdict: running('A'),
  hostConnected: true,
  misconfigured: false,
};
const explain = (facts: Partial<StopFacts>, rules: Partial<StopFacts['rules']> = {}) =>
  explainStop({ ...FACTS, ...facts, rules: { ...FACTS.rules, ...rules } });

describe('the rule that made a stop', () => {
  it.each([
    ['is_online', { reason: 'session_offline' }, {}],
    ['last_not_found', { reason: 'session_not_found' }, { ha: true }],
    ['first_not_found', { reason: 'session_not_found' }, { ha: false }],
    ['only_chat_server', { reason: 'session_not_found', asked: null }, { singleChatServer: true }],
    ['down_stop', {}, { onChatServerDown: 'stop' }],
    ['down_without_ha', {}, { onChatServerDown: 'auto', ha: false }],
    ['down_outlasted', { deadlineMs: 45_000 }, { onChatServerDown: 'auto' }],
    ['unrecognised_stop', { reason: 'fault_unrecognised' }, {}],
    ['unrecognised_stop', { reason: 'error_unrecognised' }, {}],
  ] as const)('is %s', (rule, facts, rules) => {
    expect(explain(facts, rules).rule).toBe(rule);
  });

  it.each([
    ['under auto before the window is over', { deadlineMs: 44_999 }, { onChatServerDown: 'auto' }],
    ['where a dead server means route', { deadlineMs: 60_000 }, { onChatServerDown: 'route' }],
    ['where unrecognised answers mean route', { reason: 'fault_unrecognised' }, { onUnrecognised: 'route' }],
    ['for a reason that never stops', { reason: 'timeout' }, {}],
  ] as const)('is shown to be missing %s', (_, facts, rules) => {
    expect(explain(facts, rules).rule).toBe('no_rule');
  });
});

describe('the cause for which a stopped chat lived', () => {
  it.each([
    ['misconfigured', { misconfigured: true }],
    ['client_on_its_way', { atVerdict: { session: 'restorable', host: 'A' } }],
    ['stale_name', { atStart: running('B'), atVerdict: running('B') }],
    ['moved_meanwhile', { atStart: running('A'), atVerdict: running('B') }],
    ['moved_meanwhile', { atStart: { session: 'restorable', host: 'A' }, atVerdict: running('B') }],
    ['asked_elsewhere', { reason: 'session_not_found', asked: null, atVerdict: running('B') }],
    ['not_connected', { hostConnected: false }],
  ] as const)('is %s', (cause, facts) => {
    expect(explain(facts).cause).toBe(cause);
  });

  it.each([
    ['its own server, up and connected, is said not to have it', {}],
    ['it has no session left', { atVerdict: { session: 'none', host: null } }],
    ['it runs, asked by type, and no server was found', { asked: null }],
  ] as const)('is unexplained if %s', (_, facts) => {
    expect(explain(facts).cause).toBe('unexplained');
  });
});
