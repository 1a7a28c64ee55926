import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { GATEWAY_TARGET, SETTINGS, SIMULATOR_TARGET } from '../../src/config/schema.ts';
import { isObject } from '../../src/json/json-object.ts';
import { readTextFile } from '../../src/process/read-text-file.ts';
import { valueAt } from '../../src/schema-tree/tree.ts';
import { plant } from '../support/secrets.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

/** One of them is nothing without the other. */
const OF_ONE_PAIR = /# (cert|key)File: /;
const OURS = selfSignedCertificate('127.0.0.1');
const FILE = 'deploy/config.example.yaml';
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const load = (text: string) => loadConfig({ NODE_ENV: 'production', CHATPROBE_CONFIG: FILE }, () => ({ ok: true, text }));
const loaded = (text: string) => {
  const result = load(text);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
};

describe('deploy/config.example.yaml', () => {
  it('is a valid configuration for production', () => {
    expect(load(read(FILE))).toMatchObject({ ok: true });
  });

  it('changes nothing but what its comments say has no default', () => {
    const gateways = '[http://127.0.0.1:9190, http://127.0.0.1:9191]';
    const least = `targets:
  default: { adapter: gateway, gateways: ${gateways}, ha: true, restoreWindowMs: 45000, chatServers: [ChatServer_1, ChatServer_2] }
  demo: { adapter: simulator }`;
    expect(loaded(read(FILE))).toEqual(loaded(least));
  });

  it.each(settingNames())('shows the setting %s', (name) => {
    expect(read(FILE)).toMatch(new RegExp(`^ *(# )?(\\w+: \\{.*)?\\b${name}:`, 'm'));
  });
});

describe('deploy/config.example.yaml with what is commented out', () => {
  const commented = read(FILE).split('\n').filter(isCommentedSetting);

  it('has settings to take into use', () => {
    expect(commented.map(nameIn)).toEqual([
      ...['apiTokenFile', 'opsTokenFile', 'callers', 'tokenHeader', 'tls', 'drainMs', 'replica', 'store', 'statusPage'],
      ...['endpoint', 'tracesEndpoint', 'headersFile', 'serviceName', 'resourceAttributes', 'maxHeldBytes', 'maxConnections'],
      ...['tokenFile', 'caFile', 'certFile', 'keyFile', 'maxInFlight', 'absent', 'live'],
    ]);
  });

  it.each(commented)('holds with this line taken into use: %s', (line) => {
    const taken = OF_ONE_PAIR.test(line) ? commented.filter((other) => OF_ONE_PAIR.test(other)) : [line];
    const text = taken.reduce((whole, each) => whole.replace(each, uncommented(each)), read(FILE));
    expect(text).not.toBe(read(FILE));
    expect(() => loadedWithFiles(text)).not.toThrow();
  });

  it('holds with all of them taken into use', () => {
    const config = loadedWithFiles(read(FILE).split('\n').map(uncommented).join('\n'));
    const { adapter, safety } = config.targets.get('default')!;
    expect(config.server).toMatchObject({ tokenHeader: 'x-api-key', tls: { requireClientCert: true }, drainMs: 62_000 });
    expect(config.server.callers.map(({ name, scopes, secrets }) => [name, ...scopes, ...secrets])).toEqual([
      ['default', 'probe', secretFor('apiTokenFile')],
      ['ops', 'ops', secretFor('opsTokenFile')],
      ['dashboard', 'metrics', secretFor('dashboard-secret')],
    ]);
    expect(adapter).toMatchObject({
      token: contentOf('tokenFile'),
      ca: OURS.cert.trim(),
      identity: { cert: OURS.cert.trim(), key: OURS.key.trim() },
    });
    expect(safety.controls).toMatchObject({ absent: { interactionId: '0000000000000000' }, live: { interactionId: '0006Ka9HFHRR0T2B' } });
  });
});

describe('deploy/chat-probe.env.example', () => {
  it('holds with every line taken into use', () => {
    const given = read('deploy/chat-probe.env.example')
      .split('\n')
      .flatMap((line) => [...line.matchAll(/^#?(CHATPROBE_\w+)=(.*)$/g)].map(([, name = '', value = '']) => [name, value] as const));
    expect(given.map(([name]) => name)).toContain('CHATPROBE_CONFIG');
    const files = (path: string) => ({ ok: true, text: path === '/etc/chat-probe/config.yaml' ? read(FILE) : 'secret' }) as const;
    const result = loadConfig({ NODE_ENV: 'production', ...Object.fromEntries(given) }, files);
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  it('is a valid environment for production', () => {
    const lines = read('deploy/chat-probe.env.example').split('\n');
    const given = lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    const result = loadConfig({ NODE_ENV: 'production', ...Object.fromEntries(given) }, () => ({ ok: false, detail: 'ENOENT' }));
    expect(result).toMatchObject({ ok: true, config: { simulatorByDefault: false } });
  });
});

function isCommentedSetting(line: string): boolean {
  return /^ *# \w+: /.test(line);
}

function uncommented(line: string): string {
  return isCommentedSetting(line) ? line.replace('# ', '') : line;
}

function nameIn(line: string): string {
  return /\w+/.exec(line)?.[0] ?? '';
}

/** Loads from the disk, where every file that the text names is there. */
function loadedWithFiles(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const moved = text.replace(/(\w+File: )(\/[^\s,]+)/g, (_, setting: string, path: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), contentOf(setting.replace(': ', '')));
    return setting + join(folder, path);
  });
  writeFileSync(join(folder, 'dashboard-secret'), plant(secretFor('dashboard-secret')));
  writeFileSync(join(folder, 'config.yaml'), moved);
  const result = loadConfig({ NODE_ENV: 'production', CHATPROBE_CONFIG: join(folder, 'config.yaml') }, readTextFile);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

/** Like nothing else: the name of a setting may stand in a problem. */
const secretFor = (name: string): string => createHash('sha256').update(name).digest('base64url');

/** What a file holds that a setting names. */
function contentOf(setting: string): string {
  if (setting === 'keyFile') return OURS.key;
  if (setting === 'headersFile') return 'authorization=Bearer%20secret';
  return /^(ca|cert|clientCa)File$/.test(setting) ? OURS.cert : plant(secretFor(setting));
}

/** Every setting of the file's schema, but for those that only the environment may give. */
function settingNames(): readonly string[] {
  const { server, policies, bounds } = SETTINGS.properties;
  const sections = [server, bounds, ...Object.values(policies.patternProperties), GATEWAY_TARGET, SIMULATOR_TARGET];
  return [...new Set(sections.flatMap(namesIn))];
}

function namesIn(section: unknown): readonly string[] {
  const properties = valueAt(section, ['properties']);
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, inner]) => (valueAt(inner, ['envOnly']) === true ? [] : [name, ...namesIn(inner)]));
}
