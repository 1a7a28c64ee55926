import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { serviceProcess } from '../support/service-process.ts';
import { startCollector } from './otlp-collector.ts';
import { TRACEPARENT } from './traced-service.ts';

const DRAIN_MS = 3_000;

/** Tells on the standard error, as the process ends, how many modules of OpenTelemetry it has loaded, but for the words that prom-client needs. */
const SPY = `process.on('exit', () => {
  const loaded = Object.keys(require.cache).filter((path) => /@opentelemetry.(?!api.)/.test(path));
  process.stderr.write('loaded of OpenTelemetry: ' + loaded.length + '\\n');
});`;

async function ranOnce(env: Readonly<Record<string, string>>): Promise<{ readonly stderr: string; readonly drainedMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const spy = join(folder, 'spy.cjs');
  writeFileSync(spy, SPY);
  const service = serviceProcess({ ...env, NODE_OPTIONS: `--require=${spy}`, CHATPROBE_DRAIN_MS: String(DRAIN_MS) });
  const url = await service.listening();
  const body = JSON.stringify({ chatServerAppName: 'ChatServer_1' });
  const headers = { 'content-type': 'application/json', traceparent: TRACEPARENT };
  await fetch(`${url}/interactions/0006Ka9HFHRR0T2B/probe`, { method: 'POST', headers, body });
  const startedMs = performance.now();
  service.child.kill('SIGTERM');
  expect(await service.exit).toBe(0);
  return { stderr: service.stderr(), drainedMs: performance.now() - startedMs };
}

it('a process without an endpoint has nothing of OpenTelemetry in it; one with an endpoint sends its last spans before it ends', async () => {
  expect((await ranOnce({})).stderr).toContain('loaded of OpenTelemetry: 0\n');
  const collector = await startCollector();
  expect((await ranOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })).stderr).toMatch(/loaded of OpenTelemetry: [1-9]/);
  expect(collector.spans().map(({ name }) => name)).toEqual(['attempt', 'POST /interactions/:id/probe']);
});

it('a collector that hangs holds up no drain', async () => {
  const collector = await startCollector(() => undefined);
  const { drainedMs } = await ranOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  // A second for the last answers, and one for a machine that is busy.
  expect(drainedMs).toBeLessThan(DRAIN_MS + 2_000);
});
