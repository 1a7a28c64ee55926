import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { registerControlFace } from '../../lab/simulator/control/control-face.ts';
import { createPlayback } from '../../lab/simulator/playback.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { createSteerableClock } from '../../lab/simulator/steerable-clock.ts';
import { createEmbeddedAdapter } from '../../src/adapters/embedded-adapter.ts';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

const PAGE = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
/** Differ from run to run: times of the service, and chance. */
const BY_CHANCE = /^(probeId|elapsedMs|atMs)$/;

interface Example {
  readonly curl: string;
  /** The answer shown below it, null if none is. */
  readonly shown: unknown;
}

/** Every curl line with what is shown below the block that it ends. */
function examples(): readonly Example[] {
  const blocks = PAGE.matchAll(/^```sh\n(curl [\s\S]*?)^```\n(?:\n```json\n([\s\S]*?)^```$)?/gm);
  return [...blocks].flatMap(([, lines = '', answer]) => {
    const curls = lines.trim().split('\n');
    return curls.map((curl, index) => ({ curl, shown: answer !== undefined && index === curls.length - 1 ? JSON.parse(answer) : null }));
  });
}

/** What stands on the page, run by nobody's hand: simulator and service in one virtual time. */
async function terminals() {
  const base = createVirtualClock();
  const clock = createSteerableClock(base);
  const stage = createPlayback(clock, scenariosIn(new URL('../../scenarios/', import.meta.url)));
  stage.play({ scenario: /--scenario (\S+)/.exec(PAGE)?.[1] ?? null, seed: null, chats: null });
  const simulator = fastify();
  await registerControlFace(simulator, { stage, clock });

  const env = Object.fromEntries(
    [...(/^CHATPROBE_.* npm start$/m.exec(PAGE)?.[0] ?? '').matchAll(/(\S+)=(\S+)/g)].map(([, k, v]) => [k, v]),
  );
  const loaded = loadConfig(env, () => ({ ok: false, detail: 'ENOENT' }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const logger = createLogger('silent', { write: () => undefined });
  const makeAdapter = () => createEmbeddedAdapter(stage.world);
  const service = await createApp(loaded.config, { logger, version: '0', nodeVersion: 'v0', clock: base, random: () => 0.5, makeAdapter });
  onTestFinished(async () => {
    await simulator.close();
    await service.server.close();
  });
  return { base, byPort: { 9190: simulator, 8080: service.server } };
}

it('every line works as pasted, and answers what the page shows', async () => {
  const { base, byPort } = await terminals();
  const played = examples();
  expect(played.length).toBeGreaterThan(30);
  for (const { curl, shown } of played) {
    const [, port, url = ''] = /http:\/\/127\.0\.0\.1:(9190|8080)([^\s']*)/.exec(curl) ?? [];
    const [, quoted, plain] = /-d (?:'([^']*)'|(\S+))/.exec(curl) ?? [];
    const payload = quoted ?? plain;
    // As curl does it: a body makes a POST and, unless told otherwise, a form.
    const type = /-H 'Content-Type: ([^']+)'/.exec(curl)?.[1] ?? 'application/x-www-form-urlencoded';
    const [, method = payload === undefined ? 'GET' : 'POST'] = /-X (\S+)/.exec(curl) ?? [];
    const body = payload === undefined ? {} : { payload, headers: { 'content-type': type } };
    const pending = byPort[port === '8080' ? 8080 : 9190].inject({ method: method as 'GET', url, ...body }).then((response) => response);
    const response = await untilAnswered(base, pending);
    const refusal = shown !== null && typeof shown === 'object' && 'error' in shown;
    expect([curl, response.statusCode >= 200 && response.statusCode < 300]).toEqual([curl, !refusal]);
    if (shown !== null) expect(withoutChance(response.json()), curl).toEqual(withoutChance(shown));
  }
});

it('the page knows the options of the command line, and no other', async () => {
  const { SIMULATOR_USAGE } = await import('../../lab/simulator/simulator-options.ts');
  const options = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, option]) => option);
  expect(options(PAGE, /^\| `(--[a-z]+)/gm)).toEqual(options(SIMULATOR_USAGE, /^ {2}(--[a-z]+)/gm));
});

/** Moves time on until the answer is there; only the service needs any. */
async function untilAnswered<T>(clock: VirtualClock, pending: Promise<T>): Promise<T> {
  let isOver = false;
  const answered = pending.finally(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 1_000 && !isOver; turn += 1) await clock.advance(10);
  return answered;
}

function withoutChance(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) => (BY_CHANCE.test(key) ? null : value));
}
