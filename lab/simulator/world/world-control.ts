import type { ChatServer } from './chat-server.ts';
import { hasRoom } from './chat-server.ts';
import type { Commanded, Flapping, WorldControl } from './world.ts';
import type { WorldState } from './world-state.ts';

const DONE: Commanded = { ok: true };

/** The commands over one world. Each acts at the moment up to which the agenda has run. */
export function createWorldControl(state: WorldState): WorldControl {
  const { outages, servers } = state;
  const withServer = (name: string, command: (server: ChatServer) => Commanded): Commanded => {
    const server = servers.get(name);
    return server === undefined ? refusal(`there is no Chat Server ${name}`) : command(server);
  };
  return {
    openSession: (id, chatServer) => withServer(chatServer, (server) => openSession(state, id, server)),
    closeSession: (id) => closeSession(state, id),
    crash: (chatServer) =>
      withServer(chatServer, (server) => {
        if (!server.isUp) return refusal(`${server.name} is down already`);
        outages.crash(server);
        return DONE;
      }),
    start: (chatServer, sessions) => withServer(chatServer, (server) => start(state, server, sessions)),
    slow: (chatServer, extraMs) =>
      withServer(chatServer, (server) => {
        if (extraMs !== null && !(extraMs >= 0)) return refusal('extraMs must not be negative');
        server.extraMs = extraMs;
        return DONE;
      }),
    flap: (chatServer, flapping) => withServer(chatServer, (server) => flap(state, server, flapping)),
    limit: (chatServer, maxSessions) =>
      withServer(chatServer, (server) => {
        if (maxSessions !== null && !(maxSessions >= 0)) return refusal('maxSessions must not be negative');
        server.maxSessions = maxSessions;
        return DONE;
      }),
    link: (chatServer, told) => withServer(chatServer, (server) => turnLink(state, server, told)),
    interactionServer: (told) => turnInteractionServer(state, told),
    gateway(told) {
      state.surroundings.gateway = told;
    },
    misconfigure(answer) {
      state.surroundings.misconfiguration = answer;
    },
  };
}

function openSession({ sessions }: WorldState, id: string, server: ChatServer): Commanded {
  if (sessions.all.has(id)) return refusal(`there is a session ${id} already`);
  if (!server.isUp) return refusal(`${server.name} is down`);
  if (!server.isPrimary) return refusal(`${server.name} is a backup and takes no sessions now`);
  if (!hasRoom(server)) return refusal(`${server.name} has reached its limit of ${server.maxSessions} sessions`);
  sessions.add(id, server, 'live', 'its customer opened it');
  return DONE;
}

function closeSession({ sessions }: WorldState, id: string): Commanded {
  const session = sessions.all.get(id);
  if (session === undefined) return refusal(`there is no session ${id}`);
  if (session.status === 'interrupted') return refusal(`session ${id} runs nowhere now, so that nobody can close it cleanly`);
  if (session.status !== 'live') return refusal(`session ${id} is over already`);
  sessions.end(session, 'closed', 'its customer closed it');
  return DONE;
}

function start({ outages, scenario }: WorldState, server: ChatServer, sessions: 'lost' | 'restored'): Commanded {
  if (server.isUp) return refusal(`${server.name} is up already`);
  if (sessions === 'restored' && scenario.highAvailability === 'none')
    return refusal('sessions cannot be restored without high availability');
  outages.start(server, sessions);
  return DONE;
}

/** Crashes now. What somebody else does to the Chat Server in between stays done: a crash of one that is down changes nothing. */
function flap({ agenda, outages }: WorldState, server: ChatServer, { downMs, upMs, times }: Flapping): Commanded {
  if (!(downMs > 0 && upMs > 0)) return refusal('downMs and upMs must be above 0');
  if (!Number.isInteger(times) || times < 1) return refusal('times must be a whole number from 1');
  if (!server.isUp) return refusal(`${server.name} is down already`);
  const again = (left: number): void => {
    if (server.isUp) outages.crash(server);
    agenda.at(agenda.nowMs() + downMs, () => {
      if (!server.isUp) outages.start(server, 'lost');
      if (left > 1) agenda.at(agenda.nowMs() + upMs, () => again(left - 1));
    });
  };
  again(times);
  return DONE;
}

function turnLink({ links }: WorldState, server: ChatServer, told: 'up' | 'down'): Commanded {
  if (server.isLinkLost === (told === 'down')) return refusal(`the link to ${server.name} is ${told} already`);
  if (told === 'down') links.lost(server);
  else links.found(server);
  return DONE;
}

function turnInteractionServer({ links, surroundings }: WorldState, told: 'up' | 'down'): void {
  if (surroundings.interactionServer === told) return;
  surroundings.interactionServer = told;
  if (told === 'down') links.cut();
  else links.reopened();
}

function refusal(problem: string): Commanded {
  return { ok: false, problem };
}
