import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { proxyConfig } from '../../test/support/proxy-config.ts';
import { type RunningProcess, startProcess, untilAnswers } from '../../test/support/running-process.ts';

/** HAProxy before the replicas, with deploy/haproxy.cfg. */
export interface Balancer {
  readonly port: number;
  readonly process: RunningProcess;
  /** By its own account, in the order of the replicas. */
  servers(): Promise<readonly BalancedServer[]>;
}

export interface BalancedServer {
  readonly status: string;
  /** Requests that it has there now. */
  readonly inFlight: number;
}

/** @param change to the text of the file, to see what another one does. */
export async function startBalancer(
  folder: string,
  port: number,
  replicas: readonly number[],
  change: (text: string) => string = (text) => text,
): Promise<Balancer> {
  const file = join(folder, `haproxy-${port}.cfg`);
  const socket = join(folder, `haproxy-${port}.sock`);
  const beside = join(folder, `haproxy-${port}-stats.cfg`);
  writeFileSync(file, change(proxyConfig('deploy/haproxy.cfg', port, replicas)));
  writeFileSync(beside, `global\n  stats socket ${socket} mode 600 level user\n`);
  const running = startProcess({ command: ['haproxy', '-db', '-f', beside, '-f', file], cwd: folder, env: {}, uid: null });
  await untilAnswers(running, `http://127.0.0.1:${port}/livez`, 15_000);
  return { port, process: running, servers: async () => serversOf(await asked(socket, 'show stat')) };
}

function asked(socket: string, command: string): Promise<string> {
  const connection = createConnection(socket);
  connection.write(`${command}\n`);
  return text(connection);
}

/** HAProxy's table begins with `# pxname,svname,...`; a row each for the frontend, the servers and the backend. */
function serversOf(table: string): readonly BalancedServer[] {
  const [head = '', ...rows] = table.replace(/^# /, '').trim().split('\n');
  const names = head.split(',');
  const column = (row: string, name: string): string => row.split(',')[names.indexOf(name)] ?? '';
  return rows
    .filter((row) => column(row, 'svname').startsWith('probe-'))
    .map((row) => ({ status: column(row, 'status'), inFlight: Number(column(row, 'scur')) }));
}
