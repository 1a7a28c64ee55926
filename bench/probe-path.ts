/**
 * Counts the files and functions of dist/ that one delivered probe runs through: V8's precise coverage, over real sockets, against a
 * gateway of its own. `npm run bench:path`; `--list` names them.
 */
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';

const DIST = new URL('../dist/', import.meta.url).href;
const { loadConfig } = await import(`${DIST}src/config/load.js`);
const { startService } = await import(`${DIST}src/process/start-service.js`);

const gateway = createServer((request, response) => {
  void text(request).then((body) => {
    const { referenceId } = JSON.parse(body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ messageName: 'Event3rdServerResponse', referenceId, request: {}, userData: {} }));
  });
});
await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
const { port } = gateway.address() as AddressInfo;

const env = {
  CHATPROBE_PORT: '0',
  CHATPROBE_ADAPTER: 'gateway',
  CHATPROBE_GATEWAY_URL: `http://127.0.0.1:${port}`,
  CHATPROBE_HA: 'true',
  CHATPROBE_API_TOKEN: 'a-token-of-the-bench-0123456789',
};
const loaded = loadConfig(env, () => ({ ok: false }));
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const service = await startService(loaded.config, pino({ level: 'silent' }), { version: '0', nodeVersion: process.version });

const ask = async (id: string): Promise<void> => {
  const headers = { authorization: `Bearer ${env.CHATPROBE_API_TOKEN}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ chatServerAppName: 'ChatServer_1', isOnline: '1', userData: { ServiceType: 'default' } });
  const answer = await fetch(`${service.url}/interactions/${id}/probe`, { method: 'POST', headers, body });
  const { reason } = (await answer.json()) as { reason: string };
  if (reason !== 'delivered') throw new Error(`not delivered: ${reason}`);
};

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
// What is done once, such as the first connection, is no part of a probe.
for (let n = 0; n < 20; n += 1) await ask(`000${100 + n}`);
await session.post('Profiler.takePreciseCoverage');
await ask('0006Ka9HFHRR0T2B');
const { result } = await session.post('Profiler.takePreciseCoverage');

const rows = result
  .filter(({ url }) => url.startsWith(DIST))
  .map(({ url, functions }) => ({
    file: url.slice(DIST.length),
    called: functions.filter(({ functionName, ranges }) => functionName !== '' && (ranges[0]?.count ?? 0) > 0).map((f) => f.functionName),
    any: functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).length,
  }))
  .filter(({ any }) => any > 0)
  .sort((a, b) => (a.file < b.file ? -1 : 1));
if (process.argv.includes('--list')) for (const { file, any, called } of rows) console.log(`${file}  ${any}  ${called.join(' ')}`);
console.log(`${rows.length} files and ${rows.reduce((sum, { any }) => sum + any, 0)} functions`);
await service.stop();
gateway.close();
process.exit(0);
