import type { FastifyInstance, FastifyReply, FastifySchema } from 'fastify';
import type { Static, TObject } from 'typebox';
import Type from 'typebox';
import type { Commanded, World, WorldControl } from '../world/world.ts';
import { answerCommand } from './answers.ts';
import { Flap, Limit, Link, Nothing, ServerPath, Slow, Start } from './command-schemas.ts';
import { routeSchema } from './route-schema.ts';
import { Servers } from './views.ts';

interface Named {
  readonly Params: Static<typeof ServerPath>;
}

/** A command with a body, all of whose fields are there once it has been checked. */
interface Told<Body extends TObject> extends Named {
  readonly Body: Required<Static<Body>>;
}

/** Lists the Chat Servers, and does to them what happens to Chat Servers. */
export function registerServerRoutes(app: FastifyInstance, world: World): void {
  const servers = { tag: 'servers', id: 'servers', summary: 'The Chat Servers.', answer: Servers } as const;
  app.get('/servers', { schema: routeSchema(servers) }, async () => ({ servers: world.chatServers() }));

  const crash = schemaOf('crash', 'Crashes it, together with all that it runs.', Nothing);
  app.post<Named>('/servers/:name/crash', { schema: crash }, async ({ params: { name } }, reply) =>
    answer(reply, world, name, (control) => control.crash(name)),
  );
  const start = schemaOf('start', 'Starts it again.', Start);
  app.post<Told<typeof Start>>('/servers/:name/start', { schema: start }, async ({ params: { name }, body }, reply) =>
    answer(reply, world, name, (control) => control.start(name, body.sessions)),
  );
  const slow = schemaOf('slow', 'Makes it slow, or as fast as before.', Slow);
  app.post<Told<typeof Slow>>('/servers/:name/slow', { schema: slow }, async ({ params: { name }, body }, reply) =>
    answer(reply, world, name, (control) => control.slow(name, body.extraMs)),
  );
  const flap = schemaOf('flap', 'Makes it crash now and come back, again and again.', Flap);
  app.post<Told<typeof Flap>>('/servers/:name/flap', { schema: flap }, async ({ params: { name }, body }, reply) =>
    answer(reply, world, name, (control) => control.flap(name, body)),
  );
  const link = schemaOf('link', 'Loses its link to Interaction Server, or has it again. It goes on running what it runs.', Link);
  app.post<Told<typeof Link>>('/servers/:name/link', { schema: link }, async ({ params: { name }, body }, reply) =>
    answer(reply, world, name, (control) => control.link(name, body.state)),
  );
  const limit = schemaOf('limit', 'Limits how many sessions it takes.', Limit);
  app.post<Told<typeof Limit>>('/servers/:name/limit', { schema: limit }, async ({ params: { name }, body }, reply) =>
    answer(reply, world, name, (control) => control.limit(name, body.maxSessions)),
  );
}

function schemaOf(id: string, summary: string, body: TObject): FastifySchema {
  return routeSchema({
    tag: 'servers',
    id,
    summary,
    params: ServerPath,
    body,
    answer: Type.Ref('Server'),
    refusals: { 404: 'This world has no such Chat Server.', 409: 'It cannot be done now: see `error`.' },
  });
}

function answer(reply: FastifyReply, world: World, name: string, command: (control: WorldControl) => Commanded): FastifyReply {
  return answerCommand(
    reply,
    'name',
    () => world.chatServers().find((server) => server.name === name) ?? null,
    () => command(world.control),
    (server) => server,
  );
}
