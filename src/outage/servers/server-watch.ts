import type { Attempt } from '../../probe/attempt.ts';
import type { AskedAttempt } from '../../probe/attempt-gate.ts';
import type { Clock } from '../../probe/clock.ts';
import type { StopSignal } from '../../probe/stop-signal.ts';
import type { ServerState } from '../events.ts';
import type { OutageSettings } from '../settings.ts';
import type { Pacer } from './pacer.ts';
import { createServerAlarm } from './server-alarm.ts';
import type { ServerHealth } from './server-health.ts';
import { createServerHealth } from './server-health.ts';
import { createServerLine, type ServerLine } from './server-line.ts';
import { moveOn, sendAway, settle, TIME_IS_OVER } from './server-moves.ts';
import { freePass, type ServerAnswer, type ServerDeskEvent, type ServerPass, type ServerSend } from './server-pass.ts';
import { createServerRoom } from './server-room.ts';
import { serverSign } from './server-sign.ts';
import { createServerWait, type ServerWait, type WaitEvents } from './server-wait.ts';

/** Watches one Chat Server: lets probes pass, or keeps them waiting for it. */
export interface ServerWatch {
  readonly belief: ServerHealth['belief'];
  /**
   * How much is lost if it is forgotten. 2: probes wait for it or a canary is out. 1: it has lived, so that what is known of it
   * protects chats. 0: a name under which nothing ever lived, perhaps no name at all.
   */
  readonly worth: 0 | 1 | 2;
  /** See `ServerDesk.admit`. */
  admit(asked: AskedAttempt, mayWait: boolean, signal: StopSignal): ServerPass | Promise<ServerPass>;
  /** See `ServerDesk.settled`. */
  settled(pass: ServerSend, attempt: Attempt | null): void;
  /** See `ServerDesk.dismiss`. */
  dismiss(): void;
  /** Ends the watch: nobody waits any more, no timer runs, and the server counts as healthy. */
  end(): void;
}

export interface ServerWatchParts {
  readonly clock: Clock;
  readonly settings: OutageSettings;
  /** After so long without any sign, a server that lived and is found down has fallen anew. */
  readonly silenceMs: number;
  /** Paces the answers to those who wait. */
  readonly pacer: Pacer;
  readonly tell: (event: ServerDeskEvent) => void;
}

const GATEWAY_IS_GONE: ServerAnswer = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

export function createServerWatch(chatServer: string | null, { clock, settings, silenceMs, pacer, tell }: ServerWatchParts): ServerWatch {
  const room = createServerRoom(settings.maxInFlightPerServer);
  const health = createServerHealth(settings, silenceMs);
  const line = createServerLine();
  const tellChange = (from: ServerState, to: ServerState): void => {
    if (from !== to) tell({ type: 'server_changed', chatServer, from, to });
  };
  const alarm = createServerAlarm(clock, () => goOn());
  const scene = { room, health, line, alarm, tellChange };
  const goOn = (): void => moveOn(scene, clock.nowMs());
  const leaveWith = (wait: ServerWait, answer: ServerAnswer): void => {
    settle(line, wait, answer);
    goOn();
  };
  const waitEvents: WaitEvents = {
    sent: room.enter,
    left: (wait) => leaveWith(wait, TIME_IS_OVER),
    answered: pacer.run,
    parked: (by) => tell({ type: 'probe_parked', by }),
  };
  const park = (asked: AskedAttempt, mayWait: boolean, signal: StopSignal): ServerPass | Promise<ServerPass> => {
    const wait = createServerWait(asked, waitEvents);
    line.join(wait);
    goOn();
    if (!mayWait && !wait.isOver) leaveWith(wait, GATEWAY_IS_GONE);
    return wait.outcome(signal);
  };

  return {
    belief: health.belief,
    get worth() {
      return worthOf(health, line);
    },
    admit(asked, mayWait, signal) {
      if (health.state === 'healthy' && room.isFree) {
        room.enter();
        return freePass(clock.nowMs());
      }
      return signal.aborted ? TIME_IS_OVER : park(asked, mayWait, signal);
    },
    settled({ role, admittedAtMs }, attempt) {
      room.leave();
      if (role === 'canary') health.canary.giveBack();
      const from = health.state;
      health.hear(serverSign(attempt), admittedAtMs, clock.nowMs());
      tellChange(from, health.state);
      if (health.state !== 'healthy' || line.size > 0) goOn();
    },
    dismiss() {
      sendAway(line, GATEWAY_IS_GONE);
      goOn();
    },
    end() {
      sendAway(line, TIME_IS_OVER);
      alarm.set(Number.POSITIVE_INFINITY);
      tellChange(health.state, 'healthy');
    },
  };
}

function worthOf({ belief, canary }: ServerHealth, line: ServerLine): ServerWatch['worth'] {
  if (line.size > 0 || canary.isOut) return 2;
  return belief.seenAliveAtMs > Number.NEGATIVE_INFINITY ? 1 : 0;
}
