import { describe, expect, it } from 'vitest';
import { explainStop } from '../../lab/rehearsal/stop-explanation.ts';
import type { StopFacts } from '../../lab/rehearsal/stop-facts.ts';
import type { WireAttempt } from '../../lab/rehearsal/wire-word.ts';
import type { SendOutcome } from '../../src/probe/adapter.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { requestFor } from '../simulator/sample-request.ts';
import { RULES } from '../support/samples.ts';

const running = (host: string) => ({ session: 'running', host }) as const;
const restorable = (host: string) => ({ session: 'restorable', host }) as const;
const REQUEST = requestFor('chat', 'A');

type Reply = Extract<SendOutcome, { readonly kind: 'reply' }>['reply'];
const ECHO = { referenceId: REQUEST.referenceId, userData: null };
const REPLIES = {
  delivered: { kind: 'response', ...ECHO },
  fault100: { kind: 'fault', ...ECHO, service: 'Chat', faultCode: '100', faultString: null },
  fault100OfOther: { kind: 'fault', ...ECHO, service: 'Email', faultCode: '100', faultString: null },
  fault7: { kind: 'fault', ...ECHO, service: null, faultCode: '7', faultString: null },
  notFound: { kind: 'error', ...ECHO, errorCode: 1, errorMessage: 'NOT found by name' },
  error1: { kind: 'error', ...ECHO, errorCode: 1, errorMessage: null },
  error2: { kind: 'error', ...ECHO, errorCode: 2, errorMessage: 'Not found by name' },
  ofAnother: { kind: 'fault', ...ECHO, referenceId: 999, service: 'Chat', faultCode: '100', faultString: null },
  ofOtherChat: { kind: 'fault', ...ECHO, userData: { Id: 'other' }, service: 'Chat', faultCode: '100', faultString: null },
} as const satisfies Record<string, Reply>;
type Word = keyof typeof REPLIES | 'silence';

const attempt = (word: Word, atMs = 0): WireAttempt => ({
  atMs,
  request: REQUEST,
  settledAtMs: atMs + 5,
  outcome:
    word === 'silence'
      ? { kind: 'failure', reason: 'timeout', written: true, rejected: false, retryAfterMs: null, detail: '' }
      : { kind: 'reply', reply: REPLIES[word] },
});
/** As many attempts as the policy has. */
const wire = (...words: readonly Word[]) => words.map((word, index) => attempt(word, index * 3_000));

const { inline, ha } = BUILT_IN_POLICIES;
const DOWN = wire('notFound', 'notFound', 'notFound');
const LOST = wire('fault100', 'fault100', 'fault100');

/** A chat on A that Interaction Server could not find, under rules that stop it. */
const FACTS: StopFacts = {
  reason: 'chat_server_not_found',
  isWatched: false,
  isHeld: false,
  nowMs: 7_000,
  signs: { downSinceMs: Number.POSITIVE_INFINITY, provenForMs: 0, aliveElsewhereAtMs: Number.NEGATIVE_INFINITY },
  linkLost: false,
  byCanary: false,
  rules: {
    ...RULES,
    confirmAfterMs: 1_000,
    ha: true,
    singleChatServer: false,
    onChatServerDown: 'stop',
    restoreWindowMs: 45_000,
    onUnrecognised: 'stop',
  },
  policy: inline,
  startedAtMs: 0,
  attempts: DOWN,
  lastOfServer: null,
  isOffline: false,
  asked: 'A',
  atStart: running('A'),
  atVerdict: running('A'),
  connected: ['B', 'C'],
  crashedMeanwhile: false,
  startedMeanwhile: false,
  misconfigured: null,
};
const WATCHED = {
  isWatched: true,
  signs: { downSinceMs: 5, provenForMs: 1_000, aliveElsewhereAtMs: Number.NEGATIVE_INFINITY },
} as const;
/** Down since the restore window and its lag before the probe began, and another one lived lately. */
const KNOWN = { downSinceMs: -50_000, provenForMs: 50_000, aliveElsewhereAtMs: -8_000 } as const;
const AUTO = { onChatServerDown: 'auto' } as const;
const KNOWN_DOWN = { ...WATCHED, isHeld: true, signs: KNOWN, attempts: wire('notFound') } as const;
const NOT_FOUND = { reason: 'session_not_found', attempts: LOST, connected: ['A', 'B'] } as const;
const explain = (facts: Partial<StopFacts>, rules: Partial<StopFacts['rules']> = {}) =>
  explainStop({ ...FACTS, ...facts, rules: { ...FACTS.rules, ...rules } });

type Case = readonly [string, Partial<StopFacts>, Partial<StopFacts['rules']>];

describe('the rule that made a stop', () => {
  it.each<Case>([
    ['is_online', { reason: 'session_offline', isOffline: true, attempts: [] }, {}],
    ['last_not_found', NOT_FOUND, { ha: true }],
    ['first_not_found', { ...NOT_FOUND, attempts: wire('fault100') }, { ha: false }],
    ['only_chat_server', { ...NOT_FOUND, asked: null }, { singleChatServer: true }],
    ['down_stop', {}, { onChatServerDown: 'stop' }],
    ['down_without_ha', {}, { onChatServerDown: 'auto', ha: false }],
    ['down_outlasted', { policy: { ...inline, deadlineMs: 45_000 } }, { onChatServerDown: 'auto' }],
    ['unrecognised_stop', { reason: 'fault_unrecognised', attempts: wire('fault7', 'fault7') }, {}],
    ['unrecognised_stop', { reason: 'fault_unrecognised', attempts: wire('fault100OfOther', 'fault100OfOther') }, {}],
    ['unrecognised_stop', { reason: 'error_unrecognised', attempts: wire('error2', 'error2') }, {}],
    ['unrecognised_stop', { reason: 'error_unrecognised', attempts: wire('error1', 'error1') }, {}],
    ['down_stop', { ...WATCHED, byCanary: true, attempts: [], lastOfServer: attempt('notFound', 1) }, {}],
    ['down_stop', { ...WATCHED, isHeld: true, signs: KNOWN, attempts: wire('notFound') }, {}],
    ['down_outlasted', { ...WATCHED, isHeld: true, signs: KNOWN, attempts: wire('notFound'), policy: ha }, { onChatServerDown: 'auto' }],
    ['known_down', { ...WATCHED, isHeld: true, signs: KNOWN, attempts: wire('notFound') }, { onChatServerDown: 'auto' }],
    [
      'known_down',
      { ...WATCHED, signs: KNOWN, byCanary: true, attempts: [], startedAtMs: 6, nowMs: 3_005, lastOfServer: attempt('notFound', 0) },
      { onChatServerDown: 'auto' },
    ],
    ['last_not_found', { ...NOT_FOUND, policy: ha, attempts: [attempt('fault100'), attempt('fault100', 53_000)] }, {}],
  ])('is %s', (rule, facts, rules) => {
    expect(explain(facts, rules).rule).toBe(rule);
  });

  it.each<Case>([
    ['under auto before the window is over', { policy: { ...inline, deadlineMs: 44_999 } }, { onChatServerDown: 'auto' }],
    ['where a dead server means route', { policy: ha }, { onChatServerDown: 'route' }],
    ['where unrecognised answers mean route', { reason: 'fault_unrecognised', attempts: wire('fault7') }, { onUnrecognised: 'route' }],
    ['for a reason that never stops', { reason: 'timeout', attempts: wire('silence') }, {}],
    ['where nothing was sent', { attempts: [] }, {}],
    ['where the last attempt brought nothing', { ...NOT_FOUND, attempts: wire('fault100', 'fault100', 'silence') }, {}],
    ['where a message was delivered', { ...NOT_FOUND, attempts: wire('delivered', 'fault100', 'fault100') }, {}],
    ['where the server came back empty within the probe', { ...NOT_FOUND, attempts: wire('notFound', 'fault100', 'fault100') }, {}],
    ['by type, where there are several', { ...NOT_FOUND, asked: null }, { singleChatServer: false }],
    ['where the data did not say that it was closed', { reason: 'session_offline' }, {}],
    ['where another reason was given than that of the reply', { reason: 'session_not_found' }, {}],
    ['for the answer to another message', { ...NOT_FOUND, attempts: wire('fault100', 'fault100', 'ofAnother') }, {}],
    ['for the answer about another chat', { ...NOT_FOUND, attempts: wire('fault100', 'fault100', 'ofOtherChat') }, {}],
    ['where attempts were left, of a session', { ...NOT_FOUND, attempts: wire('fault100') }, {}],
    ['where attempts were left, of a server', { attempts: wire('notFound') }, {}],
    ['for one word of a session', { ...NOT_FOUND, policy: ha, attempts: [attempt('silence'), attempt('fault100', 53_000)] }, {}],
    ['for two words close together', { ...NOT_FOUND, attempts: [0, 1, 997].map((atMs) => attempt('fault100', atMs)) }, {}],
    ['for one word about a server', { attempts: [attempt('silence'), attempt('silence', 1), attempt('notFound', 6_000)] }, {}],
    ['for one unrecognised word', { reason: 'fault_unrecognised', attempts: wire('silence', 'silence', 'fault7') }, {}],
    ['for what was read long after its time', { nowMs: 8_051 }, {}],
    ['while sessions may be restored elsewhere', { ...WATCHED, isHeld: true }, {}],
    ['where its server was not down for long enough', { ...KNOWN_DOWN, signs: { ...KNOWN, downSinceMs: -49_998 } }, AUTO],
    ['where no other server lived lately', { ...KNOWN_DOWN, signs: { ...KNOWN, aliveElsewhereAtMs: -8_002 } }, AUTO],
    ['where each probe knows its own messages only', { ...KNOWN_DOWN, isWatched: false }, AUTO],
    [
      'where the standing proof is old',
      { ...KNOWN_DOWN, byCanary: true, attempts: [], startedAtMs: 6, nowMs: 3_006, lastOfServer: attempt('notFound', 0) },
      AUTO,
    ],
    ['where no other chat proved it', { byCanary: true, attempts: [] }, {}],
    ['where another chat proved it before', { byCanary: true, attempts: [], lastOfServer: attempt('notFound', 0), startedAtMs: 6 }, {}],
    ['where another chat proved the opposite', { byCanary: true, attempts: [], lastOfServer: attempt('fault100', 1) }, {}],
  ])('is shown to be missing %s', (_, facts, rules) => {
    expect(explain(facts, rules).rule).toBe('no_rule');
  });
});

describe('the cause for which a stopped chat lived', () => {
  it.each<readonly [string, Partial<StopFacts>]>([
    ['misconfigured', { ...NOT_FOUND, misconfigured: 'session_not_found' }],
    ['misconfigured', { connected: ['A'], misconfigured: 'chat_server_not_found' }],
    ['link_lost', { linkLost: true }],
    ['link_lost', { linkLost: true, connected: ['A'] }],
    ['client_on_its_way', { linkLost: true, atVerdict: restorable('A') }],
    ['client_on_its_way', { atVerdict: restorable('A') }],
    ['client_on_its_way', { ...NOT_FOUND, atVerdict: restorable('A') }],
    ['client_on_its_way', { ...NOT_FOUND, asked: null, atVerdict: restorable('C') }],
    ['client_on_its_way', { asked: null, connected: [], atVerdict: restorable('A') }],
    ['stale_name', { atStart: running('B'), atVerdict: running('B') }],
    ['moved_meanwhile', { atStart: running('A'), atVerdict: running('B') }],
    ['moved_meanwhile', { ...NOT_FOUND, atStart: restorable('A'), atVerdict: running('B') }],
    ['asked_elsewhere', { ...NOT_FOUND, asked: null, atVerdict: running('B') }],
    ['not_connected', {}],
    ['not_connected', { asked: null, connected: [] }],
    ['crashed_with_it', { connected: ['A'], crashedMeanwhile: true }],
    ['moved_meanwhile', { connected: ['A'], startedMeanwhile: true, atVerdict: running('B') }],
  ])('is %s', (cause, facts) => {
    expect(explain(facts).cause).toBe(cause);
  });

  it.each<readonly [string, Partial<StopFacts>]>([
    ['its own server, connected, is said not to be there', { connected: ['A'] }],
    ['its own server, started anew, runs it', { connected: ['A'], startedMeanwhile: true }],
    ['its own server was connected all the time, and another runs it', { connected: ['A'], atVerdict: running('B') }],
    ['its own server, connected, is said not to have it', NOT_FOUND],
    ['a server says so that is not connected', { ...NOT_FOUND, connected: ['B'] }],
    ['a server says so that is not connected, and the chat could be restored', { ...NOT_FOUND, connected: [], atVerdict: restorable('A') }],
    ['it has no session left', { atVerdict: { session: 'none', host: null } }],
    ['it runs on the only server connected, and it was asked by type', { ...NOT_FOUND, asked: null, connected: ['A'] }],
    ['no server was connected, and one answered by type', { ...NOT_FOUND, asked: null, connected: [], atVerdict: restorable('A') }],
    ['a server was connected, and by type none was found', { asked: null }],
    ['everything is answered something else', { misconfigured: 'session_not_found' }],
    ['the data said that it was closed', { reason: 'session_offline', isOffline: true, attempts: [] }],
    ['it was delivered', { attempts: wire('delivered') }],
  ])('is unexplained if %s', (_, facts) => {
    expect(explain(facts).cause).toBe('unexplained');
  });
});
