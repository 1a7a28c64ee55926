import type { Logger } from 'pino';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { type RunningService, startService } from '../../src/process/start-service.ts';

export interface ListeningOptions {
  /** Text of its configuration file; none unless given. */
  readonly file?: string;
  /** Seen by nobody unless given, but for the search for secrets. */
  readonly logger?: Logger;
  /** What other files hold, by their path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The service on a real socket that the system chooses; it goes with the test. */
export async function listeningService(env: Readonly<Record<string, string>>, options: ListeningOptions = {}): Promise<RunningService> {
  const { file, files = {}, logger = createLogger('trace', { write: () => undefined }) } = options;
  const named = file === undefined ? {} : { CHATPROBE_CONFIG: 'config.yaml' };
  const all: Readonly<Record<string, string | undefined>> = { ...files, 'config.yaml': file };
  const loaded = loadConfig({ CHATPROBE_PORT: '0', ...named, ...env }, (path) => {
    const text = all[path];
    return text === undefined ? { ok: false, detail: 'ENOENT' } : { ok: true, text };
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  // A machine that is busy with other tests must not make the service answer `overloaded`.
  const config = { ...loaded.config, server: { ...loaded.config.server, maxEventLoopDelayMs: 60_000 } };
  const service = await startService(config, logger, { version: '0.0.0-test', nodeVersion: 'v0' });
  onTestFinished(() => service.stop());
  return service;
}

/** The environment that points the service at gateways. A short drain, so that tests end. */
export function gatewayEnv(...urls: readonly string[]): Record<string, string> {
  return { CHATPROBE_ADAPTER: 'gateway', CHATPROBE_GATEWAY_URL: urls.join(','), CHATPROBE_HA: 'true', CHATPROBE_DRAIN_MS: '0' };
}

/** Asks for a verdict over the network. */
export async function probe(service: RunningService, body: object = {}, id = '0006Ka9HFHRR0T2B') {
  const startedMs = performance.now();
  const response = await fetch(`${service.url}/interactions/${id}/probe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, answer, tookMs: performance.now() - startedMs };
}

/** The value of one series over the network, null if there is none. */
export async function metricAt({ url }: RunningService, series: string): Promise<number | null> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}
