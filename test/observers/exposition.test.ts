import { describe, expect, it } from 'vitest';
import { expositionFaults } from '../support/exposition-lint.ts';
import { inOrder } from '../support/probe-run.ts';
import { type Service, sharedService } from '../support/service.ts';

const FILE = 'targets: { default: { adapter: simulator, ha: false, chatServers: [ChatServer_1] } }';
const idle = sharedService();
const busy = sharedService({ file: FILE, turns: inOrder('delivered', 'dead', 'auth') });

async function scraped(service: Service, accept?: string) {
  const response = await service.server.inject({ url: '/metrics', headers: accept === undefined ? {} : { accept } });
  return { type: String(response.headers['content-type']), page: response.body };
}

/** Of a service that answered this and that. */
async function busyPage(accept?: string): Promise<string> {
  for (const id of ['a', 'b', 'c', 'undefined'])
    await busy().server.inject({ method: 'POST', url: `/interactions/${id}/probe?chatServerAppName=ChatServer_1` });
  for (const url of ['/nope', '/readyz', '/docs', '/probes']) await busy().server.inject(url);
  return (await scraped(busy(), accept)).page;
}

describe('the page of metrics', () => {
  it('has at most 25 kB for one target at idle', async () => {
    await scraped(idle());
    expect((await scraped(idle())).page.length).toBeLessThanOrEqual(25_000);
  });

  it('takes at most 2 ms of processor time', async () => {
    const costsUs: number[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      const before = process.cpuUsage();
      for (let n = 0; n < 10; n += 1) await scraped(idle());
      const { user, system } = process.cpuUsage(before);
      costsUs.push((user + system) / 10);
    }
    // The best of ten: what else this process and this machine do is not the page's.
    expect(Math.min(...costsUs)).toBeLessThanOrEqual(2_000);
  });

  it('is without fault, idle or busy, in either format', async () => {
    expect(expositionFaults((await scraped(idle())).page)).toEqual([]);
    expect(expositionFaults(await busyPage())).toEqual([]);
    expect(expositionFaults(await busyPage('application/openmetrics-text'))).toEqual([]);
  });

  it('is the same at the next scrape, whichever format the one before had', async () => {
    const names = (page: string) => page.match(/^# TYPE .*$/gm);
    const first = (await scraped(idle())).page;
    await scraped(idle(), 'application/openmetrics-text');
    expect(names((await scraped(idle())).page)).toEqual(names(first));
  });
});

describe('OpenMetrics', () => {
  it.each([
    [undefined, false],
    ['*/*', false],
    ['text/plain', false],
    ['application/openmetrics-text; version=1.0.0', true],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2', true],
    ['application/openmetrics-text;q=0.3,text/plain;q=0.5', false],
    ['application/openmetrics-text;q=0', false],
  ])('is written to whoever accepts %s: %s', async (accept, isOpen) => {
    const { type, page } = await scraped(idle(), accept);
    expect(type).toBe(isOpen ? 'application/openmetrics-text; version=1.0.0; charset=utf-8' : 'text/plain; version=0.0.4; charset=utf-8');
    expect(page.endsWith('# EOF\n')).toBe(isOpen);
  });

  it('has counters as families without `_total`, and samples with it', async () => {
    const page = await busyPage('application/openmetrics-text');
    expect(page).toContain('# TYPE chatprobe_requests counter\n');
    expect(await busyPage()).toContain('# TYPE chatprobe_requests_total counter\n');
    expect(page).toMatch(/^chatprobe_requests_total\{target="default",verdict="stop",served_by="probe"\} \d+$/m);
  });

  it('has the ids of probes as exemplars, which the plain format has not, and which lead to their evidence', async () => {
    const bucket = /^chatprobe_probe_duration_seconds_bucket\{[^}]*evidence="dead"[^}]*\} \d+ # \{probe_id="([^"]+)"\} [\d.]+ [\d.]+$/m;
    const [, probeId = ''] = bucket.exec(await busyPage('application/openmetrics-text')) ?? [];
    expect((await busy().server.inject(`/probes/${probeId}`)).json()).toMatchObject({ evidence: 'dead' });
    expect(await busyPage()).not.toContain(' # {');
  });
});

describe('a fault that the linter of Prometheus passes is found:', () => {
  const page = [
    '# HELP a_total A.',
    '# TYPE a_total counter',
    'a_total{x="1"} 0',
    '# HELP h_seconds H.',
    '# TYPE h_seconds histogram',
    'h_seconds_bucket{le="1",x="1"} 1',
    'h_seconds_bucket{le="2",x="1"} 3',
    'h_seconds_bucket{le="+Inf",x="1"} 4',
    'h_seconds_sum{x="1"} 6',
    'h_seconds_count{x="1"} 4',
  ].join('\n');

  it('none in a sound page', () => {
    expect(expositionFaults(page)).toEqual([]);
  });

  it.each([
    ['no +Inf bucket', 'h_seconds_bucket{le="+Inf",x="1"} 4\n', '', 'no +Inf bucket at its end'],
    ['falling buckets', '{le="2",x="1"} 3', '{le="2",x="1"} 0', 'buckets fall'],
    ['falling bounds', 'le="2"', 'le="0.5"', 'bounds do not rise'],
    ['a doubled sample', 'a_total{x="1"} 0', 'a_total{x="1"} 0\na_total{x="1"} 7', 'twice'],
    ['a doubled bucket', 'h_seconds_sum', 'h_seconds_bucket{le="+Inf",x="1"} 4\nh_seconds_sum', 'twice'],
    ['a count that is not that of +Inf', 'h_seconds_count{x="1"} 4', 'h_seconds_count{x="1"} 5', 'count is not the last bucket'],
    ['no count', '\nh_seconds_count{x="1"} 4', '', 'count is not the last bucket'],
    ['no sum', 'h_seconds_sum{x="1"} 6\n', '', 'no sum'],
    ['no TYPE', '# TYPE a_total counter\n', '', 'no TYPE'],
    ['no HELP', '# HELP h_seconds H.\n', '', 'no HELP'],
    ['a negative count', 'a_total{x="1"} 0', 'a_total{x="1"} -1', 'no count'],
    ['no number', 'a_total{x="1"} 0', 'a_total{x="1"} undefined', 'no count'],
    ['no sample at all', 'a_total{x="1"} 0', 'a_total{x="1"}', 'not a sample'],
  ])('%s', (_name, part, planted, fault) => {
    expect(page).toContain(part);
    expect(expositionFaults(page.replace(part, planted)).join('\n')).toContain(fault);
  });
});
