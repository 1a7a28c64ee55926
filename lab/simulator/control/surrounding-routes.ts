import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { World } from '../world/world.ts';
import { Misconfiguration, UpOrDown } from './command-schemas.ts';
import { routeSchema } from './route-schema.ts';

type State = Static<typeof UpOrDown>;

/** Does to what surrounds the Chat Servers what happens to it: Interaction Server, the gateway, the configuration. */
export function registerSurroundingRoutes(app: FastifyInstance, world: World): void {
  const place = { tag: 'surroundings', body: UpOrDown, answer: UpOrDown } as const;
  const interactionServer = routeSchema({ ...place, id: 'interactionServer', summary: 'Takes Interaction Server down, or brings it up.' });
  app.put<{ Body: State }>('/interaction-server', { schema: interactionServer }, async ({ body }) => {
    world.control.interactionServer(body.state);
    return body;
  });
  const gateway = routeSchema({
    ...place,
    id: 'gateway',
    summary: 'Takes the gateway down, or brings it up.',
    description: 'While it is down, `/esp` and `/health` break off every connection without an answer. This interface stays.',
  });
  app.put<{ Body: State }>('/gateway', { schema: gateway }, async ({ body }) => {
    world.control.gateway(body.state);
    return body;
  });
  const misconfiguration = routeSchema({
    tag: 'surroundings',
    id: 'misconfiguration',
    summary: 'Lets everything look "not found", although the chats live.',
    body: Misconfiguration,
    answer: Misconfiguration,
  });
  app.put<{ Body: Static<typeof Misconfiguration> }>('/misconfiguration', { schema: misconfiguration }, async ({ body }) => {
    world.control.misconfigure(body.answer === 'nothing' ? null : body.answer);
    return body;
  });
}
