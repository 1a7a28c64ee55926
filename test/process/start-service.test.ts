import dns from 'node:dns';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../src/observers/logger.ts';
import { startService } from '../../src/process/start-service.ts';
import { configFrom, GATEWAY } from '../config/loading.ts';

it('says at the start, once, what runs and everything that is dangerous about it', async () => {
  const lines: string[] = [];
  const targets = {
    default: { ...GATEWAY, restoreWindowMs: 300_000 },
    trial: { ...GATEWAY, shadow: true, guard: { requireDelivery: false } },
    lab: { adapter: 'simulator' },
  };
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const config = configFrom({ server: { port: 0, drainMs: 0, allowAnonymous: true }, targets });
  const service = await startService(config, logger, { version: '1.2.3', nodeVersion: 'v0' });
  onTestFinished(() => service.stop());
  const warnings = lines.map((line): Record<string, unknown> => JSON.parse(line)).filter(({ level }) => level === 'warn');
  expect(warnings.map(({ targets: about, msg }) => [about, String(msg).split(':')[0]])).toEqual([
    [['lab'], 'EMBEDDED SIMULATOR'],
    [undefined, 'OPEN TO ANYBODY'],
    [['trial'], 'SHADOW MODE'],
    [['trial'], 'NO PROOF OF DELIVERY'],
    [['trial'], 'RESTORE WINDOW NOT SET'],
  ]);
  expect(lines.filter((line) => line.includes('chat-probe 1.2.3')).map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 'info',
      version: '1.2.3',
      targets: [
        { name: 'default', adapter: 'gateway', policy: 'inline' },
        { name: 'trial', adapter: 'gateway', policy: 'inline' },
        { name: 'lab', adapter: 'simulator', policy: 'inline' },
      ],
      msg: 'chat-probe 1.2.3, targets default (gateway, policy inline), trial (gateway, policy inline), lab (simulator, policy inline)',
    }),
  ]);
});

it('says in one line which variables it ignores, as injected by Kubernetes', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const config = configFrom(
    { server: { port: 0, drainMs: 0 } },
    { CHATPROBE_PORT: 'tcp://10.96.7.1:80', CHATPROBE_SERVICE_HOST: '10.96.7.1' },
  );
  const service = await startService(config, logger, { version: '0', nodeVersion: 'v0' });
  onTestFinished(() => service.stop());
  expect(lines.filter((line) => line.includes('Kubernetes')).map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'info', variables: ['CHATPROBE_PORT', 'CHATPROBE_SERVICE_HOST'] }),
  ]);
});

it('has one listener where it is told localhost: a second would be beyond the bound on connections, reload and drain', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const lookup = vi.spyOn(dns, 'lookup');
  onTestFinished(() => lookup.mockRestore());
  const said = { server: { host: 'localhost', port: 0, drainMs: 0 } };
  const service = await startService(configFrom(said), logger, { version: '0', nodeVersion: 'v0' });
  onTestFinished(() => service.stop());
  expect(lookup.mock.calls.map(([name]) => name)).not.toContain('localhost');
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await fetch(`http://localhost:${new URL(service.url).port}/livez`)).status).toBe(200);
});
