import type { Attempt } from '../../probe/attempt.ts';
import type { AskedAttempt } from '../../probe/attempt-gate.ts';
import type { Clock } from '../../probe/clock.ts';
import type { StopSignal } from '../../probe/stop-signal.ts';
import type { OutageSettings } from '../settings.ts';
import { createNewcomers, type Newcomers, type NewcomerTally } from './newcomers.ts';
import type { Pacer } from './pacer.ts';
import { createServerAlarm } from './server-alarm.ts';
import type { ServerHealth } from './server-health.ts';
import { createServerHealth } from './server-health.ts';
import { createServerLine } from './server-line.ts';
import { moveOn, PROVED_DOWN, type Scene, sendAway, settle, TIME_IS_OVER } from './server-moves.ts';
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

/** For one that takes any proof that stands. */
const ANY_TIME = Number.NEGATIVE_INFINITY;
const GATEWAY_IS_GONE: ServerAnswer = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

export function createServerWatch(chatServer: string | null, parts: ServerWatchParts): ServerWatch {
  return new Watch(chatServer, parts);
}

/** A class because as closures in one function its moves are too much to read at once. */
class Watch implements ServerWatch {
  readonly #parts: ServerWatchParts;
  readonly #scene: Scene;
  readonly #waitEvents: WaitEvents;
  readonly belief: ServerHealth['belief'];
  readonly newcomers: Newcomers;

  constructor(chatServer: string | null, parts: ServerWatchParts) {
    const { clock, settings, pacer, tell } = parts;
    const health = createServerHealth(settings);
    this.#parts = parts;
    this.#scene = {
      room: createServerRoom(settings.maxInFlightPerServer),
      health,
      line: createServerLine(),
      alarm: createServerAlarm(clock, () => this.#goOn()),
      tellChange(from, to) {
        if (from !== to) tell({ type: 'server_changed', chatServer, from, to });
      },
    };
    this.#waitEvents = {
      sent: this.#scene.room.enter,
      left: (wait) => this.#leaveWith(wait, TIME_IS_OVER),
      answered: pacer.run,
      parked: (by) => tell({ type: 'probe_parked', by }),
    };
    this.belief = health.belief;
    this.newcomers = createNewcomers(parts.newcomers, parts.quietMs);
  }

  get worth(): ServerWatch['worth'] {
    const { health, line } = this.#scene;
    if (line.size > 0 || health.canary.isOut) return 2;
    return this.belief.seenAliveAtMs > Number.NEGATIVE_INFINITY ? 1 : 0;
  }

  admit(asked: AskedAttempt, { mayWait, hurries }: Standing, signal: StopSignal): ServerPass | Promise<ServerPass> {
    const { health, room } = this.#scene;
    const nowMs = this.#parts.clock.nowMs();
    if (health.state === 'healthy' && room.isFree) {
      room.enter();
      return freePass(nowMs);
    }
    if (signal.aborted) return TIME_IS_OVER;
    if (!hurries) return this.#park(asked, mayWait, signal);
    return health.isProvedDown(ANY_TIME, nowMs) ? PROVED_DOWN : this.#park(hurried(asked, nowMs), mayWait, signal);
  }

  settled({ role, admittedAtMs }: ServerSend, attempt: Attempt | null): void {
    const { room, health, line, tellChange } = this.#scene;
    room.leave();
    if (role === 'canary') health.canary.giveBack();
    const nowMs = this.#parts.clock.nowMs();
    const from = health.state;
    health.hear(serverSign(attempt), admittedAtMs, nowMs);
    if (this.belief.downSinceMs === nowMs) this.newcomers.fell(nowMs);
    else if (this.belief.sign === 'alive') this.newcomers.lived();
    tellChange(from, health.state);
    if (health.state !== 'healthy' || line.size > 0) this.#goOn();
  }

  dismiss(): void {
    sendAway(this.#scene.line, GATEWAY_IS_GONE);
    this.#goOn();
  }

  end(): void {
    const { line, alarm, health, tellChange } = this.#scene;
    sendAway(line, TIME_IS_OVER);
    alarm.set(Number.POSITIVE_INFINITY);
    tellChange(health.state, 'healthy');
  }

  #park(asked: AskedAttempt, mayWait: boolean, signal: StopSignal): ServerPass | Promise<ServerPass> {
    const wait = createServerWait(asked, this.#waitEvents);
    this.#scene.line.join(wait);
    this.#goOn();
    if (!mayWait && !wait.isOver) this.#leaveWith(wait, GATEWAY_IS_GONE);
    return wait.outcome(signal);
  }

  #leaveWith(wait: ServerWait, answer: ServerAnswer): void {
    settle(this.#scene.line, wait, answer);
    this.#goOn();
  }

  #goOn(): void {
    moveOn(this.#scene, this.#parts.clock.nowMs());
  }
}

/** One for whom any proof that stands will do, and whose last moment is now: the next proof answers it. */
function hurried(asked: AskedAttempt, nowMs: number): AskedAttempt {
  return { ...asked, probeStartedAtMs: ANY_TIME, lastMomentAtMs: nowMs };
}
