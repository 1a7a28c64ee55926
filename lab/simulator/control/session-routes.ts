import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import Type from 'typebox';
import type { SessionView } from '../world/session.ts';
import type { World } from '../world/world.ts';
import { answerCommand, answerFound, refuseImpossible } from './answers.ts';
import { Nothing, OpenSession, Page, SessionPath } from './command-schemas.ts';
import { refuse } from './refusal.ts';
import { routeSchema } from './route-schema.ts';
import { SessionPage, Transcript } from './views.ts';

interface ById {
  readonly Params: Static<typeof SessionPath>;
}

const BY_ID = { tag: 'sessions', params: SessionPath } as const;
const UNKNOWN = { 404: 'This world has no such session.' };

/** Lists, begins and ends sessions, and tells what is true of each. */
export function registerSessionRoutes(app: FastifyInstance, world: World): void {
  registerList(app, world);
  registerBeginning(app, world);
  registerEnd(app, world);

  const session = { ...BY_ID, id: 'session', summary: 'One session.', answer: Type.Ref('Session'), refusals: UNKNOWN };
  app.get<ById>('/sessions/:id', { schema: routeSchema(session) }, async ({ params: { id } }, reply) =>
    answerFound(reply, 'id', world.session(id), summaryOf),
  );
  const summary = 'Every message that reached a session, hidden ones included.';
  const transcript = { ...BY_ID, id: 'transcript', summary, answer: Transcript, refusals: UNKNOWN };
  app.get<ById>('/sessions/:id/transcript', { schema: routeSchema(transcript) }, async ({ params: { id } }, reply) =>
    answerFound(reply, 'id', world.session(id), transcriptOf),
  );
  const truth = { ...BY_ID, id: 'truth', summary: 'Whether a chat lives.', answer: Type.Ref('Truth'), refusals: UNKNOWN };
  app.get<ById>('/sessions/:id/truth', { schema: routeSchema(truth) }, async ({ params: { id } }, reply) =>
    answerFound(reply, 'id', world.session(id), truthOf),
  );
}

function registerList(app: FastifyInstance, world: World): void {
  const facts = { tag: 'sessions', id: 'sessions', summary: 'The sessions, page by page.', query: Page, answer: SessionPage } as const;
  app.get<{ Querystring: Required<Static<typeof Page>> }>('/sessions', { schema: routeSchema(facts) }, async ({ query }) => {
    let total = 0;
    const page: SessionView[] = [];
    for (const session of world.sessions()) {
      if (total >= query.offset && page.length < query.limit) page.push(session);
      total += 1;
    }
    return { total, sessions: page.map(summaryOf) };
  });
}

function registerBeginning(app: FastifyInstance, world: World): void {
  const schema = routeSchema({
    tag: 'sessions',
    id: 'openSession',
    summary: 'Begins a session: a customer opens a chat.',
    body: OpenSession,
    answer: Type.Ref('Session'),
    status: 201,
    refusals: { 409: 'The Chat Server cannot take it now, or the id is taken.', 422: 'This world has no such Chat Server.' },
  });
  app.post<{ Body: Static<typeof OpenSession> }>('/sessions', { schema }, async ({ body: { id, chatServer } }, reply) => {
    if (!world.chatServers().some(({ name }) => name === chatServer))
      return refuse(reply, 422, [{ field: 'chatServer', error: 'is not a Chat Server of this world' }]);
    const commanded = world.control.openSession(id, chatServer);
    if (!commanded.ok) return refuseImpossible(reply, commanded.problem);
    return answerFound(reply.code(201), 'id', world.session(id), summaryOf);
  });
}

function registerEnd(app: FastifyInstance, world: World): void {
  const schema = routeSchema({
    ...BY_ID,
    id: 'closeSession',
    summary: 'Ends a session cleanly: the customer leaves, and `IsOnline` becomes 0.',
    body: Nothing,
    answer: Type.Ref('Session'),
    refusals: { ...UNKNOWN, 409: 'It has ended already.' },
  });
  app.delete<ById>('/sessions/:id', { schema }, async ({ params: { id } }, reply) =>
    answerCommand(
      reply,
      'id',
      () => world.session(id),
      () => world.control.closeSession(id),
      summaryOf,
    ),
  );
}

function summaryOf({ id, host, status, truth, userData, transcript }: SessionView) {
  return { id, host, status, truth: truthOf({ truth }), userData, messages: transcript.length };
}

function truthOf({ truth }: Pick<SessionView, 'truth'>) {
  return { ...truth, since: Math.floor(truth.since) };
}

function transcriptOf({ id, transcript }: SessionView) {
  const messages = transcript.map(({ atMs, text, messageType, visibility }) => {
    return { atMs: Math.floor(atMs), text, type: messageType, visibility };
  });
  return { id, messages };
}
