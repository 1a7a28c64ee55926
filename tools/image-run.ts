import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { BuiltStage } from './image-build.ts';
import type { RunningProcess } from './running-process.ts';
import { startProcess, untilAnswers } from './running-process.ts';

/** `nobody`, in place of the image's own user, who does not exist here. */
const UNPRIVILEGED_UID = 65_534;
const PATIENCE_MS = 15_000;
const EXIT_CONFIG = 78;
const LIVE_ID = '0006Ka9HFHRR0T2B';

/** Runs the image's commands as an engine would, without its isolation. Throws at the first thing that is not so. */
export async function tryImage(image: BuiltStage, say: (line: string) => void): Promise<void> {
  await refusesUnfinishedConfiguration(image);
  say(`without settings it refuses to start (${EXIT_CONFIG}), naming the adapter and the open door`);
  await servesAndStops(image, say);
  await simulates(image);
  say('the simulator plays a scenario, is healthy, and ends on SIGTERM');
}

async function refusesUnfinishedConfiguration(image: BuiltStage): Promise<void> {
  const refusal = start(image, commandOf(image), {});
  expectThat((await ending(refusal)) === EXIT_CONFIG, 'without settings it must exit with 78', refusal);
  expectThat(refusal.output().includes('CHATPROBE_ADAPTER'), 'the refusal must name CHATPROBE_ADAPTER', refusal);
  expectThat(refusal.output().includes('CHATPROBE_ALLOW_ANONYMOUS'), 'the refusal must name CHATPROBE_ALLOW_ANONYMOUS', refusal);
}

async function servesAndStops(image: BuiltStage, say: (line: string) => void): Promise<void> {
  const port = String(await freePort());
  // No more open than it must be: everything but the address is as in the image.
  const env = {
    CHATPROBE_PORT: port,
    CHATPROBE_HOST: '127.0.0.1',
    CHATPROBE_ADAPTER: 'simulator',
    CHATPROBE_ALLOW_ANONYMOUS: 'true',
  };
  const service = start(image, commandOf(image), env);
  try {
    await untilAnswers(service, `http://127.0.0.1:${port}/livez`, PATIENCE_MS);
    say(`CMD ${commandOf(image).join(' ')} starts from the read-only tree${isRoot() ? ', unprivileged' : ''}`);

    const check = start(image, image.stage.healthCheck ?? [], env);
    expectThat((await ending(check)) === 0, 'HEALTHCHECK must succeed', check);
    say('HEALTHCHECK succeeds');

    const answer = await fetch(`http://127.0.0.1:${port}/interactions/${LIVE_ID}/probe`, { method: 'POST' });
    const text = await answer.text();
    expectThat(
      answer.status === 200 && text.includes('"verdict":"route"') && text.includes('"evidence":"alive"'),
      `a probe must say route, not ${text}`,
      service,
    );
    say('a probe of a live chat says route');

    expectThat((await service.stop('SIGTERM', PATIENCE_MS)) === 0, 'SIGTERM must end it with 0', service);
    say('SIGTERM drains it and ends it with 0');
  } finally {
    await service.stop('SIGKILL', 0);
  }
  const check = start(image, image.stage.healthCheck ?? [], env);
  expectThat((await ending(check)) === 1, 'HEALTHCHECK must fail with 1 when nothing answers', check);
  say('HEALTHCHECK fails when nothing answers');
}

async function simulates(image: BuiltStage): Promise<void> {
  const port = String(await freePort());
  const simulator = start(image, ['node', 'dist/lab/simulator/main.js', '--scenario', 'fail-over-6s'], { CHATPROBE_SIM_PORT: port });
  try {
    await untilAnswers(simulator, `http://127.0.0.1:${port}/health`, PATIENCE_MS);
    expectThat((await simulator.stop('SIGTERM', PATIENCE_MS)) === 0, 'SIGTERM must end the simulator with 0', simulator);
  } finally {
    await simulator.stop('SIGKILL', 0);
  }
}

function start({ root, workdir, stage }: BuiltStage, command: readonly string[], env: Readonly<Record<string, string>>): RunningProcess {
  return startProcess({ command, cwd: join(root, workdir), env: { ...stage.env, ...env }, uid: isRoot() ? UNPRIVILEGED_UID : null });
}

function commandOf({ stage }: BuiltStage): readonly string[] {
  if (stage.command === null || stage.healthCheck === null) throw new Error('the last stage needs CMD and HEALTHCHECK');
  return stage.command;
}

/** The end of something that ends by itself; killed if it does not. */
async function ending(running: RunningProcess): Promise<number | string> {
  const killing = setTimeout(() => void running.stop('SIGKILL', 0), PATIENCE_MS);
  const end = await running.ended;
  clearTimeout(killing);
  return end;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function expectThat(holds: boolean, claim: string, running: RunningProcess): void {
  if (!holds) throw new Error(`${claim}\n${running.output()}`);
}
