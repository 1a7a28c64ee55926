import type { Attempt } from '../../probe/attempt.ts';
import type { AskedAttempt } from '../../probe/attempt-gate.ts';
import type { Clock } from '../../probe/clock.ts';
import type { StopSignal } from '../../probe/stop-signal.ts';
import type { ServerState } from '../events.ts';
import type { OutageSettings } from '../settings.ts';
import { createNewcomers, type Newcomers, type NewcomerTally } from './newcomers.ts';
import type { Pacer } from './pacer.ts';
import { createServerAlarm } from './server-alarm.ts';
import { MAX_SIGN_GAP_MS } from './server-belief.ts';
import type { ServerHealth } from './server-health.ts';
import { createServerHealth } from './server-health.ts';
import { createServerLine, type ServerLine } from './server-line.ts';
import { moveOn, PROVED_DOWN, sendAway, settle, TIME_IS_OVER } from './server-moves.ts';
import { freePass, type ServerAnswer, type ServerDeskEvent, type ServerPass, type ServerSend } from './server-pass.ts';
import { createServerRoom } from './server-room.ts';
import { serverSign } from './server-sign.ts';
import { createServerWait, type ServerWait, type WaitEvents } from './server-wait.ts';

/** What is known of the probe that would like to ask a Chat Server. */
export interface Standing {
  /** False where it is to be answered `gateway_open` rather than wait: nobody waits for a gateway. */
  readonly mayWait: boolean;
  /** True if its Chat Server has been down for so long that waiting for it brings nothing: any proof that stands will do. */
  readonly hurries: boolean;
}

/** Watches one Chat Server: lets probes pass, or keeps them waiting for it. */
export interface ServerWatch {
  readonly belief: ServerHealth['belief'];
  readonly newcomers: Newcomers;
  /**
   * How much is lost if it is forgotten. 2: probes wait for it or a canary is out. 1: it has lived, so that what is known of it
   * protects chats. 0: a name under which nothing ever lived, perhaps no name at all.
   */
  readonly worth: 0 | 1 | 2;
  /** Whether it has been down without a break for that long before the probe began, as far as the answers tell. */
  isDownFor(atLeastMs: number, probeStartedAtMs: number): boolean;
  /** See `ServerDesk.admit`. */
  admit(asked: AskedAttempt, standing: Standing, signal: StopSignal): ServerPass | Promise<ServerPass>;
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
  /** Those of all Chat Servers. */
  readonly newcomers: NewcomerTally;
  /** See `createNewcomers`. */
  readonly quietMs: number;
  /** Paces the answers to those who wait. */
  readonly pacer: Pacer;
  readonly tell: (event: ServerDeskEvent) => void;
}

const GATEWAY_IS_GONE: ServerAnswer = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

export function createServerWatch(chatServer: string | null, parts: ServerWatchParts): ServerWatch {
  const { clock, settings, pacer, tell } = parts;
  const room = createServerRoom(settings.maxInFlightPerServer);
  const health = createServerHealth(settings);
  const line = createServerLine();
  const newcomers = createNewcomers(parts.newcomers, parts.quietMs);
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
  const park = (asked: AskedAttempt, { mayWait, hurries }: Standing, signal: StopSignal): ServerPass | Promise<ServerPass> => {
    const wait = createServerWait(asked, hurries ? Number.NEGATIVE_INFINITY : asked.probeStartedAtMs, waitEvents);
    line.join(wait);
    goOn();
    if (!mayWait && !wait.isOver) leaveWith(wait, GATEWAY_IS_GONE);
    return wait.outcome(signal);
  };

  return {
    belief: health.belief,
    newcomers,
    get worth() {
      return worthOf(health, line);
    },
    isDownFor: (atLeastMs, probeStartedAtMs) => isDownFor(health.belief, atLeastMs, probeStartedAtMs, clock.nowMs()),
    admit(asked, standing, signal) {
      const nowMs = clock.nowMs();
      if (health.state === 'healthy' && room.isFree) {
        room.enter();
        return freePass(nowMs);
      }
      if (signal.aborted) return TIME_IS_OVER;
      if (!standing.hurries) return park(asked, standing, signal);
      if (health.isProvedDown(Number.NEGATIVE_INFINITY, nowMs)) return PROVED_DOWN;
      // Its last moment is now: the next proof answers it.
      return park({ ...asked, lastMomentAtMs: nowMs }, standing, signal);
    },
    settled({ role, admittedAtMs }, attempt) {
      room.leave();
      if (role === 'canary') health.canary.giveBack();
      const nowMs = clock.nowMs();
      const from = health.state;
      health.hear(serverSign(attempt), admittedAtMs, nowMs);
      if (health.belief.downSinceMs === nowMs) newcomers.fell(nowMs);
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

function isDownFor(belief: ServerHealth['belief'], atLeastMs: number, probeStartedAtMs: number, nowMs: number): boolean {
  // An answer that was overtaken is a sign of life all the same.
  const sinceMs = Math.max(belief.downSinceMs, belief.seenAliveAtMs);
  return nowMs - belief.seenDownAtMs <= MAX_SIGN_GAP_MS && probeStartedAtMs >= sinceMs + atLeastMs;
}

function worthOf({ belief, canary }: ServerHealth, line: ServerLine): ServerWatch['worth'] {
  if (line.size > 0 || canary.isOut) return 2;
  return belief.seenAliveAtMs > Number.NEGATIVE_INFINITY ? 1 : 0;
}
