import { unsettledMs } from '../../src/outage/servers/server-desk.ts';
import { serverSign } from '../../src/outage/servers/server-sign.ts';
import type { Moment } from './record.ts';
import type { SeenProbe, SeenSend, TargetView } from './view.ts';

/** A message whose answer tells of its Chat Server, and how old the news is at least and at most. */
interface Sign {
  readonly says: 'alive' | 'down';
  readonly chatServer: string | null;
  readonly admittedFromMs: number;
  readonly admittedToMs: number;
  readonly heard: Moment;
}

/**
 * Whether, by what was on the wire alone, the Chat Server of a probe fell before our eyes so recently that its chats may be
 * about to be restored on another. False where the order of messages leaves a doubt.
 */
export function isRestoringSurely({ sends, mine }: TargetView, { order, started }: SeenProbe, now: Moment): boolean {
  const signs = sends.flatMap(signOf).filter(({ heard }) => heard.seq < now.seq);
  const hasOtherLived = signs.some(({ says, chatServer }) => says === 'alive' && chatServer !== null && chatServer !== order.chatServer);
  const own = signs.filter(({ chatServer }) => chatServer === order.chatServer);
  // It fell at some moment between the two; that of the sign of life is the careful guess.
  const isRecent = (alive: Sign): boolean => started.atMs < alive.heard.atMs + unsettledMs(mine.rules);
  return hasOtherLived && own.some((alive) => isRecent(alive) && own.some((down) => isFall(own, alive, down)));
}

/** Whether this not-found came after a sign of life that was surely believed when it came. */
function isFall(own: readonly Sign[], alive: Sign, down: Sign): boolean {
  if (alive.says !== 'alive' || down.says !== 'down' || down.admittedFromMs <= alive.admittedToMs || down.heard.seq < alive.heard.seq)
    return false;
  const overtakes = (other: Sign): boolean =>
    other.says === 'down' && other.heard.seq < alive.heard.seq && other.admittedToMs >= alive.admittedFromMs;
  const takesBack = (other: Sign): boolean =>
    other.says === 'alive' && other.heard.seq < down.heard.seq && other.admittedToMs >= down.admittedFromMs;
  return !own.some(overtakes) && !own.some(takesBack);
}

function signOf({ attempt, cut, to, from, earliestAdmissionMs, probe }: SeenSend): readonly Sign[] {
  const says = cut ? null : serverSign(attempt);
  if (says === null || to === null) return [];
  return [{ says, chatServer: probe.order.chatServer, admittedFromMs: earliestAdmissionMs, admittedToMs: from.atMs, heard: to }];
}
