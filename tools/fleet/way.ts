import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningProcess, startProcess } from '../../test/support/running-process.ts';

/** A way to a port of loopback that can be cut in silence: connections stay, new ones seem to be taken, and no byte goes through. */
export interface Way {
  readonly port: number;
  readonly process: RunningProcess;
  cut(): void;
  /** What was sent meanwhile arrives, late. */
  mend(): void;
}

/** HAProxy again, since nobody must wait for our own process: 20 ms is all that a replica waits for the store. A cut stops it where it is. */
export function startWay(folder: string, port: number, toPort: number): Way {
  const file = join(folder, `way-${port}.cfg`);
  const timeouts = ['connect 1s', 'client 1h', 'server 1h'].map((timeout) => `  timeout ${timeout}`);
  const lines = ['listen way', '  mode tcp', ...timeouts, `  bind 127.0.0.1:${port}`, `  server store 127.0.0.1:${toPort}`];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const running = startProcess({ command: ['haproxy', '-db', '-f', file], cwd: folder, env: {}, uid: null });
  return {
    port,
    process: running,
    cut: () => void process.kill(running.pid, 'SIGSTOP'),
    mend: () => void process.kill(running.pid, 'SIGCONT'),
  };
}
