import type { ServerState } from '../events.ts';
import type { ServerAlarm } from './server-alarm.ts';
import type { ServerHealth } from './server-health.ts';
import { giveUpAtMs, type ServerLine } from './server-line.ts';
import { freePass, type ServerAnswer, type ServerPass } from './server-pass.ts';
import type { ServerRoom } from './server-room.ts';
import type { ServerWait } from './server-wait.ts';

export const TIME_IS_OVER: ServerAnswer = { kind: 'answer', reason: 'deadline', servedBy: 'none' };
export const PROVED_DOWN: ServerAnswer = { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' };

/** All that belongs to one Chat Server. */
export interface Scene {
  readonly room: ServerRoom;
  readonly health: ServerHealth;
  readonly line: ServerLine;
  readonly alarm: ServerAlarm;
  readonly tellChange: (from: ServerState, to: ServerState) => void;
}

/** Does all that is due for those who wait, and comes back when something is due again. */
export function moveOn({ room, health, line, alarm, tellChange }: Scene, nowMs: number): void {
  const from = health.state;
  giveUp(health, line, nowMs, (wait) => giveUpAtMs(wait) < nowMs);
  if (from === 'suspect') askOn(health, line, nowMs);
  else if (from === 'recovering') release(health, line, nowMs, room);
  else letIn(line, nowMs, room);
  giveUp(health, line, nowMs, (wait) => giveUpAtMs(wait) <= nowMs);
  health.endRecovery(nowMs, line.size > 0);
  if (from === 'recovering' && health.state === 'healthy') letIn(line, nowMs, room);
  tellChange(from, health.state);
  alarm.set(nextMoveAtMs(health, line, room.isFree));
}

/** Tells everybody who waits the same. */
export function sendAway(line: ServerLine, answer: ServerAnswer): void {
  for (let wait = line.mostUrgent(); wait !== null; wait = line.mostUrgent()) settle(line, wait, answer);
}

/** While healthy: lets the next ones pass as long as there is room for their messages. */
function letIn(line: ServerLine, nowMs: number, room: ServerRoom): void {
  for (let wait = line.mostUrgent(); wait !== null && room.isFree; wait = line.mostUrgent()) settle(line, wait, freePass(nowMs));
}

/** Ends one's wait. */
export function settle(line: ServerLine, wait: ServerWait, pass: ServerPass): void {
  line.leave(wait);
  wait.end(pass);
}

/** Lets nobody wait beyond what their deadline allows: before anything is sent those past it, and then those who are at it. */
function giveUp(health: ServerHealth, line: ServerLine, nowMs: number, isOver: (wait: ServerWait) => boolean): void {
  for (let wait = line.mostUrgent(); wait !== null && isOver(wait); wait = line.mostUrgent()) {
    settle(line, wait, health.isProvedDown(wait.asked.probeStartedAtMs, nowMs) ? PROVED_DOWN : TIME_IS_OVER);
  }
}

/** While suspect: answers with the proof that stands, before a canary that may go puts it in question again. */
function askOn(health: ServerHealth, line: ServerLine, nowMs: number): void {
  answerLate(health, line, nowMs);
  const first = line.mostUrgent();
  if (first !== null && health.canary.take(nowMs, isAlone(line)))
    settle(line, first, { kind: 'send', role: 'canary', admittedAtMs: nowMs });
  for (let late = line.takeLastMoment(nowMs); late !== null; late = line.takeLastMoment(nowMs)) {
    if (health.takeLast(nowMs)) settle(line, late, { kind: 'send', role: 'last', admittedAtMs: nowMs });
  }
  answerLate(health, line, nowMs);
}

/** Whether the only one who waits is a probe that tries again: its policy says how soon. */
function isAlone(line: ServerLine): boolean {
  return line.size === 1 && (line.mostUrgent()?.asked.n ?? 1) > 1;
}

function answerLate(health: ServerHealth, line: ServerLine, nowMs: number): void {
  for (let late = line.oldestLate(); late !== null && health.isProvedDown(late.asked.probeStartedAtMs, nowMs); late = line.oldestLate()) {
    settle(line, late, PROVED_DOWN);
  }
}

/** While recovering: lets go whom the ramp allows to, and no more than there is room for: it may answer slowly at first. */
function release(health: ServerHealth, line: ServerLine, nowMs: number, room: ServerRoom): void {
  for (let wait = line.mostUrgent(); wait !== null && room.isFree && health.takeRelease(nowMs); wait = line.mostUrgent()) {
    settle(line, wait, { kind: 'send', role: 'released', admittedAtMs: nowMs });
  }
}

/** Where there is no room, the next answer moves on before anything else does. */
function nextMoveAtMs(health: ServerHealth, line: ServerLine, hasRoom: boolean): number {
  const first = line.mostUrgent();
  switch (health.state) {
    case 'healthy':
      return first === null ? Number.POSITIVE_INFINITY : giveUpAtMs(first);
    case 'suspect':
      if (first === null) return Number.POSITIVE_INFINITY;
      return Math.min(giveUpAtMs(first), line.nextLastMomentAtMs, health.canary.nextAtMs(isAlone(line)));
    case 'recovering':
      if (first === null) return health.topAtMs;
      return hasRoom ? Math.min(giveUpAtMs(first), health.nextReleaseAtMs) : giveUpAtMs(first);
  }
}
