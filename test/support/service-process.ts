import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A machine that is busy with other tests must not make the service answer `overloaded`. */
const PATIENT = fileURLToPath(new URL('../fixtures/patient.yaml', import.meta.url));
const ENTRY = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the exit code, null if a signal killed it. */
  readonly exit: Promise<number | null>;
  /** Resolves with the base URL once it listens. */
  listening(): Promise<string>;
}

/**
 * The service in a process of its own; killed with the test.
 *
 * @param stdoutFd where its standard output goes instead of to `stdout()`.
 * @param through what starts it, such as a shell that sets a limit first.
 */
export function serviceProcess(
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  stdoutFd: number | null = null,
  through: readonly string[] = [],
): ServiceProcess {
  const [program = '', ...words] = [...through, process.execPath, ENTRY, ...args];
  const child = spawn(program, words, {
    env: { PATH: process.env['PATH'] ?? '', CHATPROBE_PORT: '0', CHATPROBE_CONFIG: PATIENT, ...env },
    stdio: ['ignore', stdoutFd ?? 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    exit: once(child, 'close').then(([code]) => code),
    async listening() {
      for (;;) {
        const url = /listening on (https?:\/\/[\d.]+:\d+)/.exec(stdout)?.[1];
        if (url !== undefined) return url;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`it ended with ${child.exitCode ?? child.signalCode}: ${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
