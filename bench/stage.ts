import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Contestant, nodeProgram, type Program, startContestant } from './contestant.ts';
import { SAMPLE_ANSWER, SAMPLE_MESSAGE, SAMPLE_TOKEN } from './samples.ts';

/** Starts programs, and remembers them. */
export type Start = (program: Program) => Promise<Contestant>;

/** Plays with what `start` starts, and stops all of it at the end, however that comes. */
export async function withContestants<T>(play: (start: Start) => Promise<T>): Promise<T> {
  const running: Contestant[] = [];
  try {
    return await play(async (program) => {
      const contestant = await startContestant(program);
      running.push(contestant);
      return contestant;
    });
  } finally {
    await Promise.all(running.map((contestant) => contestant.stop()));
  }
}

export const GATEWAY = script('gateway', 'stub-gateway.ts', {});

export const floor = (name: string, gateway: Contestant): Program => script(name, 'floor.ts', { BENCH_GATEWAY_URL: gateway.url });

/** In JavaScript: what tsx takes to start is not its own. */
export function bareFastify(name: string, gateway: Contestant, nodeFlags: readonly string[] = []): Program {
  const env = { NODE_ENV: 'production', BENCH_GATEWAY_URL: gateway.url, BENCH_MESSAGE: SAMPLE_MESSAGE, BENCH_ANSWER: SAMPLE_ANSWER };
  return nodeProgram(name, [...nodeFlags, pathOf('bare-fastify.js')], 'BENCH_PORT', env);
}

/** Holds whoever asks for so long. */
export function bareCrowd(name: string, holdMs: number, nodeFlags: readonly string[]): Program {
  const env = { NODE_ENV: 'production', BENCH_HOLD_MS: holdMs.toFixed(0), BENCH_ANSWER: SAMPLE_ANSWER };
  return nodeProgram(name, [...nodeFlags, pathOf('bare-crowd.js')], 'BENCH_PORT', env);
}

/** The built service, before `gateway`, for callers with a token. */
export function chatProbe(
  name: string,
  gateway: Contestant,
  env: Readonly<Record<string, string>> = {},
  nodeFlags: readonly string[] = [],
): Program {
  const settings = {
    NODE_ENV: 'production',
    CHATPROBE_ADAPTER: 'gateway',
    CHATPROBE_GATEWAY_URL: gateway.url,
    CHATPROBE_HA: 'true',
    CHATPROBE_API_TOKEN: SAMPLE_TOKEN,
  };
  return nodeProgram(name, [...nodeFlags, 'dist/src/main.js'], 'CHATPROBE_PORT', { ...settings, ...env });
}

/** What Node.js is to be started with, as the systemd unit does it. */
export function recommendedFlags(): readonly string[] {
  const unit = readFileSync(pathOf('../deploy/chat-probe.service'), 'utf8');
  const [, command = ''] = /^ExecStart=\S+node (.*)$/m.exec(unit) ?? [];
  return command.split(' ').filter((word) => word.startsWith('--'));
}

/** A program of this folder in TypeScript. */
function script(name: string, file: string, env: Readonly<Record<string, string>>): Program {
  return nodeProgram(name, ['--import', 'tsx', pathOf(file)], 'BENCH_PORT', { NODE_ENV: 'production', ...env });
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
