import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../src/observers/logger.ts';
import { startService } from '../src/start-service.ts';
import { configFrom, GATEWAY } from './config/loading.ts';

it('warns at the start of every target whose verdicts must not be taken for what they seem', async () => {
  const lines: string[] = [];
  const targets = {
    default: GATEWAY,
    trial: { ...GATEWAY, shadow: true, guard: { requireDelivery: false } },
    lab: { adapter: 'simulator' },
  };
  const logger = createLogger('info', { write: (line: string) => lines.push(line) });
  const config = configFrom({ server: { port: 0, drainMs: 0 }, targets });
  const service = await startService(config, logger, { version: '0', nodeVersion: 'v0' });
  onTestFinished(() => service.stop());
  const warnings = lines.map((line): Record<string, unknown> => JSON.parse(line)).filter(({ level }) => level === 'warn');
  expect(warnings.map(({ targets: about, msg }) => [about, String(msg).split(':')[0]])).toEqual([
    [['lab'], 'EMBEDDED SIMULATOR'],
    [['trial'], 'SHADOW MODE'],
    [['trial'], 'NO PROOF OF DELIVERY'],
  ]);
});
