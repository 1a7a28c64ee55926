import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a process is started: nothing of this one's environment but what is given. */
export interface Start {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** User and group to run as; needs root. Null: as this process. */
  readonly uid: number | null;
}

export interface RunningProcess {
  readonly pid: number;
  /** What it has written so far to both outputs. */
  output(): string;
  /** Resolves with the exit code, or with the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Sends a signal and resolves as `ended` does; kills it after `patienceMs`. */
  stop(signal: NodeJS.Signals, patienceMs: number): Promise<number | string>;
}

export function startProcess({ command, cwd, env, uid }: Start): RunningProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === null ? {} : { uid, gid: uid }),
  });
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const ended = endOf(child);
  return {
    pid: child.pid ?? 0,
    output: () => chunks.join(''),
    ended,
    async stop(signal, patienceMs) {
      child.kill(signal);
      const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      const end = await ended;
      clearTimeout(killing);
      return end;
    },
  };
}

/** Asks again and again until `url` answers 2xx. Throws with the process's output if it ends first or `patienceMs` pass. */
export async function untilAnswers(running: RunningProcess, url: string, patienceMs: number): Promise<void> {
  const isOver = { ended: false };
  void running.ended.then(() => {
    isOver.ended = true;
  });
  const untilMs = performance.now() + patienceMs;
  while (!isOver.ended && performance.now() < untilMs) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not answer:\n${running.output()}`);
}

async function endOf(child: ChildProcess): Promise<number | string> {
  const [code, signal]: unknown[] = await once(child, 'close');
  return typeof code === 'number' ? code : String(signal);
}
