import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { changedSettings, restartsNeeded } from '../../src/config/config-changes.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SECRETS } from '../support/secrets.ts';

/** The configuration of a file with these sections, and a gateway target. */
function config(sections: { server?: string; target?: string; more?: string } = {}): Config {
  const { server = '', target = '', more = '' } = sections;
  const file = `server: { ${server} }
targets: { default: { adapter: gateway, gateways: [http://gw:1], ha: true, tokenFile: token, ${target} } }
${more}`;
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'c.yaml' }, (path) => ({ ok: true, text: path === 'c.yaml' ? file : 'secret' }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

const PRESENT = config();
const made = (text: string): Config => {
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'c.yaml' }, () => ({ ok: true, text }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
};

const TLS = { cert: 'cert', key: 'key', clientCa: null, requireClientCert: false, minVersion: 'TLSv1.2' } as const;

describe('a restart is needed', () => {
  it.each([
    ['server.host', config({ server: 'host: "::1"' })],
    ['server.port', config({ server: 'port: 81' })],
    ['server.maxConnections', config({ server: 'maxConnections: 5000' })],
    ['server.tokenHeader', config({ server: 'tokenHeader: x-api-key' })],
    ['server.tls', { ...PRESENT, server: { ...PRESENT.server, tls: TLS } }],
    ['server.evidence', config({ server: 'evidence: { maxBytes: 0 }' })],
    ['server.statusPage', config({ server: 'statusPage: true' })],
    ['server.replica', config({ server: 'replica: probe-2' })],
    ['server.tracing', config({ server: 'tracing: { endpoint: "http://collector" }' })],
    ['bounds', config({ more: 'bounds: { attempts: [2, 9] }' })],
    ['targets.default.adapter', made('targets: { default: { adapter: simulator } }')],
  ])('for %s alone', (name, next) => {
    const lines = restartsNeeded(PRESENT, next);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} needs a restart to change: `));
  });

  it('for what docs/operating.md names, and nothing else', () => {
    const server =
      'host: "::1", port: 81, maxConnections: 5000, tokenHeader: x-api-key, replica: r, statusPage: true, evidence: { maxBytes: 0 }, tracing: { endpoint: "http://c" }';
    const other = made(`server: { ${server} }\nbounds: { attempts: [2, 9] }\ntargets: { default: { adapter: simulator } }`);
    const lines = restartsNeeded(PRESENT, { ...other, server: { ...other.server, tls: TLS } });
    const [, told = ''] =
      /^- These need a restart, and .*?refused: (.*?) of a target, since/ms.exec(readFileSync('docs/operating.md', 'utf8')) ?? [];
    const names = [...told.matchAll(/`([\w.]+)`/g)].map(([, name]) => name);
    expect(lines.map((line) => line.split(' ')[0]?.replace('targets.default.', ''))).toEqual(names);
  });

  it('where a file was emptied: made-up verdicts would take the place of real ones, under whatever names those were', () => {
    const named = made('targets: { eu: { adapter: gateway, gateways: [http://gw:1], ha: true } }');
    expect(restartsNeeded(named, made(''))).toEqual([expect.stringMatching(/^targets need a restart to go, all of them/)]);
    expect(restartsNeeded(made(''), made(''))).toEqual([]);
  });

  it.each([
    ['nothing', config()],
    ['the log level', config({ server: 'logLevel: debug' })],
    ['a bound of load', config({ server: 'maxEventLoopDelayMs: 5000' })],
    ['the way to a gateway', config({ target: 'connectTimeoutMs: 99' })],
    ['another target', config({ more: 'policies: { own: { attempts: 7 } }' })],
    ['a target that is gone', made('targets: { other: { adapter: simulator } }')],
  ])('not for %s', (_what, next) => {
    expect(restartsNeeded(PRESENT, next)).toEqual([]);
  });
});

describe('what changed', () => {
  it.each([
    [[], config()],
    // A target has all the places unless it says otherwise.
    [['server.logLevel', 'server.maxInFlight', 'targets.default.maxInFlight'], config({ server: 'logLevel: debug, maxInFlight: 7' })],
    [['targets.default.restoreWindowMs'], config({ target: 'restoreWindowMs: 1000' })],
    [
      ['targets.default.outage.canary', 'targets.default.guard.share'],
      config({ target: 'outage: { canary: false }, guard: { share: 0.1 }' }),
    ],
    [['targets.default.shadow'], config({ target: 'shadow: true' })],
    [['policies.own'], config({ more: 'policies: { own: { attempts: 7 } }' })],
  ] as const)('is told by the names of settings: %j', (names, next) => {
    expect(changedSettings(PRESENT, next)).toEqual(names);
  });

  it('never shows a value', () => {
    const target = PRESENT.targets.get('default');
    if (target?.adapter.kind !== 'gateway') throw new Error('no gateway');
    const next = {
      ...PRESENT,
      targets: new Map([['default', { ...target, adapter: { ...target.adapter, token: SECRETS.newToken, urls: ['http://gw:2'] } }]]),
    };
    expect(changedSettings(PRESENT, next)).toEqual(['targets.default.gateways', 'targets.default.token']);
  });
});
