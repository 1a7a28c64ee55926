import { createCancelController } from '../../probe/cancel-signal.ts';
import type { Clock } from '../../probe/clock.ts';
import type { RetryPolicy } from '../../probe/policy.ts';
import type { Prober } from '../../probe/prober.ts';
import { REASONS, type Reason } from '../../probe/reasons.ts';
import type { Target } from '../../probe/target.ts';
import { CONTROLS, type Control, type ControlState } from '../events.ts';
import type { ControlChat, ControlSettings } from '../settings.ts';

/** Asks about interactions whose answer is known beforehand. */
export interface ControlProbes {
  /** True while the last answer that told anything was wrong for any of them. */
  readonly isWrong: boolean;
  /** Null where there is no such control. */
  state(control: Control): ControlState | null;
  /** Asks now, and then on the interval. */
  start(): void;
  close(): void;
}

export interface ControlParts {
  readonly clock: Clock;
  /** One of its own: what it finds out is no finding about a customer's chat. */
  readonly prober: Prober;
  readonly target: Target;
  readonly settings: ControlSettings;
  readonly tell: (control: Control, state: ControlState) => void;
}

const POLICY: RetryPolicy = { attempts: 1, attemptTimeoutMs: 2_000, pauseMs: 0, backoff: 1, maxPauseMs: 0, jitter: 0, deadlineMs: 2_500 };

export function createControlProbes(parts: ControlParts): ControlProbes {
  const { clock, settings } = parts;
  const states = new Map<Control, ControlState>();
  for (const control of CONTROLS) if (settings[control] !== null) states.set(control, 'unknown');
  let asked = 0;
  /** The newest question that was answered. */
  const answered = new Map<Control, number>();
  const ending = createCancelController();
  let cancelNext = (): void => undefined;

  const askAbout = async (control: Control, chat: ControlChat): Promise<void> => {
    asked += 1;
    const number = asked;
    const reason = await reasonFor(parts, control, chat, ending.signal);
    // An answer may take longer than the interval, and be overtaken by that to a later question.
    if (reason === null || number < (answered.get(control) ?? 0)) return;
    answered.set(control, number);
    const state = stateFor(control, reason);
    // No answer takes nothing back: a wrong one stands until a right one comes.
    if (state !== 'unknown') states.set(control, state);
    parts.tell(control, states.get(control) === 'wrong' ? 'wrong' : state);
  };
  const askAll = (): void => {
    cancelNext = clock.schedule(settings.intervalMs, askAll);
    for (const control of CONTROLS) {
      const chat = settings[control];
      if (chat !== null) void askAbout(control, chat);
    }
  };

  return {
    get isWrong() {
      return CONTROLS.some((control) => states.get(control) === 'wrong');
    },
    state: (control) => states.get(control) ?? null,
    start() {
      if (states.size > 0 && !ending.signal.aborted) askAll();
    },
    close() {
      ending.abort();
      cancelNext();
    },
  };
}

async function reasonFor(parts: ControlParts, control: Control, chat: ControlChat, signal: Parameters<Prober['probe']>[1]) {
  const id = `control-${control}`;
  const result = await parts.prober.probe(
    {
      probeId: id,
      requestId: id,
      caller: null,
      interactionId: chat.interactionId,
      target: parts.target,
      policyName: 'control',
      policy: POLICY,
      chatServer: chat.chatServer,
      isOffline: false,
      userData: {},
    },
    signal,
  );
  // What its one message came to: a verdict may ask for more than one.
  return result === null ? null : (result.attempts.at(-1)?.reason ?? result.reason);
}

function stateFor(control: Control, reason: Reason): ControlState {
  if (reason === 'delivered') return control === 'live' ? 'right' : 'wrong';
  if (REASONS[reason].origin !== 'reply') return 'unknown';
  if (control === 'live') return 'wrong';
  // Whatever else a Chat Server that is down or an unknown answer means, it is not that everything is called alive.
  return reason.startsWith('session_') ? 'right' : 'unknown';
}
