import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../lab/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '../../../lab/simulator/scenario/scenario-files.ts';
import { createScenarioWorld } from '../../../lab/simulator/world/scenario-world.ts';

const LIBRARY = scenariosIn(new URL('../../../scenarios/', import.meta.url));

describe('the scenarios that come with the simulator', () => {
  it('are those that the documents speak of', () => {
    expect(LIBRARY.names).toEqual([
      'all-at-once',
      'by-type',
      'cold-start',
      'crash-without-ha',
      'crash-without-ha-released',
      'crowded',
      'fail-over-15s',
      'fail-over-30s',
      'fail-over-3s',
      'fail-over-6s',
      'fail-over-9s',
      'flapping',
      'gateway-outage',
      'half-the-servers',
      'healthy-with-stale',
      'interaction-server-fail-over',
      'lost-link',
      'lost-link-in-stages',
      'misconfigured-later-fault',
      'misconfigured-later-not-found',
      'misconfigured-target',
      'one-of-four-without-ha',
      'primary-backup',
      'restore-by-message',
      'rolling-restart',
      'server-stays-down',
      'slow-reconnect',
      'slow-recovery',
      'stalled-process',
      'two-of-four-without-ha',
    ]);
  });

  it.each(LIBRARY.names)('%s is without mistakes, named as its file, and has its probes see something happen', (name) => {
    const parsed = parseScenario(LIBRARY.text(name) ?? '');
    expect(parsed).toMatchObject({ ok: true, scenario: { name } });
    if (!parsed.ok) return;
    const { events, probes, chats, agents } = parsed.scenario;
    const endsAtMs = chats.arrivePerSecond === 0 ? probes.fromMs + probes.withinMs : chats.arriveForMs + agents.forMs;
    // One is there to show what happens where nothing does.
    expect(events.some(({ atMs }) => atMs < endsAtMs)).toBe(name !== 'healthy-with-stale');
  });

  it.each(LIBRARY.names)('%s plays: every chat is there from its beginning to the end, and no dead one comes back', (name) => {
    const parsed = parseScenario(LIBRARY.text(name) ?? '');
    if (!parsed.ok) throw new Error(parsed.problems.join('; '));
    let nowMs = 0;
    const clock = { nowMs: () => nowMs, schedule: () => () => undefined };
    const world = createScenarioWorld({ clock, scenario: parsed.scenario, chats: 400 });
    const gone = new Set<string>();
    const arrive = parsed.scenario.chats.arrivePerSecond > 0;
    let before = arrive ? 0 : 400;
    for (; nowMs <= 180_000; nowMs += 1_000) {
      let count = 0;
      for (const { id, truth } of world.sessions()) {
        count += 1;
        if (truth.customer === 'gone') gone.add(id);
        else expect(gone.has(id), `${id} at ${nowMs}`).toBe(false);
      }
      expect(count).toBeGreaterThanOrEqual(before);
      before = count;
    }
    const rate = parsed.scenario.chats.arrivePerSecond;
    expect(before).toBe(arrive ? Math.min(400, Math.floor(180 * rate)) : 400);
  });
});
