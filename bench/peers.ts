/** Others who could stand in the service's place: the service of an hour's work, and the prober that everybody knows. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contestant, nodeProgram, type Program } from './contestant.ts';
import type { Page } from './load.ts';
import { SAMPLE_MESSAGE, SAMPLE_TOKEN } from './samples.ts';

const HOUR_FOLDER = fileURLToPath(new URL('peers', import.meta.url));
const BLACKBOX = '/usr/bin/prometheus-blackbox-exporter';
const MODULE = 'chat';

/** Installs the packages of the service of an hour's work where they are missing. False, and says so, where that fails. */
export function canRunHour(): boolean {
  if (existsSync(join(HOUR_FOLDER, 'node_modules', '.package-lock.json'))) return true;
  console.log('installing the packages of bench/peers/');
  const { status } = spawnSync('npm', ['ci'], { cwd: HOUR_FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) console.log("left out: the service of an hour's work, whose packages cannot be installed");
  return status === 0;
}

/** express, axios, pino-http and prom-client. */
export function hour(name: string, gateway: Contestant): Program {
  const env = { NODE_ENV: 'production', BENCH_GATEWAY_URL: gateway.url, API_TOKEN: SAMPLE_TOKEN };
  return nodeProgram(name, [join(HOUR_FOLDER, 'hour.js')], 'BENCH_PORT', env);
}

export function canRunBlackbox(): boolean {
  const isThere = existsSync(BLACKBOX);
  if (!isThere) console.log("left out: Debian's prometheus-blackbox-exporter, which is not installed");
  return isThere;
}

/**
 * Prometheus' prober. It posts the message that the service posts, over a connection of its own for each, and looks for the reply's name in
 * the body. It asks for no token and writes nothing of a probe to its log.
 */
export function blackbox(name: string): Program {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const http = {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: SAMPLE_MESSAGE,
    preferred_ip_protocol: 'ip4',
    fail_if_body_not_matches_regexp: ['"messageName":"Event3rdServerResponse"'],
  };
  const file = join(folder, 'blackbox.json');
  // It reads YAML, of which JSON is a part.
  writeFileSync(file, JSON.stringify({ modules: { [MODULE]: { prober: 'http', timeout: '2s', http } } }));
  return {
    name,
    command: BLACKBOX,
    args: (port) => [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
    env: () => ({}),
  };
}

/** By which it is asked for a probe of the gateway. A probe that fails is a 200, too. */
export function blackboxPage(gateway: Contestant): Page {
  const query = new URLSearchParams({ module: MODULE, target: `${gateway.url}/esp` });
  return { path: `/probe?${query}`, holding: '\nprobe_success 1\n' };
}
