import { type CancelSignal, createCancelController } from '../../probe/cancel-signal.ts';
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
  /** The settings have changed, or the target has: asks anew, where that matters. What is known of an interaction that stays is kept. */
  reconfigured(target: Target): void;
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

export function createControlProbes({ clock, prober, settings, tell, ...parts }: ControlParts): ControlProbes {
  let { target } = parts;
  const controls = new Map<Control, AskedControl>();
  let intervalMs = 0;
  let hasStarted = false;
  let asking = createCancelController();
  let cancelNext = (): void => undefined;

  /** Whether anything is not as it was. */
  const adopt = (): boolean => {
    const isOtherInterval = intervalMs !== settings.intervalMs;
    intervalMs = settings.intervalMs;
    return adoptChats(controls, settings) || isOtherInterval;
  };
  const askAbout = async (control: Control, about: AskedControl): Promise<void> => {
    about.asked += 1;
    const number = about.asked;
    const reason = await reasonFor(prober, target, control, about.chat, asking.signal);
    // An answer may take longer than the interval, and be overtaken by that to a later question; or be to one that is not asked any more.
    if (reason === null || number < about.answered || controls.get(control) !== about) return;
    about.answered = number;
    const state = stateFor(control, reason);
    // No answer takes nothing back: a wrong one stands until a right one comes.
    if (state !== 'unknown') about.state = state;
    tell(control, about.state === 'wrong' ? 'wrong' : state);
  };
  const askAll = (): void => {
    if (!hasStarted || controls.size === 0) return;
    cancelNext = clock.schedule(intervalMs, askAll);
    for (const control of CONTROLS) {
      const about = controls.get(control);
      if (about !== undefined) void askAbout(control, about);
    }
  };
  const end = (): void => {
    asking.abort();
    cancelNext();
  };
  adopt();

  return {
    get isWrong() {
      for (const { state } of controls.values()) if (state === 'wrong') return true;
      return false;
    },
    state: (control) => controls.get(control)?.state ?? null,
    start() {
      hasStarted = !asking.signal.aborted;
      askAll();
    },
    reconfigured(next) {
      const isElsewhere = next.adapter !== target.adapter;
      target = next;
      if (!adopt() && !isElsewhere) return;
      end();
      asking = createCancelController();
      askAll();
    },
    close() {
      hasStarted = false;
      end();
    },
  };
}

/** What is known of one of them. */
interface AskedControl {
  readonly chat: ControlChat;
  state: ControlState;
  asked: number;
  /** The newest question that was answered. */
  answered: number;
}

/** What is known of a chat that stays is kept. @returns whether any did not. */
function adoptChats(controls: Map<Control, AskedControl>, settings: ControlSettings): boolean {
  let isOther = false;
  for (const control of CONTROLS) {
    const chat = settings[control];
    if (isSame(controls.get(control)?.chat ?? null, chat)) continue;
    isOther = true;
    if (chat === null) controls.delete(control);
    else controls.set(control, { chat, state: 'unknown', asked: 0, answered: 0 });
  }
  return isOther;
}

function isSame(one: ControlChat | null, other: ControlChat | null): boolean {
  return one?.interactionId === other?.interactionId && one?.chatServer === other?.chatServer;
}

async function reasonFor(
  prober: Prober,
  target: Target,
  control: Control,
  chat: ControlChat,
  signal: CancelSignal,
): Promise<Reason | null> {
  const id = `control-${control}`;
  const result = await prober.probe(
    {
      probeId: id,
      requestId: id,
      caller: null,
      interactionId: chat.interactionId,
      target,
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
