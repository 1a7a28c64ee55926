import { describe, expect, it } from 'vitest';
import type { EspRequest } from '../../../src/probe/esp.ts';
import { createReferenceIds, type ProbeEvent } from '../../../src/probe/probe-order.ts';
import { createProber } from '../../../src/probe/prober.ts';
import type { TargetRules } from '../../../src/probe/target.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import type { ControlSettings } from '../../../src/resilience/settings.ts';
import { createControlProbes } from '../../../src/resilience/stop-filters/control-probes.ts';
import { orderWith } from '../../support/samples.ts';
import { type Answer, scriptedAdapter, type Turn } from '../../support/scripted-adapter.ts';

const ABSENT = { interactionId: 'never-was', chatServer: 'ChatServer_1' };
const LIVE = { interactionId: 'test-chat', chatServer: null };
const BOTH: ControlSettings = { intervalMs: 60_000, absent: ABSENT, live: LIVE };

/** Control probes against a far end that gives these answers, one after another, to one of the two ids. */
function rig(settings: ControlSettings, ...answers: readonly (Answer | Turn)[]) {
  return rigOf(settings, answers);
}

function rigOf(settings: ControlSettings, answers: readonly (Answer | Turn)[], rules: Partial<TargetRules> = {}) {
  const clock = createVirtualClock();
  const adapter = scriptedAdapter(
    clock,
    answers.map((answer) => (typeof answer === 'object' && 'afterMs' in answer ? answer : { afterMs: 10, answer })),
  );
  const told: string[] = [];
  const events: ProbeEvent[] = [];
  const prober = createProber({ clock, random: () => 0, nextReferenceId: createReferenceIds(1), observe: (event) => events.push(event) });
  const { target } = orderWith(adapter, {}, rules);
  const controls = createControlProbes({ clock, prober, target, settings, tell: (control, state) => told.push(`${control} ${state}`) });
  return { clock, adapter, told, events, controls };
}

const only = (control: 'absent' | 'live'): ControlSettings => ({ ...BOTH, absent: null, live: null, [control]: BOTH[control] });

describe('control probes', () => {
  it.each([
    ['absent', 'dead', 'right'],
    ['absent', 'delivered', 'wrong'],
    ['absent', 'orphaned', 'unknown'],
    ['absent', 'silent', 'unknown'],
    ['absent', 'other_fault', 'unknown'],
    ['live', 'delivered', 'right'],
    ['live', 'dead', 'wrong'],
    ['live', 'orphaned', 'wrong'],
    ['live', 'other_error', 'wrong'],
    ['live', 'refused', 'unknown'],
  ] as const)('the one that is %s, answered %s, is %s', async (control, answer, state) => {
    const { clock, told, controls } = rig(only(control), answer);
    controls.start();
    await clock.advance(5_000);
    expect(told).toEqual([`${control} ${state}`]);
    expect(controls.state(control)).toBe(state);
    expect(controls.isWrong).toBe(state === 'wrong');
    controls.close();
  });

  it.each(['dead', 'orphaned', 'other_fault'] as const)(
    'go by what their one message came to, whatever follows for a chat: %s',
    async (answer) => {
      // A stop would need a second word.
      for (const isHa of [true, false]) {
        const named: ControlSettings = { ...BOTH, absent: null, live: ABSENT };
        const { clock, told, controls } = rigOf(named, [answer], { ha: isHa, onChatServerDown: 'stop', onUnrecognised: 'stop' });
        controls.start();
        await clock.advance(5_000);
        expect(told).toEqual(['live wrong']);
        controls.close();
      }
    },
  );

  it('ask at once and then on the interval, each with one message', async () => {
    const { clock, adapter, controls } = rig(only('live'), 'dead', 'delivered', 'silent');
    controls.start();
    await clock.advance(120_000);
    expect(adapter.seen.map(({ atMs }) => atMs)).toEqual([0, 60_000, 120_000]);
    controls.close();
  });

  it('name the interaction, and the Chat Server where one is given', async () => {
    const { clock, adapter, controls } = rig(BOTH, 'dead');
    controls.start();
    await clock.advance(100);
    const asked = adapter.seen.map(({ request }: { request: EspRequest }) => [request.userData['InteractionId'], request.appName]);
    expect(asked).toEqual([
      ['never-was', 'ChatServer_1'],
      ['test-chat', null],
    ]);
    controls.close();
  });

  it('go by names of their own, so that a log tells them from the probes of callers', () => {
    const { events, controls } = rig(BOTH, 'dead');
    controls.start();
    const of = (control: string) => ({ probeId: control, requestId: control, policy: 'control', target: 'default' });
    expect(events).toMatchObject([{ probe: of('control-absent') }, { probe: of('control-live') }]);
    controls.close();
  });

  it('stay wrong until a right answer comes: none at all takes nothing back', async () => {
    const { clock, controls } = rig(only('live'), 'dead', 'silent', 'delivered');
    controls.start();
    const wrong: boolean[] = [];
    for (let n = 0; n < 3; n += 1) {
      await clock.advance(10_000);
      wrong.push(controls.isWrong);
      await clock.advance(50_000);
    }
    expect(wrong).toEqual([true, true, false]);
    controls.close();
  });

  it('go by the newest question: an answer that took longer than the interval takes nothing back', async () => {
    const { clock, told, controls } = rig({ ...only('live'), intervalMs: 1_000 }, { afterMs: 1_500, answer: 'delivered' }, 'dead');
    controls.start();
    await clock.advance(1_700);
    expect([told, controls.isWrong]).toEqual([['live wrong'], true]);
    controls.close();
  });

  it('tell that they are wrong for as long as they count as wrong', async () => {
    const { clock, told, controls } = rig(only('live'), 'dead', 'silent', 'delivered', 'silent');
    controls.start();
    await clock.advance(190_000);
    expect(told).toEqual(['live wrong', 'live wrong', 'live right', 'live unknown']);
    controls.close();
  });

  it('know nothing before the first answer, and nothing of what there is not', async () => {
    const { clock, adapter, controls } = rig({ ...BOTH, absent: null, live: null }, 'delivered');
    controls.start();
    await clock.advance(120_000);
    expect([controls.state('absent'), controls.state('live'), controls.isWrong, adapter.seen.length, clock.pending()]).toEqual([
      null,
      null,
      false,
      0,
      0,
    ]);
    expect(rig(BOTH, 'delivered').controls.state('absent')).toBe('unknown');
  });

  it('end at once when closed, and ask no more', async () => {
    const { clock, adapter, told, controls } = rig(only('live'), 'silent');
    controls.start();
    await clock.advance(100);
    controls.close();
    controls.close();
    controls.start();
    await clock.advance(200_000);
    expect([adapter.seen.length, told, clock.pending()]).toEqual([1, [], 0]);
  });
});
