import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { dashboardFiles } from '../../../tools/dashboards/dashboard-files.ts';
import { after, FILES, table, text } from '../../support/pages.ts';
import { HAS_PROMTOOL } from '../../support/promtool.ts';
import { sharedService } from '../../support/service.ts';
import { ALERTS, basesOf, RECORDS, selectorsIn } from '../prometheus/rule-files.ts';
import { linesWithLabels, metricsOfEverything } from '../prometheus/served-series.ts';
import { DASHBOARD_FILES, dashboardOf, type Panel, panelQueries, withVariables } from './dashboard-queries.ts';

const COLUMNS = 24;
/** What stands for itself: one number, or a bar with its name. */
const WITHOUT_LEGEND = ['stat', 'bargauge'];

const dashboards = DASHBOARD_FILES.map(dashboardOf);
const panels = dashboards.flatMap((dashboard) =>
  dashboard.panels
    .filter(({ type }) => type !== 'row')
    .map((panel) => ({ ...panel, dashboard, name: `${dashboard.title}: ${panel.title}` })),
);

it('the dashboards are those that npm run dashboards writes', () => {
  expect(Object.fromEntries(DASHBOARD_FILES.map((file) => [file, text(file)]))).toEqual(dashboardFiles());
});

describe.each(dashboards)('$title', ({ panels: all, uid, templating, annotations, editable }) => {
  it('has each panel in a place of its own, on the page', () => {
    const cells = all.flatMap(({ title, gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => ({ title, x: x + (n % w), y: y + Math.floor(n / w) })),
    );
    expect(cells.filter(({ x }) => x >= COLUMNS)).toEqual([]);
    expect(new Set(cells.map(({ x, y }) => `${x} ${y}`)).size).toBe(cells.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it('can be asked for one target and one Prometheus, those of the past included', () => {
    const variables = templating.list.map(({ name, type, refresh = 0 }) => [name, type, refresh]);
    expect(variables.slice(0, 4)).toEqual([
      ['datasource', 'datasource', 0],
      ['job', 'query', 2],
      ['target', 'query', 2],
      ['runbooks', 'textbox', 0],
    ]);
  });

  it('marks the alerts, is found by its name and changed in one place only', () => {
    expect(annotations.list.map(({ expr }) => expr)).toEqual(['ALERTS{alertname=~"ChatProbe.+", alertstate="firing", job=~"$job"}']);
    expect(DASHBOARD_FILES).toContain(`deploy/grafana/${uid}.json`);
    expect(editable).toBe(false);
  });
});

describe('each panel', () => {
  it.each(panels)('$name says what is seen, in which unit, and what is too much', (panel: Panel) => {
    expect(panel.description).toMatch(/^\w.{20,}\.$/);
    expect(panel.fieldConfig?.defaults.unit).toMatch(/./);
    expect(panel.fieldConfig?.defaults.thresholds?.steps[0]?.value).toBeNull();
    expect(panel.datasource?.uid).toBe('$datasource');
  });

  it.each(panels)('$name names its series', ({ type, options, targets = [] }: Panel) => {
    expect(WITHOUT_LEGEND.includes(type) || options?.legend?.showLegend).toBe(true);
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr, legendFormat } of targets) {
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      // A label that is summed away would be shown as nothing, and one that is not shown as the same name twice.
      const kept = [
        ...expr.matchAll(/^(?:[\d. */-]|time\(\) - |histogram_quantile\([\d.]+, )*(?:sum|max|min|count)(?: by \(([\w, ]*)\))?/g),
      ];
      const labels = (kept[0]?.[1] ?? '').split(', ').filter((label) => !['', 'le'].includes(label));
      expect([...shown].sort()).toEqual(labels.sort());
      expect(legendFormat).not.toBe('');
    }
  });

  it.each(panels)('$name can be read with several instances, jobs and targets', ({ targets = [] }: Panel) => {
    for (const { expr } of targets) {
      const selectors = [
        ...basesOf(expr.replaceAll(/\bjob(?:_target)?:\w+(?::\w+)?/g, 'chatprobe_record')).matchAll(
          /\b(?:chatprobe|process|nodejs)_\w+(\{[^}]*\})?|\b(?:up|ALERTS)(\{[^}]*\})/g,
        ),
      ];
      expect(selectors.map(([all]) => all).filter((all) => !all.includes('job=~"$job"'))).toEqual([]);
      expect(expr).toMatch(/\b(?:sum|max|min|count)(?: by \([^)]*\))?\s*\(/);
    }
  });

  it.each(panels)('$name takes counters by their rise, and over a time that fits', ({ targets = [] }: Panel) => {
    for (const { expr } of targets) {
      // Whether a counter is there at all is no question about its rise.
      const counters = [
        ...expr.replace(/ unless on \(\) \w+\{[^}]*\}/, '').matchAll(/(\w+\()?\b\w+_(?:total|bucket)\{[^}]*\}(\[[^\]]*\])?/g),
      ];
      expect(counters.filter(([, fn, window]) => !['rate([$__rate_interval]', 'increase([$__range]'].includes(`${fn}${window}`))).toEqual(
        [],
      );
      // Without `sum` outside, a restart of one instance would show as a fall of all.
      expect(expr).not.toMatch(/(?:rate|increase)\((?:sum|max)/);
    }
  });

  it.each(panels)('$name uses only variables that there are', ({ dashboard, targets = [], links = [] }) => {
    for (const { expr } of targets) expect(withVariables(dashboard, expr, '1h')).not.toContain('$');
    for (const { url } of links) expect(withVariables(dashboard, url, '1h')).toMatch(/^\/public\/runbooks\/\w+\.md$/);
  });
});

describe('the queries', () => {
  const service = sharedService();
  const queries = dashboards.flatMap((dashboard) => panelQueries(dashboard, '1h'));

  it('name only metrics that docs/reference.md tells of, and shares that are recorded', () => {
    const page = text('docs/reference.md');
    const told = [
      ...table(page, 'Name', 'Type').map(([name = '']) => name.replaceAll('`', '')),
      ...(page.match(/(?<=`)(?:process|nodejs)_\w+(?=`)/g) ?? []),
      ...RECORDS.map(({ record }) => record),
    ];
    const named = queries.flatMap(({ expr }) => expr.match(/\b(?:\w+:)?(?:chatprobe|process|nodejs)_\w+(?::\w+)?/g) ?? []);
    expect(new Set(named).size).toBeGreaterThan(30);
    expect([...new Set(named)].map((name) => name.replace(/_bucket$/, '')).filter((name) => !told.includes(name))).toEqual([]);
  });

  it('ask only for series that the service has from the start', async () => {
    const { body } = await service().server.inject('/metrics');
    const series = linesWithLabels(`${body}
${await metricsOfEverything()}`);
    const isThere = (selector: readonly RegExp[]) => series.some((one) => selector.every((part) => part.test(one)));
    const missing = queries.flatMap(({ panel, expr }) =>
      selectorsIn(basesOf(expr).replaceAll(/\b(?:job|target)=~"\.\+"(?:, )?/g, ''))
        .filter((selector) => !isThere(selector))
        .map((selector) => `${panel}: ${selector.join(' ')}`),
    );
    expect(missing).toEqual([]);
  });

  it.skipIf(!HAS_PROMTOOL)('are PromQL', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chat-probe-dashboards-'));
    try {
      const all = [...queries.map(({ expr }) => expr), ...dashboards.flatMap((one) => one.annotations.list.map(({ expr }) => expr))];
      const rules = all.map((expr, index) => ({ record: `query:${index}`, expr }));
      writeFileSync(join(folder, 'queries.yml'), stringify({ groups: [{ name: 'queries', rules }] }));
      const { status, stderr } = spawnSync('promtool', ['check', 'rules', '--lint=none', join(folder, 'queries.yml')], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('docs/dashboards.md tells what each panel is for, and of no other', () => {
  const page = text('docs/dashboards.md');
  const told = dashboards.map(({ title }) => table(after(page, `## ${title}`), 'Panel', 'It tells').map(([panel]) => panel));
  expect(told).toEqual(dashboards.map((one) => one.panels.filter(({ type }) => type !== 'row').map(({ title }) => title)));
});

it('every alert is explained from a panel', () => {
  const linked = panels.flatMap(({ links = [] }) => links.map(({ url }) => url));
  expect([...new Set(linked)].sort()).toEqual(ALERTS.map(({ alert }) => `$runbooks/${alert}.md`).sort());
});

describe('the demo', () => {
  const { services } = parse(text('docker-compose.yml'), { merge: true });
  const [datasource] = parse(text('deploy/grafana/provisioning/datasources/prometheus.yml')).datasources;
  const [provider] = parse(text('deploy/grafana/provisioning/dashboards/chat-probe.yml')).providers;

  it('hands Grafana its dashboards, their data and the pages that they lead to', () => {
    const handed = new Map(services.grafana.volumes.map((volume: string) => volume.split(':')).map(([from, to]: string[]) => [to, from]));
    expect(handed.get(provider.options.path)).toBe('./deploy/grafana');
    expect(handed.get('/etc/grafana/provisioning')).toBe('./deploy/grafana/provisioning');
    expect(handed.get('/usr/share/grafana/public/runbooks')).toBe('./docs/runbooks');
    expect(FILES).toContain(
      services.grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH.replace(provider.options.path, 'deploy/grafana'),
    );
    expect(datasource.url).toBe(`http://prometheus:${services.prometheus.ports[0].split(':').at(-1)}`);
  });

  it('tells Grafana how often Prometheus scrapes, or rates would be taken over too little', () => {
    expect(datasource.jsonData.timeInterval).toBe(parse(text('deploy/prometheus/prometheus.yml')).global.scrape_interval);
  });

  it('starts Grafana only for whoever asks for it', () => {
    expect(Object.entries(services).filter(([, service]) => (service as { profiles?: unknown }).profiles !== undefined)).toEqual([
      ['grafana', expect.objectContaining({ profiles: ['dashboards'] })],
    ]);
  });

  it('sends alerts to its Alertmanager', () => {
    const { alertmanagers } = parse(text('deploy/prometheus/prometheus.yml')).alerting;
    expect(alertmanagers).toEqual([
      { static_configs: [{ targets: [`alertmanager:${services.alertmanager.ports[0].split(':').at(-1)}`] }] },
    ]);
    expect(services.alertmanager.volumes).toEqual(['./deploy/alertmanager:/etc/alertmanager:ro']);
  });
});

describe('deploy/alertmanager/alertmanager.yml', () => {
  const config = parse(text('deploy/alertmanager/alertmanager.yml'));

  it('holds back only alerts that there are, and treats every severity', () => {
    const matchers: readonly string[] = config.inhibit_rules.flatMap(({ source_matchers, target_matchers }: Record<string, string[]>) => [
      ...(source_matchers ?? []),
      ...(target_matchers ?? []),
    ]);
    const named = matchers.flatMap((matcher) => matcher.match(/ChatProbe\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !ALERTS.some(({ alert }) => alert === name))).toEqual([]);
  });

  it('tells of the end of an alert wherever it tells of its beginning', () => {
    for (const { webhook_configs } of config.receivers) expect(webhook_configs).toEqual([expect.objectContaining({ send_resolved: true })]);
  });
});
