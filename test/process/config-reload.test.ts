import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { Clock } from '../../src/probe/clock.ts';
import { realClock } from '../../src/probe/clock.ts';
import { recordReads } from '../../src/process/config-files.ts';
import { LOOK_EVERY_MS, startConfigReload } from '../../src/process/config-reload.ts';
import { readTextFile } from '../../src/process/read-text-file.ts';
import { SECRETS } from '../support/secrets.ts';

/** Looks every 20 ms. */
const SPEED = LOOK_EVERY_MS / 20;
const fast: Clock = { nowMs: () => realClock.nowMs() * SPEED, schedule: (ms, callback) => realClock.schedule(ms / SPEED, callback) };
const ENOUGH_LOOKS_MS = 200;

const FILE = (level: string, more = '') => `server: { logLevel: ${level} }\ntargets: { default: { adapter: simulator${more} } }\n`;
const GATEWAY = 'targets: { default: { adapter: gateway, gateways: [http://gw:1], ha: true, tokenFile: token } }\n';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A service that has a configuration file in a folder of its own, and what it was told of it. */
function watching(text = FILE('info'), path = 'config.yaml', others: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  for (const [name, content] of Object.entries(others)) write(name, content);
  if (text !== '') write(path, text);
  return { folder, write, ...started(folder, join(folder, path)) };
}

function started(folder: string, path: string, breaks = { now: false }) {
  const env = { CHATPROBE_CONFIG: path };
  const reads = recordReads(readTextFile);
  const loaded = loadConfig(env, reads.readTextFile);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const levels: string[] = [];
  const tokens: unknown[] = [];
  const results: string[] = [];
  const lines: { level: string; problems?: readonly string[]; changed?: readonly string[]; because: string }[] = [];
  const reload = startConfigReload({
    clock: fast,
    logger: {
      info: (fields: object) => lines.push({ level: 'info', because: '', ...fields }),
      error: (fields: object) => lines.push({ level: 'error', because: '', ...fields }),
    } as never,
    read: { config: loaded.config, looks: reads.looks },
    load: (readFile) => loadConfig(env, readFile),
    readTextFile,
    service: {
      reconfigure(next) {
        if (breaks.now) throw new Error('no');
        levels.push(next.server.logLevel);
        const { adapter } = next.targets.get('default') ?? {};
        if (adapter?.kind === 'gateway') tokens.push(adapter.token);
      },
      reloaded: (result) => results.push(result),
    },
  });
  onTestFinished(() => {
    reload.close();
    rmSync(folder, { recursive: true });
  });
  return { reload, levels, tokens, results, lines, breaks };
}

describe('files', () => {
  it('that change are noticed, and only once for each change', async () => {
    const { write, levels, results, lines } = watching();
    write('config.yaml', FILE('warn'));
    await expect.poll(() => levels).toEqual(['warn']);
    await pause(ENOUGH_LOOKS_MS);
    write('config.yaml', FILE('debug'));
    await expect.poll(() => levels).toEqual(['warn', 'debug']);
    await pause(ENOUGH_LOOKS_MS);
    expect(results).toEqual(['applied', 'applied']);
    expect(lines[0]).toMatchObject({ level: 'info', because: 'files', changed: ['server.logLevel'] });
  });

  it('that the configuration refers to count too, and their contents are told to nobody', async () => {
    const { write, tokens, lines } = watching(GATEWAY, 'config.yaml', { token: SECRETS.oldToken });
    write('token', SECRETS.newToken);
    await expect.poll(() => tokens).toEqual([SECRETS.newToken]);
    expect(lines[0]?.changed).toEqual(['targets.default.token']);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('are noticed behind the links of a ConfigMap, each time that they lead elsewhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
    const put = (version: number, level: string) => {
      mkdirSync(join(folder, `..${version}`));
      writeFileSync(join(folder, `..${version}`, 'config.yaml'), FILE(level));
      symlinkSync(`..${version}`, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      if (version > 1) rmSync(join(folder, `..${version - 1}`), { recursive: true });
    };
    put(1, 'info');
    symlinkSync(join('..data', 'config.yaml'), join(folder, 'config.yaml'));
    const { levels } = started(folder, join(folder, 'config.yaml'));
    put(2, 'warn');
    await expect.poll(() => levels).toEqual(['warn']);
    put(3, 'debug');
    await expect.poll(() => levels).toEqual(['warn', 'debug']);
    put(4, 'error');
    await expect.poll(() => levels).toEqual(['warn', 'debug', 'error']);
  });

  it('that are still being written are not read', async () => {
    const { write, levels, results } = watching();
    for (const text of ['server:', 'server: { logLevel', 'server: { logLevel: wa', FILE('warn')]) {
      write('config.yaml', text);
      await pause(12);
    }
    await expect.poll(() => levels).toEqual(['warn']);
    expect(results).toEqual(['applied']);
  });

  it('that were only touched change nothing', async () => {
    const { write, levels, results } = watching();
    write('config.yaml', FILE('info'));
    await expect.poll(() => results).toEqual(['unchanged']);
    expect(levels).toEqual([]);
  });

  it('that changed since they were read, before the first look, are noticed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
    const path = join(folder, 'config.yaml');
    writeFileSync(path, FILE('info'));
    const { levels } = started(folder, path);
    writeFileSync(path, FILE('warn'));
    await expect.poll(() => levels).toEqual(['warn']);
  });
});

describe('a configuration that cannot be used', () => {
  it('is refused with all its problems, once, and the one before stays', async () => {
    const { write, levels, results, lines } = watching();
    write('config.yaml', 'server: { logLevel: loud, prot: 1 }\ntargets: { default: { adapter: simulator, ha: maybe } }\n');
    await expect.poll(() => results).toEqual(['refused']);
    await pause(ENOUGH_LOOKS_MS);
    expect([results, levels]).toEqual([['refused'], []]);
    expect(lines[0]).toMatchObject({ level: 'error', because: 'files' });
    const problems = lines[0]?.problems ?? [];
    for (const name of ['server.logLevel', 'server.prot', 'targets.default.ha']) expect(problems.join('\n')).toContain(name);
    write('config.yaml', FILE('info'));
    await expect.poll(() => results).toEqual(['refused', 'unchanged']);
  });

  it('is tried again when a file comes that it lacked', async () => {
    const { write, tokens, results } = watching(GATEWAY, 'config.yaml', { token: SECRETS.oldToken });
    write('config.yaml', GATEWAY.replace('token }', 'token-2 }'));
    await expect.poll(() => results).toEqual(['refused']);
    write('token-2', SECRETS.newToken);
    await expect.poll(() => tokens).toEqual([SECRETS.newToken]);
  });

  it('is not tried again and again for a file of the one in force', async () => {
    const { write, results } = watching(GATEWAY, 'config.yaml', { token: SECRETS.oldToken });
    write('config.yaml', '][');
    await expect.poll(() => results).toEqual(['refused']);
    write('token', SECRETS.newToken);
    await expect.poll(() => results).toEqual(['refused', 'refused']);
    await pause(ENOUGH_LOOKS_MS);
    expect(results).toEqual(['refused', 'refused']);
  });

  it('that needs a restart is refused whole', async () => {
    const { write, levels, lines } = watching();
    write('config.yaml', FILE('warn').replace('logLevel', 'port: 9999, logLevel'));
    await expect.poll(() => lines[0]?.problems).toEqual(['server.port needs a restart to change: the service listens there']);
    expect(levels).toEqual([]);
  });

  it('by a fault of ours is refused, and does not end the process', async () => {
    const { reload, write, breaks, results, levels } = watching();
    breaks.now = true;
    write('config.yaml', FILE('warn'));
    reload.now('SIGHUP');
    breaks.now = false;
    reload.now('SIGHUP');
    expect([results, levels]).toEqual([['refused', 'applied'], ['warn']]);
  });
});

describe('the signal', () => {
  it('reads them at once, and says so where nothing has changed', () => {
    const { reload, write, levels, lines } = watching();
    reload.now('SIGHUP');
    expect(lines[0]).toMatchObject({ level: 'info', because: 'SIGHUP', files: 1 });
    write('config.yaml', FILE('warn'));
    reload.now('SIGHUP');
    expect(levels).toEqual(['warn']);
  });

  it('is enough: what it has read is not read again', async () => {
    const { reload, write, results } = watching();
    write('config.yaml', FILE('warn'));
    reload.now('SIGHUP');
    await pause(ENOUGH_LOOKS_MS);
    expect(results).toEqual(['applied']);
  });

  it('does nothing once it is closed, nor do files', async () => {
    const { reload, write, results } = watching();
    reload.close();
    reload.close();
    write('config.yaml', FILE('warn'));
    reload.now('SIGHUP');
    await pause(ENOUGH_LOOKS_MS);
    expect(results).toEqual([]);
  });
});
