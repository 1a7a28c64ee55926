import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../test/support/free-port.ts';

/** A server process under measurement, or one that the measurement needs. */
export interface Contestant {
  readonly name: string;
  readonly url: string;
  /** Memory that it holds, in megabytes. */
  rssMb(): number;
  /** Processor time that it has used so far, in milliseconds. */
  processorMs(): number;
  stop(): Promise<void>;
}

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** Starts `node ...args` with a port of loopback in the variable `portVariable`; resolves once it accepts connections. */
export async function startContestant(
  name: string,
  args: readonly string[],
  portVariable: string,
  env: Readonly<Record<string, string>>,
): Promise<Contestant> {
  const port = await freePort();
  const child = spawn(process.execPath, args, {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'] ?? '', [portVariable]: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // As a collector of logs would: what is written to nowhere costs nothing to write.
  child.stdout.resume();
  const url = `http://127.0.0.1:${port}`;
  await untilItAccepts(name, url, child);
  return {
    name,
    url,
    rssMb: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    processorMs() {
      // Fields 14 and 15, in ticks of 10 ms; the name before them is in brackets and may hold blanks.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return 10 * (Number(fields[11]) + Number(fields[12]));
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function untilItAccepts(name: string, url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    const answered = await fetch(url).then(
      async (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} does not answer`);
}
