import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/observers/metrics.ts';
import { RULES } from '../support/samples.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const alerts: readonly Alert[] = parse(read('deploy/prometheus/alerts.yml')).groups.flatMap(({ rules }: { rules: readonly Alert[] }) => rules);

describe('deploy/prometheus/alerts.yml', () => {
  it.each(alerts)('$alert asks only for series that exist from the start', async ({ expr }) => {
    const series = await seriesFromTheStart();
    const asked = selectorsIn(expr);
    expect(asked.length > 0 || expr.startsWith('up{')).toBe(true);
    expect(asked.filter((selector) => !series.some((one) => selector.every((part) => one.includes(part))))).toEqual([]);
  });

  it.each(alerts)('$alert says how much it matters, what happened and what to do', ({ labels, annotations }) => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\{\{ \$labels\.(target|instance) \}\}.*\.$/);
    expect(annotations.runbook).toMatch(/\.$/);
  });

  it('has a played case for each alert', () => {
    const played = read('test/deploy/prometheus/alerts.test.yml');
    expect(alerts.filter(({ alert }) => !new RegExp(`alertname(="|: )${alert}\\b`).test(played)).map(({ alert }) => alert)).toEqual([]);
  });
});

describe('deploy/prometheus/prometheus.yml', () => {
  const prometheus = parse(read('deploy/prometheus/prometheus.yml'));

  it('loads the alerts, and the demo hands them over', () => {
    const volumes = parse(read('docker-compose.yml'), { merge: true }).services.prometheus.volumes;
    expect(prometheus.rule_files).toEqual(['alerts.yml']);
    expect(volumes).toContain('./deploy/prometheus/alerts.yml:/etc/prometheus/alerts.yml:ro');
  });

  it('has the job that the alerts ask for', () => {
    const jobs = prometheus.scrape_configs.map(({ job_name }: { job_name: string }) => `job="${job_name}"`);
    const asked = alerts.flatMap(({ expr }) => expr.match(/job="[^"]*"/g) ?? []);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((job) => !jobs.includes(job))).toEqual([]);
  });
});

/** Each as a name and its label pairs, one for every alternative that an expression allows. */
function selectorsIn(expr: string): readonly (readonly string[])[] {
  return [...expr.matchAll(/(chatprobe_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', matchers = '']) => {
    const pairs = [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label = '', values = '']) =>
      values.split('|').map((value) => `${label}="${value}"`),
    );
    return pairs.reduce<string[][]>((all, choice) => all.flatMap((one) => choice.map((pair) => [...one, pair])), [[`${name}{`]]);
  });
}

async function seriesFromTheStart(): Promise<readonly string[]> {
  const target = {
    name: 'default',
    adapter: 'gateway',
    rules: RULES,
    chatServers: ['ChatServer_1'],
    controls: ['live'],
    enforcePercent: 100,
  } as const;
  const metrics = createMetrics({
    eventLoopDelay: { maxSeconds: () => 0.25 },
    version: '0',
    nodeVersion: 'v0',
    targets: [target],
    configuredAtS: 0,
  });
  metrics.showCertificates([{ use: 'listener', target: '', untilMs: 0 }]);
  const text = await metrics.text();
  // Those without labels as those with.
  return text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [line.includes('{') ? line : line.replace(' ', '{} ')]));
}
