import { isConnected } from './chat-server.ts';
import type { SessionStatus } from './session.ts';
import type { WorldState } from './world-state.ts';

type FirstStatus = Exclude<SessionStatus, 'interrupted'>;

/** Why a chat is what it is when it comes into the world. */
export const WHY = {
  live: 'it was there when the world began',
  lost: 'an earlier restart lost it',
  closed: 'its customer had closed it before',
} as const satisfies Record<FirstStatus, string>;

/**
 * The chats that there are when the world begins: `chat-000001` and so on, in turn over the Chat Servers that are no
 * backups. Which of them are stale or closed is drawn, in the shares of the scenario.
 */
export function addFirstChats(state: WorldState, count: number): void {
  const { sessions, servers } = state;
  const hosts = [...servers.values()].filter(isConnected);
  for (let n = 1; n <= count; n += 1) {
    const host = hosts[(n - 1) % hosts.length];
    const status = drawStatus(state);
    if (host !== undefined) sessions.add(idOf(n), host, status, WHY[status]);
  }
}

/** Interaction id of the n-th chat, from 1 on. */
export function idOf(n: number): string {
  return `chat-${String(n).padStart(6, '0')}`;
}

export function drawStatus({ chance, scenario }: WorldState): FirstStatus {
  const { onlineShare, staleShare } = scenario.chats;
  const draw = chance.chats();
  if (draw >= onlineShare) return 'closed';
  return draw >= onlineShare - staleShare ? 'lost' : 'live';
}
