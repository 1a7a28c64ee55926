import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';
import { type FiguresBefore, type MustPlay, mustRows } from './must-show.ts';

const BEFORE: FiguresBefore = JSON.parse(readFileSync(new URL('./figures-before.json', import.meta.url), 'utf8'));
const NAMES = scenariosIn(new URL('../../scenarios/', import.meta.url)).names;
const ROWS = mustRows(NAMES, BEFORE);

/** As much of a report as the rows look at. */
interface Figures {
  readonly livingStopped?: number;
  readonly visits?: number;
  readonly p95Ms?: number | null;
  readonly routed?: number;
  readonly stopped?: number;
  readonly closed?: number;
  readonly toServerDown?: number;
}

function reportOf({ livingStopped = 0, visits = 0, p95Ms = null, routed = 0, stopped = 0, closed = 0, toServerDown = 0 }: Figures) {
  return {
    chatsBy: { living: 1_000, livingStopped },
    agents: { ghostVisits: visits, ofServerDown: visits },
    knownDown: p95Ms === null ? null : { asked: 5, p95Ms },
    dead: { routed, stopped },
    reasons: closed === 0 ? [] : [{ reason: 'session_offline', verdict: 'stop', chats: closed }],
    messages: { toServerDown, sent: 0, doubled: 0 },
    living: { stopped: livingStopped },
  } as unknown as RehearsalReport;
}

async function isShown(name: string, figures: (order: MustPlay) => Figures): Promise<boolean> {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`there is no row ${name}`);
  return (await row.show(async (order) => reportOf(figures(order)))).isShown;
}

describe('what must be shown', () => {
  it('is asked for by names of which there is one each, and covers every scenario', () => {
    const names = ROWS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const scenario of NAMES) expect(names.some((name) => name.split('/').includes(scenario))).toBe(true);
  });

  it('knows the figures from before of scenarios that there are, in every policy', () => {
    expect(Object.keys(BEFORE)).toHaveLength(21);
    for (const [scenario, rows] of Object.entries(BEFORE)) {
      expect(NAMES).toContain(scenario);
      expect(new Set(rows.map(({ policy }) => policy))).toEqual(new Set(['inline', 'ha']));
    }
  });

  it.each([
    ['living/fail-over-6s', 0, 1],
    ['living/misconfigured-later-fault/ha-true', 0, 1],
    ['living/misconfigured-later-not-found/ha-false', 15, 16],
    ['lost-link/5/inline/stop', 1, 2],
    ['lost-link-in-stages/20/ha/auto', 1, 2],
  ])('%s: %i living stopped, and not %i', async (name, most, tooMany) => {
    expect(await isShown(name, () => ({ livingStopped: most }))).toBe(true);
    // One of all the plays is enough.
    let plays = 0;
    expect(await isShown(name, () => ({ livingStopped: ++plays === 1 ? tooMany : 0 }))).toBe(false);
  });

  it('is asked of a target with and without high availability, under every rule and policy', async () => {
    const asked: string[] = [];
    await isShown('living/misconfigured-later-fault/ha-false', ({ policy, changes }) => {
      asked.push(`${policy} ${changes?.ha} ${changes?.onChatServerDown}`);
      return {};
    });
    expect(asked).toEqual(['inline', 'ha'].flatMap((policy) => ['auto', 'stop', 'route'].map((rule) => `${policy} false ${rule}`)));
  });

  it.each([
    ['server-stays-down/inline/5s', 25, 26],
    ['server-stays-down/ha/60s', 60, 61],
    ['server-stays-down/inline/300s', 120, 121],
  ])('%s: %i visits of 1,000, and not %i', async (name, most, tooMany) => {
    const visits = (watched: number) => (order: MustPlay) => ({ visits: order.noProbe === true ? 1_000 : watched });
    expect(await isShown(name, visits(most))).toBe(true);
    expect(await isShown(name, visits(tooMany))).toBe(false);
  });

  it('is a quick answer once a server is known to be down, and that it ever is', async () => {
    expect(await isShown('server-stays-down/ha/known-down', () => ({ p95Ms: 99 }))).toBe(true);
    expect(await isShown('server-stays-down/ha/known-down', () => ({ p95Ms: 100 }))).toBe(false);
    expect(await isShown('server-stays-down/ha/known-down', () => ({ p95Ms: null }))).toBe(false);
  });

  it('is a share of the dead that their own data do not call closed', async () => {
    expect(await isShown('dead/healthy-with-stale', () => ({ routed: 5, stopped: 195, closed: 100 }))).toBe(true);
    expect(await isShown('dead/healthy-with-stale', () => ({ routed: 6, stopped: 195, closed: 100 }))).toBe(false);
    expect(await isShown('dead/two-of-four-without-ha', () => ({ routed: 1, stopped: 99 }))).toBe(true);
    expect(await isShown('dead/two-of-four-without-ha', () => ({ routed: 2, stopped: 99 }))).toBe(false);
  });

  it('is as much of everything from each fleet that shares as from one replica, within a tenth', async () => {
    const figures = (most: number) => (order: MustPlay) => (order.fleet === 5 ? { visits: most } : { visits: 1_000 });
    expect(await isShown('fleet/lost-link/ha', figures(1_100))).toBe(true);
    expect(await isShown('fleet/lost-link/ha', figures(1_101))).toBe(false);
    // Of which docs/rehearsals.md says why.
    expect(await isShown('fleet/crowded/ha', figures(1_101))).toBe(true);
    expect(await isShown('fleet/crowded/ha', ({ fleet }) => ({ livingStopped: fleet === 5 ? 1 : 0 }))).toBe(false);
  });

  it('is no more ghosts and messages to a server down than before', async () => {
    const was = (figure: 'ghosts' | 'toServerDown', by: number) => (order: MustPlay) => {
      const row = BEFORE[order.scenario]?.find(({ policy, rule }) => policy === order.policy && rule === order.changes?.onChatServerDown);
      return { [figure === 'ghosts' ? 'routed' : figure]: (row?.[figure] ?? 0) * by };
    };
    expect(await isShown('before/ghosts/fail-over-6s', was('ghosts', 1.019))).toBe(true);
    expect(await isShown('before/ghosts/fail-over-6s', was('ghosts', 1.021))).toBe(false);
    expect(await isShown('before/ghosts', was('ghosts', 1.009))).toBe(true);
    expect(await isShown('before/ghosts', was('ghosts', 1.011))).toBe(false);
    expect(await isShown('before/toServerDown', was('toServerDown', 1))).toBe(true);
    expect(await isShown('before/toServerDown', was('toServerDown', 1.001))).toBe(false);
  });
});
