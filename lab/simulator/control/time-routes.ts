import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import Type from 'typebox';
import type { Playback } from '../playback.ts';
import type { SteerableClock } from '../steerable-clock.ts';
import { Advance, Nothing, Reset } from './command-schemas.ts';
import { refuse } from './refusal.ts';
import { routeSchema } from './route-schema.ts';

const CLOCK = { tag: 'time', answer: Type.Ref('Clock') } as const;
const PLAY = { tag: 'time', answer: Type.Ref('Play') } as const;

/** Stops and moves time, and begins anew. */
export function registerTimeRoutes(app: FastifyInstance, stage: Playback, clock: SteerableClock): void {
  registerClockRoutes(app, stage, clock);
  const scenario = routeSchema({ ...PLAY, id: 'scenario', summary: 'What is being played.' });
  app.get('/scenario', { schema: scenario }, async () => playOf(stage));

  const reset = routeSchema({
    ...PLAY,
    id: 'reset',
    summary: 'Begins anew, with the same world or another.',
    description:
      'The scenario file is read again. A clock that is frozen stays so. Where a scenario is named, its own seed holds unless one is given.',
    body: Reset,
    refusals: { 422: 'There is no such scenario, its file has mistakes or cannot be read, or it cannot have that many chats.' },
  });
  app.post<{ Body: Static<typeof Reset> }>('/reset', { schema: reset }, async ({ body }, reply) => {
    const ordered = stage.play({ scenario: body.scenario ?? null, seed: body.seed ?? null, chats: body.chats ?? null });
    if (ordered.ok) return playOf(stage);
    const flaws = ordered.problems.map(({ field, problem }) => ({ field, error: problem }));
    return refuse(reply, 422, flaws);
  });
}

function registerClockRoutes(app: FastifyInstance, { world }: Playback, clock: SteerableClock): void {
  const now = () => ({ nowMs: Math.floor(world.nowMs()), frozen: clock.frozen });
  app.get('/clock', { schema: routeSchema({ ...CLOCK, id: 'clock', summary: 'The time.' }) }, async () => now());
  const freeze = routeSchema({ ...CLOCK, id: 'freeze', summary: 'Stops time. Messages on their way stay there.', body: Nothing });
  app.post('/clock/freeze', { schema: freeze }, async () => {
    clock.freeze();
    return now();
  });
  const thaw = routeSchema({ ...CLOCK, id: 'thaw', summary: 'Lets time go on.', body: Nothing });
  app.post('/clock/thaw', { schema: thaw }, async () => {
    clock.thaw();
    return now();
  });
  const summary = 'Moves time on, frozen or not: what falls due happens in order.';
  const advance = routeSchema({ ...CLOCK, id: 'advance', summary, body: Advance });
  app.post<{ Body: Static<typeof Advance> }>('/clock/advance', { schema: advance }, async ({ body: { byMs } }) => {
    await clock.advance(byMs);
    return now();
  });
}

function playOf(stage: Playback) {
  return { ...stage.playing(), known: stage.names };
}
