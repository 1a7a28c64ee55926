import { isConnected } from './chat-server.ts';
import type { SessionStatus } from './session.ts';
import type { WorldState } from './world-state.ts';

const WHY = {
  live: 'it was there when the world began',
  lost: 'an earlier restart lost it',
  closed: 'its customer had closed it before',
} as const satisfies Partial<Record<SessionStatus, string>>;

/**
 * The chats that there are when the world begins: `chat-000001` and so on, in turn over the Chat Servers that are no
 * backups. Which of them are stale or closed is drawn, in the shares of the scenario.
 */
export function addFirstChats(state: WorldState, count: number): void {
  const { sessions, servers, chance, scenario } = state;
  const { onlineShare, staleShare } = scenario.chats;
  const hosts = [...servers.values()].filter(isConnected);
  for (let n = 1; n <= count; n += 1) {
    const host = hosts[(n - 1) % hosts.length];
    const draw = chance.chats();
    const status = draw >= onlineShare ? 'closed' : draw >= onlineShare - staleShare ? 'lost' : 'live';
    if (host !== undefined) sessions.add(`chat-${String(n).padStart(6, '0')}`, host, status, WHY[status]);
  }
}
