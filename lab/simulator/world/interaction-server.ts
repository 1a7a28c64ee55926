import type { EspReply, EspRequest } from '../../../src/probe/esp.ts';
import { SERVICE } from '../../../src/probe/esp.ts';
import { drawOne } from './chance.ts';
import type { ChatServer } from './chat-server.ts';
import { isConnected } from './chat-server.ts';
import type { Session } from './session.ts';
import { recordMessage } from './session.ts';
import type { WorldState } from './world-state.ts';

/** The Chat Server for a message that names none: a connected one, as the scenario's `byType` says; null if there is none. */
export function pickByType({ scenario, servers, chance }: WorldState): ChatServer | null {
  const connected = [...servers.values()].filter(isConnected);
  return scenario.byType === 'first' ? (connected[0] ?? null) : drawOne(chance.byType, connected);
}

/**
 * Passes one message on, now, and tells what came back, as documented (docs/genesys.md, "The answers"). A session that is
 * lost, that the world never knew, or that another Chat Server hosts gets the same fault.
 *
 * @param asked the Chat Server chosen, by name or by type; null if there was none to choose.
 */
export function passOn(state: WorldState, request: EspRequest, asked: ChatServer | null): EspReply {
  const { misconfiguration } = state.surroundings;
  if (misconfiguration === 'chat_server_not_found') return chatServerNotFound(request);
  if (misconfiguration === 'session_not_found') return sessionNotFound(request);
  if (asked === null || !isConnected(asked)) return chatServerNotFound(request);

  const session = state.sessions.all.get(interactionIdOf(request) ?? '');
  if (session === undefined || !isThere(state, session, asked)) return sessionNotFound(request);
  const { messageText: text, messageType, visibility } = request;
  recordMessage(session, { atMs: state.agenda.nowMs(), text, messageType, visibility });
  return { kind: 'response', referenceId: request.referenceId, userData: { InteractionId: session.id } };
}

/** Whether the Chat Server runs the session; where the scenario lets a message restore it, it does so from now on. */
function isThere({ scenario, sessions, placesFor }: WorldState, session: Session, asked: ChatServer): boolean {
  if (session.status === 'live') return session.host === asked;
  if (session.status !== 'interrupted' || scenario.clients.sessionRestoreExtendBy !== 'esp') return false;
  if (!placesFor(session).includes(asked)) return false;
  sessions.place(session, asked, `a message by ESP restored it on ${asked.name}`);
  return true;
}

function chatServerNotFound({ referenceId, appName }: EspRequest): EspReply {
  return { kind: 'error', referenceId, userData: null, errorCode: 1, errorMessage: `Not found by ${appName === null ? 'type' : 'name'}` };
}

function sessionNotFound({ referenceId }: EspRequest): EspReply {
  const faultString = 'interaction with specified id was not found';
  return { kind: 'fault', referenceId, userData: null, service: SERVICE, faultCode: '100', faultString };
}

/** Which key carries the id is not documented, so that both are read. */
function interactionIdOf({ userData }: EspRequest): string | null {
  const id = userData['InteractionId'] ?? userData['Id'];
  return typeof id === 'string' ? id : null;
}
