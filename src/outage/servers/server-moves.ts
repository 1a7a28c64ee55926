import type { ServerState } from '../events.ts';
import type { ServerAlarm } from './server-alarm.ts';
import type { ServerHealth } from './server-health.ts';
import type { PlaceInLine, ServerLine } from './server-line.ts';
import { freePass, type ServerAnswer, type ServerPass } from './server-pass.ts';
import type { ServerRoom } from './server-room.ts';
import type { ServerWait } from './server-wait.ts';

export const TIME_IS_OVER: ServerAnswer = { kind: 'answer', reason: 'deadline', servedBy: 'none' };
const PROVED_DOWN: ServerAnswer = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };

/** All that belongs to one Chat Server. */
export interface Scene {
  readonly room: ServerRoom;
  readonly health: ServerHealth;
  readonly line: Line;
  readonly alarm: ServerAlarm;
  readonly tellChange: (from: ServerState, to: ServerState) => void;
}

/** Does all that is due for those who wait, and comes back when something is due again. */
export function moveOn({ room, health, line, alarm, tellChange }: Scene, nowMs: number): void {
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
}

export type Line = ServerLine<ServerWait>;
type Place = PlaceInLine<ServerWait>;

/** Tells everybody who waits the same. */
export function sendAway(line: Line, answer: ServerAnswer): void {
  for (let place = line.mostUrgent(); place !== null; place = line.mostUrgent()) settle(place, answer);
}

/** While healthy: lets the next ones pass as long as there is room for their messages. */
function letIn(line: Line, nowMs: number, room: ServerRoom): void {
  for (let place = line.mostUrgent(); place !== null && room.isFree; place = line.mostUrgent()) settle(place, freePass(nowMs));
}

export function settle(place: Place, pass: ServerPass): void {
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
