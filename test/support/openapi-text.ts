import { fastify } from 'fastify';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { registerControlFace } from '../../lab/simulator/control/control-face.ts';
import { createPlayback } from '../../lab/simulator/playback.ts';
import { createSteerableClock } from '../../lab/simulator/steerable-clock.ts';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

const NOTE = '# Generated from the routes by `npm run openapi`; CI compares. Do not edit.\n';

/** The OpenAPI document of the default configuration, as YAML. */
export async function currentOpenApi(): Promise<string> {
  const loaded = loadConfig({}, () => ({ ok: false, detail: 'ENOENT' }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const manifest: { version: string } = (await import('../../package.json', { with: { type: 'json' } })).default;
  const app = await createApp(loaded.config, {
    logger: pino({ level: 'silent' }),
    version: manifest.version,
    nodeVersion: process.version,
  });
  const response = await app.server.inject('/openapi.json');
  await app.server.close();
  return NOTE + stringify(response.json(), { lineWidth: 120 });
}

/** The OpenAPI document of the simulator's control face, as YAML. */
export async function currentSimulatorOpenApi(): Promise<string> {
  const clock = createSteerableClock(createVirtualClock());
  const app = fastify();
  await registerControlFace(app, { stage: createPlayback(clock, { names: [], text: () => null }), clock });
  const response = await app.inject('/sim/openapi.json');
  await app.close();
  return NOTE + stringify(response.json(), { lineWidth: 120 });
}
