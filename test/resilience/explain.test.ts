import { describe, expect, it } from 'vitest';
import { REASON_NAMES, REASONS } from '../../src/probe/reasons.ts';
import { SERVED_BY, VERDICTS } from '../../src/probe/verdict.ts';
import { WITHHOLDINGS } from '../../src/resilience/events.ts';
import { type Explained, explain } from '../../src/resilience/explain.ts';
import { attemptWith } from '../support/samples.ts';

interface Changes extends Partial<Omit<Explained, 'answer' | 'probe'>> {
  readonly chatServer?: string | null;
  readonly answer?: Partial<Explained['answer']>;
}

/** A chat that its own Chat Server called dead three times, but for these fields. */
function told({ chatServer = 'ChatServer_1', answer, ...fields }: Changes = {}): string {
  const reason = answer?.reason ?? 'session_not_found';
  return explain({
    probe: { chatServer },
    computed: 'stop',
    withheld: null,
    simulated: false,
    ...fields,
    answer: {
      verdict: 'stop',
      evidence: REASONS[reason].evidence,
      reason,
      faultCode: '100',
      servedBy: 'probe',
      isKnownDown: false,
      recheckAfterMs: null,
      elapsedMs: 6_012,
      attempts: [1, 2, 3].map((n) => attemptWith({ n, reason })),
      ...answer,
    },
  });
}

const routed = { verdict: 'route', faultCode: null } as const;

describe('an answer is explained in words:', () => {
  it.each([
    [{}, 'Stopped: ChatServer_1 says that the session does not exist (fault 100), 3 times in 6.0 s.'],
    [{ chatServer: null }, 'Stopped: the Chat Server says that the session does not exist (fault 100), 3 times in 6.0 s.'],
    [
      { withheld: 'mass_stop', answer: { verdict: 'route', recheckAfterMs: 5_000 } },
      'Routed although the probe found the chat dead: there are too many stops at once (guard). It found: ChatServer_1 says that the ' +
        'session does not exist (fault 100), 3 times in 6.0 s. Asking again in 5.0 s may bring another answer.',
    ],
    [
      { withheld: 'shadow', simulated: true, answer: { verdict: 'route', attempts: [] } },
      'Routed although the probe found the chat dead: verdicts about it are not enforced (shadow). It found: ChatServer_1 says that ' +
        'the session does not exist (fault 100). This is made up: a simulator answered.',
    ],
    [
      { answer: { reason: 'chat_server_not_found', faultCode: null, isKnownDown: true, servedBy: 'canary', attempts: [] } },
      'Stopped: Interaction Server does not find ChatServer_1; it has been down for longer than a session can be restored. ' +
        'The probe of another chat found it out.',
    ],
    [
      { computed: 'route', answer: { ...routed, reason: 'delivered', attempts: [attemptWith({ reason: 'delivered' })] } },
      'Routed: the message was delivered by way of ChatServer_1.',
    ],
    [
      {
        computed: 'route',
        chatServer: null,
        answer: { ...routed, reason: 'delivered', attempts: [attemptWith({}), attemptWith({ reason: 'delivered' })] },
      },
      'Routed: the message was delivered, at the last of 2 attempts in 6.0 s.',
    ],
    [
      { computed: 'route', answer: { ...routed, reason: 'deadline', attempts: [attemptWith({}), attemptWith({})] } },
      'Routed: time ran out, after 2 attempts in 6.0 s, so whether the chat is alive is not known.',
    ],
    [
      { answer: { reason: 'error_unrecognised', faultCode: null, attempts: [attemptWith({ errorCode: 43 })] } },
      'Stopped: the answer is an error that is not known (error 43), and the target stops on such an answer.',
    ],
    [
      { answer: { reason: 'session_offline', faultCode: null, servedBy: 'none', attempts: [] } },
      'Stopped: the interaction itself says that the chat is closed, so nothing was sent.',
    ],
    [
      { computed: 'route', answer: { ...routed, reason: 'delivered', servedBy: 'recent', attempts: [] } },
      'Routed: the message was delivered by way of ChatServer_1. A probe a moment ago found it out.',
    ],
  ] as const)('%j', (changes, words) => {
    expect(told(changes)).toBe(words);
  });

  it('every reason has words of its own', () => {
    const words = REASON_NAMES.map((reason) => told({ answer: { reason, attempts: [] } }));
    expect(new Set(words).size).toBe(REASON_NAMES.length);
  });

  it('whatever was found out, answered and withheld, it is whole sentences that say which', () => {
    for (const reason of REASON_NAMES)
      for (const computed of VERDICTS)
        for (const withheld of computed === 'stop' ? [null, ...WITHHOLDINGS] : [null])
          for (const servedBy of SERVED_BY) {
            const verdict = withheld === null ? computed : 'route';
            const words = told({ computed, withheld, answer: { verdict, reason, servedBy } });
            expect(words).toMatch(verdict === 'stop' ? /^Stopped: [a-zA-Z].*[^.]\.$/ : /^Routed(:| although the probe found) .*[^.]\.$/);
            expect(words).not.toMatch(/undefined|null|NaN| {2}| [,.;:]|\.\./);
          }
  });

  it('a name as long as a body does not fill it', () => {
    const words = told({ chatServer: 'x'.repeat(60_000), answer: { faultCode: 'y'.repeat(60_000) } });
    expect(words.length).toBeLessThan(250);
  });
});
