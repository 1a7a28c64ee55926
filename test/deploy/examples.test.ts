import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { GATEWAY_TARGET, SETTINGS, SIMULATOR_TARGET } from '../../src/config/schema.ts';
import { isMapping, valueAt } from '../../src/config/setting-path.ts';

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

describe('deploy/chat-probe.env.example', () => {
  it('is a valid environment for production', () => {
    const lines = read('deploy/chat-probe.env.example').split('\n');
    const given = lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    const result = loadConfig({ NODE_ENV: 'production', ...Object.fromEntries(given) }, () => ({ ok: false, detail: 'ENOENT' }));
    expect(result).toMatchObject({ ok: true, config: { simulatorByDefault: false } });
  });
});

/** Every setting of the file's schema, but for those that only the environment may give. */
function settingNames(): readonly string[] {
  const { server, policies, bounds } = SETTINGS.properties;
  const sections = [server, bounds, ...Object.values(policies.patternProperties), GATEWAY_TARGET, SIMULATOR_TARGET];
  return [...new Set(sections.flatMap(namesIn))];
}

function namesIn(section: unknown): readonly string[] {
  const properties = valueAt(section, ['properties']);
  if (!isMapping(properties)) return [];
  return Object.entries(properties).flatMap(([name, inner]) => (valueAt(inner, ['envOnly']) === true ? [] : [name, ...namesIn(inner)]));
}
