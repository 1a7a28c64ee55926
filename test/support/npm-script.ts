import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

export interface NpmScript {
  /** Resolves with what it has written once that fits. */
  printed(pattern: RegExp): Promise<string>;
  /** Resolves with the exit code of npm, null if a signal killed it. */
  readonly exit: Promise<number | null>;
  /** Signals npm alone, as a supervisor does. */
  kill(signal: NodeJS.Signals): void;
  /** Signals npm and all that it started, as a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
}

/** A script of our manifest, run by npm in a package of its own that has our dist/. All processes of it go with the test. */
export function npmScript(name: 'start' | 'simulator', env: Readonly<Record<string, string>>): NpmScript {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-npm-'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', scripts: { build: 'true', [name]: manifest.scripts[name] } }),
  );
  symlinkSync(DIST, join(folder, 'dist'));
  // A group of its own, by which whatever it leaves behind can be found.
  const child = spawn('npm', ['run', name, '--ignore-scripts', '--no-update-notifier'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = -(child.pid ?? 0);
  onTestFinished(() => {
    signalled(group, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return {
    async printed(pattern) {
      while (!pattern.test(output)) {
        if (!signalled(group, 0)) throw new Error(`it ended: ${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return output;
    },
    exit: once(child, 'exit').then(([code]) => code),
    kill: (signal) => void child.kill(signal),
    killGroup: (signal) => void signalled(group, signal),
  };
}

/** False where there is nobody to signal. */
function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
