import type { Attempt } from '../probe/attempt.ts';
import type { Clock } from '../probe/clock.ts';
import type { StopSignal } from '../probe/stop-signal.ts';
import type { ServerState } from './events.ts';
import { createServerAlarm } from './server-alarm.ts';
import type { ServerAnswer, ServerAsk, ServerDeskEvent, ServerPass, ServerSend } from './server-desk.ts';
import type { ServerHealth } from './server-health.ts';
import { createServerHealth } from './server-health.ts';
import type { PlaceInLine, ServerLine } from './server-line.ts';
import { createServerLine } from './server-line.ts';
import { createServerRoom, type ServerRoom } from './server-room.ts';
import { serverSign } from './server-sign.ts';
import type { ServerWait } from './server-wait.ts';
import { createServerWait } from './server-wait.ts';
import type { OutageSettings } from './settings.ts';

/** Watches one Chat Server: lets probes pass, or keeps them waiting for it. */
export interface ServerWatch {
  readonly belief: ServerHealth['belief'];
  /**
   * How much is lost if it is forgotten. 2: probes wait for it or a canary is out. 1: it has lived, so that what is known of it
   * protects chats. 0: a name under which nothing ever lived, perhaps no name at all.
   */
  readonly worth: 0 | 1 | 2;
  /** See `ServerDesk.admit`. */
  admit(asked: ServerAsk, signal: StopSignal): ServerPass | Promise<ServerPass>;
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
  readonly tell: (event: ServerDeskEvent) => void;
}

const PROVED_DOWN: ServerAnswer = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };
const TIME_IS_OVER: ServerAnswer = { kind: 'answer', reason: 'deadline', servedBy: 'none' };
const GATEWAY_IS_GONE: ServerAnswer = { kind: 'answer', reason: 'gateway_open', servedBy: 'none' };

export function createServerWatch(chatServer: string | null, { clock, settings, silenceMs, tell }: ServerWatchParts): ServerWatch {
  const room = createServerRoom(settings.maxInFlightPerServer);
  const health = createServerHealth(settings, silenceMs);
  const line = createServerLine<ServerWait>();
  const alarm = createServerAlarm(clock, () => moveOn());
  const tellChange = (from: ServerState, to: ServerState): void => {
    if (from !== to) tell({ type: 'server_changed', chatServer, from, to });
  };
  /** Does all that is due for those who wait, and comes back when something is due again. */
  const moveOn = (): void => {
    const nowMs = clock.nowMs();
    const from = health.state;
    giveUp(health, line, nowMs, ({ giveUpAtMs }) => giveUpAtMs < nowMs);
    if (from === 'suspect') askOn(health, line, nowMs);
    else if (from === 'recovering') release(health, line, nowMs, room);
    else letIn(line, nowMs, room);
    giveUp(health, line, nowMs, ({ giveUpAtMs }) => giveUpAtMs <= nowMs);
    health.endRecovery(nowMs, line.size > 0);
    if (from === 'recovering' && health.state === 'healthy') letIn(line, nowMs, room);
    tellChange(from, health.state);
    alarm.set(nextMoveAtMs(health, line, room.isFree));
  };

  return {
    belief: health.belief,
    get worth() {
      return worthOf(health, line);
    },
    admit(asked, signal) {
      if (health.state === 'healthy' && room.isFree) {
        room.enter();
        return freePass(clock.nowMs());
      }
      if (signal.aborted) return TIME_IS_OVER;
      const wait = createServerWait(room.enter);
      const place = line.join(asked, wait);
      moveOn();
      if (!asked.mayWait && !wait.isOver) {
        settle(place, GATEWAY_IS_GONE);
        moveOn();
      }
      const leave = (): void => {
        settle(place, TIME_IS_OVER);
        moveOn();
      };
      return wait.outcome(signal, leave, (by) => tell({ type: 'probe_parked', by }));
    },
    settled({ role, admittedAtMs }, attempt) {
      room.leave();
      if (role === 'canary') health.canary.giveBack();
      const from = health.state;
      health.hear(serverSign(attempt), admittedAtMs, clock.nowMs());
      tellChange(from, health.state);
      if (health.state !== 'healthy' || line.size > 0) moveOn();
    },
    dismiss() {
      sendAway(line, GATEWAY_IS_GONE);
      moveOn();
    },
    end() {
      sendAway(line, TIME_IS_OVER);
      alarm.set(Number.POSITIVE_INFINITY);
      tellChange(health.state, 'healthy');
    },
  };
}

function worthOf({ belief, canary }: ServerHealth, line: Line): ServerWatch['worth'] {
  if (line.size > 0 || canary.isOut) return 2;
  return belief.seenAliveAtMs > Number.NEGATIVE_INFINITY ? 1 : 0;
}

/** Lets an attempt pass at once. */
export function freePass(admittedAtMs: number): ServerSend {
  return { kind: 'send', role: 'free', admittedAtMs };
}

type Line = ServerLine<ServerWait>;
type Place = PlaceInLine<ServerWait>;

/** Tells everybody who waits the same. */
function sendAway(line: Line, answer: ServerAnswer): void {
  for (let place = line.mostUrgent(); place !== null; place = line.mostUrgent()) settle(place, answer);
}

/** While healthy: lets the next ones pass as long as there is room for their messages. */
function letIn(line: Line, nowMs: number, room: ServerRoom): void {
  for (let place = line.mostUrgent(); place !== null && room.isFree; place = line.mostUrgent()) settle(place, freePass(nowMs));
}

function settle(place: Place, pass: ServerPass): void {
  place.leave();
  place.item.end(pass);
}

/** Lets nobody wait beyond what their deadline allows: before anything is sent those past it, and then those who are at it. */
function giveUp(health: ServerHealth, line: Line, nowMs: number, isOver: (place: Place) => boolean): void {
  for (let place = line.mostUrgent(); place !== null && isOver(place); place = line.mostUrgent()) {
    settle(place, health.isProvedDown(place.probeStartedAtMs, nowMs) ? PROVED_DOWN : TIME_IS_OVER);
  }
}

/** While suspect: answers with the proof that stands, before a canary that may go puts it in question again. */
function askOn(health: ServerHealth, line: Line, nowMs: number): void {
  answerLate(health, line, nowMs);
  const first = line.mostUrgent();
  if (first !== null && health.canary.take(nowMs, isAlone(line))) settle(first, { kind: 'send', role: 'canary', admittedAtMs: nowMs });
  for (let late = line.takeLastMoment(nowMs); late !== null; late = line.takeLastMoment(nowMs)) {
    if (health.takeLast(nowMs)) settle(late, { kind: 'send', role: 'last', admittedAtMs: nowMs });
  }
  answerLate(health, line, nowMs);
}

/** Whether the only one who waits is a probe that tries again: its policy says how soon. */
function isAlone(line: Line): boolean {
  return line.size === 1 && (line.mostUrgent()?.n ?? 1) > 1;
}

function answerLate(health: ServerHealth, line: Line, nowMs: number): void {
  for (let late = line.oldestLate(); late !== null && health.isProvedDown(late.probeStartedAtMs, nowMs); late = line.oldestLate()) {
    settle(late, PROVED_DOWN);
  }
}

/** While recovering: lets go whom the ramp allows to, and no more than there is room for: it may answer slowly at first. */
function release(health: ServerHealth, line: Line, nowMs: number, room: ServerRoom): void {
  for (let place = line.mostUrgent(); place !== null && room.isFree && health.takeRelease(nowMs); place = line.mostUrgent()) {
    settle(place, { kind: 'send', role: 'released', admittedAtMs: nowMs });
  }
}

/** Where there is no room, the next answer moves on before anything else does. */
function nextMoveAtMs(health: ServerHealth, line: Line, hasRoom: boolean): number {
  const first = line.mostUrgent();
  switch (health.state) {
    case 'healthy':
      return first === null ? Number.POSITIVE_INFINITY : first.giveUpAtMs;
    case 'suspect':
      if (first === null) return Number.POSITIVE_INFINITY;
      return Math.min(first.giveUpAtMs, line.nextLastMomentAtMs, health.canary.nextAtMs(isAlone(line)));
    case 'recovering':
      if (first === null) return health.topAtMs;
      return hasRoom ? Math.min(first.giveUpAtMs, health.nextReleaseAtMs) : first.giveUpAtMs;
  }
}
