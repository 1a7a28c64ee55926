import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { bare, after as below, blocks, table, text } from '../support/pages.ts';

const page = text('docs/scaling.md');
const number = (cell = ''): number => Number(cell.replaceAll(',', ''));

describe('docs/scaling.md', () => {
  it('counts the probes that wait by the deadlines of the policies', () => {
    const rows = table(page, 'Questions an hour', 'a second').map((row) => row.map(number));
    const waiting = (anHour: number, { deadlineMs }: { readonly deadlineMs: number }) => Math.ceil((anHour / 3_600) * (deadlineMs / 1_000));
    expect(rows.length).toBeGreaterThan(2);
    for (const [anHour = 0, ...counts] of rows)
      expect(counts).toEqual([Math.ceil(anHour / 3_600), waiting(anHour, BUILT_IN_POLICIES.inline), waiting(anHour, BUILT_IN_POLICIES.ha)]);
  });

  it('has the messages of the rehearsals', () => {
    const rehearsed = table(below(text('docs/rehearsals.md'), '### Every scenario under every policy'), 'Scenario', 'Policy');
    const rows = table(page, 'Scenario', 'Policy', 'Questions a second').map((row) => row.map(bare));
    expect(rows.length).toBeGreaterThan(2);
    for (const [scenario = '', policy = '', ...figures] of rows) {
      const found = rehearsed.find((row) => row[0] === scenario && row[1] === policy && row[2] === 'auto' && row[3] === 'watched') ?? [];
      const [living, , dead, , , , , sent, , , peak, , , , p99] = found.slice(4).map(number);
      const { chats, probes } = parse(text(`scenarios/${scenario}.yaml`));
      const aSecond = chats.arrivePerSecond ?? (living! + dead!) / (probes.withinMs / 1_000);
      expect(figures.map(number), scenario).toEqual([Math.round(aSecond), living! + dead!, sent, peak, p99]);
    }
  });

  it('has the adapter serve the metric by which the autoscaler goes, and tells its numbers', () => {
    const { spec } = parse(text('deploy/kubernetes/overlays/production/horizontal-pod-autoscaler.yaml'));
    const [{ pods }] = spec.metrics;
    const [{ seriesQuery }] = parse(blocks(page, 'yaml')[0] ?? '').rules;
    expect(seriesQuery.split('{')[0]).toBe(pods.metric.name);
    expect(page).toContain(`${Number(pods.target.averageValue).toLocaleString('en')} for each replica`);
    expect([spec.minReplicas, spec.maxReplicas]).toEqual([2, 6]);
  });

  it('has the costs that were measured', () => {
    const [processor, idle, crowd] = table(page, 'What', 'Figure').map(([, figure]) => figure);
    const [, , , time] = table(text('bench/README.md'), '', 'requests a second').find(([name]) => name === 'chat-probe') ?? [];
    expect(processor).toBe(time);
    const memory = below(text('docs/operating.md'), '## Memory').replaceAll('\n', ' ');
    expect(memory).toContain(`about ${idle} when idle`);
    expect(memory).toContain(`up to ${crowd}`);
  });
});
