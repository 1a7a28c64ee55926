import type { FastifyReply } from 'fastify';
import type { Commanded } from '../world/world.ts';
import { refuse } from './refusal.ts';

/** What a path can name: a session by its id, a Chat Server by its name. */
const UNKNOWN = {
  id: 'is not a session of this world',
  name: 'is not a Chat Server of this world',
} as const;

export type PathField = keyof typeof UNKNOWN;

/** Answers with what the path names, or 404. */
export function answerFound<Found>(
  reply: FastifyReply,
  field: PathField,
  found: Found | null,
  view: (found: Found) => unknown,
): FastifyReply {
  return found === null ? refuse(reply, 404, [{ field, error: UNKNOWN[field] }]) : reply.send(view(found));
}

/** Carries out a command upon what the path names, and answers how that looks afterwards; 404 or 409 if it cannot be. */
export function answerCommand<Found>(
  reply: FastifyReply,
  field: PathField,
  find: () => Found | null,
  command: () => Commanded,
  view: (found: Found) => unknown,
): FastifyReply {
  if (find() === null) return answerFound(reply, field, null, view);
  const commanded = command();
  return commanded.ok ? answerFound(reply, field, find(), view) : refuseImpossible(reply, commanded.problem);
}

/** Answers that the world cannot do that now. */
export function refuseImpossible(reply: FastifyReply, problem: string): FastifyReply {
  return refuse(reply, 409, [{ field: null, error: problem }]);
}
