import type { InteractionServerAdapter, SendOutcome } from '../../src/probe/adapter.ts';
import type { CancelSignal } from '../../src/probe/cancel-signal.ts';
import { type Clock, wait } from '../../src/probe/clock.ts';
import type { EspReply, EspRequest } from '../../src/probe/esp.ts';

/** What the far end does with one message: an answer after some milliseconds, or silence. */
export interface Turn {
  readonly afterMs: number;
  readonly answer: Answer;
}

export type Answer =
  | 'delivered'
  | 'dead'
  | 'orphaned'
  | 'other_fault'
  | 'other_error'
  | 'mismatch'
  | 'refused'
  | 'auth'
  | { readonly busyMs: number }
  | 'silent'
  | 'stuck'
  | 'throws';

/** One message as the far end saw it. */
export interface Seen {
  readonly atMs: number;
  readonly request: EspRequest;
  readonly timeoutMs: number;
}

export interface ScriptedAdapter extends InteractionServerAdapter {
  readonly seen: readonly Seen[];
  readonly aborted: () => number;
}

/** Plays the turns in order, the last one again and again. */
export function scriptedAdapter(clock: Clock, turns: readonly Turn[]): ScriptedAdapter {
  const seen: Seen[] = [];
  let aborted = 0;
  return {
    kind: 'scripted',
    isSimulated: () => false,
    seen,
    aborted: () => aborted,
    async send(request, timeoutMs, signal) {
      const turn = turns[Math.min(seen.length, turns.length - 1)];
      if (turn === undefined) throw new Error('no turn scripted');
      seen.push({ atMs: clock.nowMs(), request, timeoutMs });
      if (turn.answer === 'throws') throw new Error('adapter bug');
      if (turn.answer === 'stuck') return new Promise<SendOutcome>(() => undefined);
      await wait(clock, turn.answer === 'silent' ? 1e9 : turn.afterMs, signal);
      if (signal.aborted) {
        aborted += 1;
        return failure('timeout');
      }
      return outcomeOf(turn.answer, request);
    },
    health: async () => 'connected',
    close: async () => undefined,
  };
}

/** An adapter whose sends are whatever the test makes of them. */
export function adapterThat(send: (request: EspRequest, signal: CancelSignal) => Promise<SendOutcome>): InteractionServerAdapter {
  return {
    kind: 'scripted',
    isSimulated: () => false,
    send: (request, _timeoutMs, signal) => send(request, signal),
    health: async () => 'connected',
    close: async () => undefined,
  };
}

export function outcomeOf(answer: Answer, { referenceId, userData }: EspRequest): SendOutcome {
  const reply = (fields: EspReply): SendOutcome => ({ kind: 'reply', reply: fields });
  const base = { referenceId, userData: null };
  if (typeof answer === 'object') return { ...failure('gateway_busy'), rejected: true, retryAfterMs: answer.busyMs };
  switch (answer) {
    case 'delivered':
      return reply({ kind: 'response', referenceId, userData });
    case 'dead':
      return reply({
        ...base,
        kind: 'fault',
        service: 'Chat',
        faultCode: '100',
        faultString: 'interaction with specified id was not found',
      });
    case 'orphaned':
      return reply({ ...base, kind: 'error', errorCode: 1, errorMessage: 'Not found by name' });
    case 'other_fault':
      return reply({ ...base, kind: 'fault', service: 'Chat', faultCode: '999', faultString: 'undocumented' });
    case 'other_error':
      return reply({ ...base, kind: 'error', errorCode: 42, errorMessage: 'undocumented' });
    case 'mismatch':
      return reply({ kind: 'response', referenceId: referenceId + 1, userData: null });
    case 'refused':
      return { ...failure('connect_refused'), written: false };
    case 'auth':
      return { ...failure('gateway_auth'), rejected: true };
    case 'silent':
    case 'stuck':
    case 'throws':
      return failure('timeout');
  }
}

function failure(reason: Extract<SendOutcome, { kind: 'failure' }>['reason']): Extract<SendOutcome, { kind: 'failure' }> {
  return { kind: 'failure', reason, written: true, rejected: false, retryAfterMs: null, detail: 'scripted' };
}
