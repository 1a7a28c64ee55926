import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FILES, table, text } from '../../support/pages.ts';
import { sharedService } from '../../support/service.ts';
import { ALERTS, alertsPlayed, basesOf, PLAYED_FILES, RECORDS, selectorsIn } from './rule-files.ts';
import { linesWithLabels, metricsOfEverything } from './served-series.ts';

describe('deploy/prometheus/alerts.yml', () => {
  const service = sharedService();

  it.each([...ALERTS, ...RECORDS])('$alert$record asks only for series that exist from the start', async ({ expr }) => {
    const { body } = await service().server.inject('/metrics');
    const series = linesWithLabels(`${body}\n${await metricsOfEverything()}`);
    const asked = selectorsIn(basesOf(expr));
    expect(asked.length > 0 || expr.startsWith('up{')).toBe(true);
    expect(asked.filter((selector) => !series.some((one) => selector.every((part) => part.test(one)))).map(String)).toEqual([]);
  });

  it.each(ALERTS)('$alert says how much it matters, what happened and where it is explained', ({ alert, labels, annotations }) => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\{\{ \$labels\.(target|instance|job) \}\}.*\.$/);
    expect(annotations.runbook).toBe(`docs/runbooks/${alert}.md`);
  });

  it('has no rule twice', () => {
    const names = [...ALERTS.map(({ alert }) => alert), ...RECORDS.map(({ record }) => record)];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the played alerts', () => {
  const played = PLAYED_FILES.flatMap((file) => alertsPlayed(text(file)));

  it('name no alert that no rule has: promtool would take it for one that is silent', () => {
    const known = ALERTS.map(({ alert }) => alert);
    expect(played.flatMap(({ named }) => named).filter((alert) => !known.includes(alert))).toEqual([]);
  });

  it.each(ALERTS)('$alert is played firing, and silent where its own series are there', ({ alert }) => {
    expect({
      fires: played.some(({ fires }) => fires.includes(alert)),
      isSilent: played.some(({ silent }) => silent.includes(alert)),
    }).toEqual({ fires: true, isSilent: true });
  });

  it('see the fault in a file that names a wrong alert, plays one only firing, or is silent about other series', () => {
    const of = (test: string) => alertsPlayed(`tests:\n  - { input_series: [{ series: 'chatprobe_simulated{}' }], ${test} }`);
    const firing = (samples: string) => `promql_expr_test: [{ expr: 'count by (alertname) (ALERTS)', exp_samples: [${samples}] }]`;
    expect(of(`alert_rule_test: [{ alertname: ChatProbeSimulate }]`)[0]?.named).toEqual(['ChatProbeSimulate']);
    expect(of(firing(`{ labels: '{alertname="ChatProbeSimulate"}' }`))[0]?.named).toEqual(['ChatProbeSimulate']);
    expect(of(firing(`{ labels: '{alertname="ChatProbeSimulated"}' }`))).toEqual([
      { named: ['ChatProbeSimulated'], fires: ['ChatProbeSimulated'], silent: [] },
    ]);
    expect(of(firing(''))).toEqual([{ named: [], fires: [], silent: ['ChatProbeSimulated'] }]);
    expect(of(`alert_rule_test: [{ alertname: ChatProbeGuardTripped }]`)[0]?.silent).toEqual([]);
  });

  it('play each recorded share that no alert rests on', () => {
    const files = PLAYED_FILES.map(text).join('\n');
    const isUsed = (record: string): boolean => ALERTS.some(({ expr }) => expr.includes(record)) || files.includes(`expr: '${record}`);
    expect(RECORDS.map(({ record }) => record).filter((record) => !isUsed(record))).toEqual([]);
  });
});

describe('docs/runbooks/', () => {
  const pages = FILES.filter((file) => file.startsWith('docs/runbooks/'));

  it('has a page for each alert, and no other', () => {
    expect([...pages].sort()).toEqual(ALERTS.map(({ alert }) => `docs/runbooks/${alert}.md`).sort());
  });

  it.each(pages)('%s tells what it means, where to look first and what to do', (page) => {
    const [title, ...headings] = [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    expect([`docs/runbooks/${title}.md`, ...headings]).toEqual([page, 'Meaning', 'First look', 'What to do']);
    expect(
      text(page)
        .split(/^## .*$/m)
        .filter((part) => part.trim() === ''),
    ).toEqual([]);
  });

  it.each(pages)('%s names only metrics, log lines and alerts that there are', (page) => {
    const metrics = table(text('docs/reference.md'), 'Name', 'Type').map(([name = '']) => name.replaceAll('`', ''));
    const known = [...metrics, ...RECORDS.map(({ record }) => record), ...ALERTS.map(({ alert }) => alert)];
    const named = text(page).match(/(?:\w+:)?\bchatprobe_\w+(?::\w+)?|\bChatProbe\w+/g) ?? [];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    const lines = table(text('docs/logs.md'), 'Message', 'Level').map(([line = '']) => line.replaceAll('`', ''));
    const quoted = [...text(page).matchAll(/\.msg == "([^"]*)"/g)].map(([, line]) => line ?? '');
    expect(quoted.filter((line) => !lines.includes(line))).toEqual([]);
  });
});

describe('deploy/prometheus/prometheus.yml', () => {
  const prometheus = parse(text('deploy/prometheus/prometheus.yml'));

  it('loads every rule of its folder, and the demo hands the folder over', () => {
    const volumes = parse(text('docker-compose.yml'), { merge: true }).services.prometheus.volumes;
    const others = FILES.filter((file) => file.startsWith('deploy/prometheus/') && !file.endsWith('/prometheus.yml'));
    expect(prometheus.rule_files.map((file: string) => `deploy/prometheus/${file}`).sort()).toEqual([...others].sort());
    expect(volumes).toEqual(['./deploy/prometheus:/etc/prometheus:ro']);
  });

  it('has the job that the alerts ask for', () => {
    const jobs = prometheus.scrape_configs.map(({ job_name }: { job_name: string }) => `job="${job_name}"`);
    const asked = ALERTS.flatMap(({ expr }) => expr.match(/job="[^"]*"/g) ?? []);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((job) => !jobs.includes(job))).toEqual([]);
  });
});
