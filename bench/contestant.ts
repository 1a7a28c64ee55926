import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../test/support/free-port.ts';

/** A server process under measurement, or one that the measurement needs. */
export interface Contestant {
  readonly name: string;
  readonly url: string;
  /** When it was started, by `performance.now()`. */
  readonly startedMs: number;
  /** Memory that it holds, in megabytes. */
  rssMb(): number;
  /** Processor time that it has used so far, in milliseconds. */
  processorMs(): number;
  /** What it ended with; null while it runs. */
  exitCode(): number | null;
  stop(): Promise<void>;
}

/** What is started: a program, and what it is told of the port of loopback that it shall listen on. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly env: (port: number) => Readonly<Record<string, string>>;
}

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** Node.js by which this runs, with the port in the variable `portVariable`. */
export function nodeProgram(name: string, args: readonly string[], portVariable: string, env: Readonly<Record<string, string>>): Program {
  return { name, command: process.execPath, args: () => args, env: (port) => ({ [portVariable]: String(port), ...env }) };
}

/** Resolves as soon as it is started, and may not listen yet. */
export async function spawnContestant({ name, command, args, env }: Program): Promise<Contestant> {
  const port = await freePort();
  const startedMs = performance.now();
  const child = spawn(command, args(port), {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'] ?? '', ...env(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // As a collector of logs would: what is written to nowhere costs nothing to write.
  child.stdout.resume();
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    startedMs,
    rssMb: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    processorMs() {
      // Fields 14 and 15, in ticks of 10 ms; the name before them is in brackets and may hold blanks.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return 10 * (Number(fields[11]) + Number(fields[12]));
    },
    exitCode: () => child.exitCode,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Resolves once it accepts connections. */
export async function startContestant(program: Program): Promise<Contestant> {
  const contestant = await spawnContestant(program);
  for (let tries = 0; tries < 200; tries += 1) {
    if (contestant.exitCode() !== null) throw new Error(`${program.name} ended with ${contestant.exitCode()}`);
    const answered = await fetch(contestant.url).then(
      async (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    );
    if (answered) return contestant;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await contestant.stop();
  throw new Error(`${program.name} does not answer`);
}
