import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { onTestFinished } from 'vitest';
import { registerControlFace } from '../../lab/simulator/control/control-face.ts';
import type { Playback } from '../../lab/simulator/playback.ts';
import { createPlayback } from '../../lab/simulator/playback.ts';
import type { ScenarioLibrary } from '../../lab/simulator/scenario/scenario-files.ts';
import { createSteerableClock } from '../../lab/simulator/steerable-clock.ts';
import type { World } from '../../lab/simulator/world/world.ts';
import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

/** Two Chat Servers with N+1, on which nothing happens of itself. A client returns after 5 s, its user data 1 s later. */
export const CALM = `
name: calm
description: Two Chat Servers, and nothing happens.
seed: 7
highAvailability: n+1
chatServers: [A, B]
clients: { returnMs: [5000, 5000], staleMs: [1000, 1000] }
latencyMs: { least: 2, most: 2 }
interactionServer: { reconnectMs: 1000 }
target: { ha: true }
`;
const BROKEN = 'name: broken\nseed: -1\nhighAvailability: maybe\nchatServers: [A]\ntarget: { ha: true }\n';

export const LIBRARY: ScenarioLibrary = {
  names: ['broken', 'calm'],
  text: (name) => ({ calm: CALM, broken: BROKEN })[name] ?? null,
};

export interface ControlBench {
  readonly app: FastifyInstance;
  readonly stage: Playback;
  /** The clock below the one that is steered. */
  readonly base: VirtualClock;
  /** Gives a command and reads what comes back. */
  command(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The control face over the calm scenario with four chats, in virtual time. The world is changed where a test says so. */
export async function controlBench(changed: (world: World) => World = (world) => world): Promise<ControlBench> {
  const base = createVirtualClock();
  const clock = createSteerableClock(base);
  const stage = createPlayback(clock, LIBRARY);
  stage.play({ scenario: 'calm', seed: null, chats: 4 });
  const app = fastify();
  onTestFinished(() => app.close());
  await registerControlFace(app, { stage: { ...stage, world: changed(stage.world) }, clock });
  return {
    app,
    stage,
    base,
    async command(method, path, body) {
      const response = await app.inject({ method, url: `/sim${path}`, ...(body === undefined ? {} : { payload: body as object }) });
      return { status: response.statusCode, body: response.json() };
    },
  };
}
