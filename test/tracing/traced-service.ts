import { onTestFinished } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { type Script, type ScriptedGateway, startScriptedGateway } from '../support/scripted-gateway.ts';
import { metricOf } from '../support/service.ts';

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const CALLER_SPAN = '00f067aa0ba902b7';
export const TRACEPARENT = `00-${TRACE_ID}-${CALLER_SPAN}-01`;

const FILE = `
server: { maxEventLoopDelayMs: 60000, maxInFlight: 2 }
targets:
  default: { adapter: gateway, gateways: [GATEWAY], ha: false, singleChatServer: true, guard: { requireDelivery: false } }
policies: { inline: { pauseMs: 0, attemptTimeoutMs: 1000 } }
`;

export interface TracedService extends App {
  readonly gateway: ScriptedGateway;
  readonly logText: () => string;
  readonly logLines: () => readonly Record<string, unknown>[];
  readonly probe: (id: string, headers?: Readonly<Record<string, string>>, payload?: object) => Promise<Record<string, unknown>>;
  readonly spanCount: (result: string) => Promise<number | null>;
}

/** The whole service over a gateway on a socket, traced as the variables say. Goes with the test. */
export async function tracedService(script: Script, env: Readonly<Record<string, string>>): Promise<TracedService> {
  const gateway = await startScriptedGateway(script);
  const file = FILE.replace('GATEWAY', gateway.url);
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'config.yaml', ...env }, () => ({ ok: true, text: file }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const app = await createApp(loaded.config, { logger, version: '0.0.0-test', nodeVersion: 'v0' });
  onTestFinished(async () => {
    await app.server.close();
    await app.endTracing(0);
    await gateway.close();
  });
  return {
    ...app,
    gateway,
    logText: () => lines.join(''),
    logLines: () => lines.map((line): Record<string, unknown> => JSON.parse(line)),
    probe: async (id, headers = {}, payload = { chatServerAppName: 'ChatServer_1' }) =>
      (await app.server.inject({ method: 'POST', url: `/interactions/${id}/probe`, headers, payload })).json(),
    spanCount: (result) => metricOf(app.server, `chatprobe_spans_total{result="${result}"}`),
  };
}
