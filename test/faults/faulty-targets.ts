import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { type RunningService, startService } from '../../src/process/start-service.ts';

/** Where a target of the service is to send. */
export interface FarEnd {
  readonly urls: readonly string[];
  /** PEM of the authority that it trusts; the system's unless given. */
  readonly ca?: string;
}

/** So long any probe here may take. */
export const DEADLINE_MS = 3_000;

/** Two attempts with hardly a pause. Together they leave a third of the time, for machines that are busy with other tests. */
const POLICY = { attempts: 2, attemptTimeoutMs: DEADLINE_MS / 3, pauseMs: 20, deadlineMs: DEADLINE_MS };

/**
 * The whole service on a real socket, with a target of that name for each far end. Nothing but the answer itself decides: one proof is
 * enough for a stop, and no guard withholds it, so that whatever is taken for proof and is none shows as a stop.
 */
export async function serviceFor(farEnds: ReadonlyMap<string, FarEnd>): Promise<RunningService> {
  const files = new Map<string, string>();
  const targets = [...farEnds].map(([name, { urls, ca }]) => {
    if (ca !== undefined) files.set(`${name}.pem`, ca);
    return [
      name,
      {
        adapter: 'gateway',
        gateways: urls,
        ha: false,
        policy: 'quick',
        connectTimeoutMs: 700,
        guard: { massStop: false, requireDelivery: false },
        ...(ca === undefined ? {} : { caFile: `${name}.pem` }),
      },
    ];
  });
  files.set('config.yaml', JSON.stringify({ targets: Object.fromEntries(targets), policies: { quick: POLICY } }));
  const env = { CHATPROBE_CONFIG: 'config.yaml', CHATPROBE_PORT: '0', CHATPROBE_DRAIN_MS: '0' };
  const loaded = loadConfig(env, (path) => {
    const text = files.get(path);
    return text === undefined ? { ok: false, detail: 'ENOENT' } : { ok: true, text };
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  // A machine that is busy with other tests must not make the service answer `overloaded`.
  const config = { ...loaded.config, server: { ...loaded.config.server, maxEventLoopDelayMs: 60_000 } };
  return startService(config, createLogger('silent', { write: () => undefined }), { version: '0.0.0-test', nodeVersion: 'v0' });
}

/** What a caller was told, and how long it took by the service's own clock. */
export type ProbeAnswer = Readonly<Record<string, unknown>> & { readonly elapsedMs: number; readonly attempts: number };

/** Asks one target about a chat by its Chat Server's name. */
export async function askTarget({ url }: RunningService, target: string, id: string): Promise<ProbeAnswer> {
  const response = await fetch(`${url}/interactions/${id}/probe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target, chatServerAppName: 'ChatServer_1' }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as ProbeAnswer;
}
