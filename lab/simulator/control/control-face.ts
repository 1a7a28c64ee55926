import type { FastifyError, FastifyInstance } from 'fastify';
import type { Playback } from '../playback.ts';
import type { SteerableClock } from '../steerable-clock.ts';
import { registerDescription } from './description.ts';
import { checkInput, InputError } from './input-check.ts';
import { refuse } from './refusal.ts';
import { registerServerRoutes } from './server-routes.ts';
import { registerSessionRoutes } from './session-routes.ts';
import { registerSurroundingRoutes } from './surrounding-routes.ts';
import { registerTimeRoutes } from './time-routes.ts';

/** What is steered. */
export interface ControlParts {
  readonly stage: Playback;
  /** The clock that the stage's worlds live by. */
  readonly clock: SteerableClock;
}

/**
 * Serves under /sim what a rehearsal needs: to look at the world, to do things to it, to move its time. Whoever reaches it
 * may do all of that; it guards nothing by itself.
 */
export async function registerControlFace(root: FastifyInstance, { stage, clock }: ControlParts): Promise<void> {
  const register = async (app: FastifyInstance): Promise<void> => {
    app.setValidatorCompiler(checkInput);
    app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
    app.setErrorHandler(answerError);
    app.setNotFoundHandler((_request, reply) => refuse(reply, 404, [{ field: null, error: 'no such command: see /sim/openapi.json' }]));
    readEmptyBodies(app);
    await registerDescription(app);
    registerSessionRoutes(app, stage.world);
    registerServerRoutes(app, stage.world);
    registerSurroundingRoutes(app, stage.world);
    registerTimeRoutes(app, stage, clock);
  };
  await root.register(register, { prefix: '/sim' });
}

function answerError(error: FastifyError, _request: unknown, reply: Parameters<typeof refuse>[0]): void {
  const status = error.statusCode ?? 500;
  const flaws = error instanceof InputError ? error.flaws : [{ field: null, error: status < 500 ? error.message : 'internal error' }];
  void refuse(reply, status, flaws);
}

/** A command without fields may come with an empty body that calls itself JSON. */
function readEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text.length === 0) done(null, null);
    else void parse(request, String(text), done);
  });
}
