import { describe, expect, it } from 'vitest';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import { DRAINING } from '../../../src/probe/prober.ts';
import { orderWith } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';
import { type Course, flightsRig, watchedSignal, within } from './single-flight-rig.ts';

const SLOW: Course = { takesMs: 1_000, reason: 'session_not_found', lingersMs: 20 };

describe('a caller who goes away', () => {
  it('before asking gets nothing sent', async () => {
    const { clock, flights, runs, messages } = flightsRig();
    const controller = createCancelController();
    const { signal } = controller;
    controller.abort();
    expect(await flights.ask(orderWith(scriptedAdapter(clock, [])), signal)).toBeNull();
    expect([runs[0]?.sentAtMs, messages.size, flights.size, clock.pending()]).toEqual([null, 0, 0, 0]);
  });

  it('leaves alone: the run ends, and not as in a drain', async () => {
    const { clock, ask, runs, flights } = flightsRig({}, () => SLOW);
    const asked = ask();
    await clock.advance(500);
    asked.controller.abort('hung up');
    expect(runs[0]?.signal.aborted).toBe(true);
    expect(runs[0]?.signal.reason).not.toBe(DRAINING);
    await clock.advance(0);
    expect(asked.settled).toEqual({ atMs: 500, answer: null });
    await clock.advance(20);
    expect([runs[0]?.endedAtMs, flights.size, clock.pending()]).toEqual([520, 0, 0]);
  });

  it('having started the run leaves it to the others', async () => {
    const { clock, ask, runs, events } = flightsRig({}, () => SLOW);
    const starter = ask();
    const joined = ask();
    await clock.advance(500);
    starter.controller.abort();
    await clock.advance(0);
    expect(starter.settled).toEqual({ atMs: 500, answer: null });
    const late = ask();
    expect(await clock.drive(joined.answer)).toMatchObject({ verdict: 'stop', servedBy: 'coalesced', probeId: 'probe-1' });
    expect(late.settled).toMatchObject({ atMs: 1_000, answer: { verdict: 'stop', probeId: 'probe-1' } });
    expect([runs.length, events.length]).toEqual([1, 4]);
  });

  it('having joined a run leaves it to the others, untold', async () => {
    const { clock, ask, events } = flightsRig({}, () => SLOW);
    const starter = ask();
    const joined = ask();
    await clock.advance(500);
    joined.controller.abort();
    await clock.advance(0);
    expect(joined.settled).toEqual({ atMs: 500, answer: null });
    expect(await clock.drive(starter.answer)).toMatchObject({ verdict: 'stop', servedBy: 'probe' });
    expect([events, clock.pending()]).toEqual([[], 0]);
  });

  it('ends the run as the last one out, whoever started it', async () => {
    const { clock, ask, runs } = flightsRig({}, () => SLOW);
    const [starter, first, second] = [ask(), ask(), ask()];
    for (const each of [first, starter]) each.controller.abort();
    expect(runs[0]?.signal.aborted).toBe(false);
    second.controller.abort();
    expect(runs[0]?.signal.aborted).toBe(true);
    await clock.advance(20);
    expect(clock.pending()).toBe(0);
  });

  it('leaves the run to end when the deadline of the last one who waits passes', async () => {
    const { clock, ask, runs } = flightsRig({}, () => SLOW);
    const starter = ask();
    const joined = ask(within(300));
    starter.controller.abort();
    await clock.advance(299);
    expect(runs[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(runs[0]?.signal.aborted).toBe(true);
    expect(joined.settled).toMatchObject({ atMs: 300, answer: { reason: 'deadline', servedBy: 'coalesced' } });
  });

  it('cannot be followed into the run that was cancelled: who asks next runs anew, after the old message', async () => {
    const { clock, ask, runs, mostInFlight } = flightsRig({}, () => SLOW);
    const gone = ask();
    await clock.advance(500);
    gone.controller.abort();
    const next = ask();
    const joined = ask();
    await clock.drive(next.answer);
    expect(runs.map(({ sentAtMs, endedAtMs }) => [sentAtMs, endedAtMs])).toEqual([
      [0, 520],
      [520, 1_520],
    ]);
    expect(joined.settled).toMatchObject({ answer: { probeId: 'probe-2', servedBy: 'coalesced' } });
    expect(mostInFlight()).toBe(1);
  });

  it('while waiting for another message loses the place in the line, and nobody else does', async () => {
    const { clock, ask, runs, messages } = flightsRig({}, () => SLOW);
    ask({ chatServer: 'A' });
    const second = ask({ chatServer: 'B' });
    const third = ask({ chatServer: 'C' });
    await clock.advance(500);
    second.controller.abort();
    await clock.advance(0);
    const joined = ask({ chatServer: 'A' });
    await clock.drive(third.answer);
    expect(joined.settled).toMatchObject({ atMs: 1_000, answer: { probeId: 'probe-1', servedBy: 'coalesced' } });
    expect(runs.map(({ sentAtMs, endedAtMs }) => [sentAtMs, endedAtMs])).toEqual([
      [0, 1_000],
      [null, 500],
      [1_000, 2_000],
    ]);
    expect([messages.size, clock.pending()]).toEqual([0, 0]);
  });

  it('after the answer changes nothing, and is not listened to any more', async () => {
    const { clock, flights, runs } = flightsRig({}, () => SLOW);
    const { signal, listening } = watchedSignal();
    const asked = [1, 2].map(() => flights.ask(orderWith(scriptedAdapter(clock, [])), signal));
    expect(listening.size).toBe(2);
    await clock.drive(Promise.all(asked));
    expect([listening.size, runs[0]?.signal.aborted]).toEqual([0, false]);
  });
});

describe('a drain', () => {
  it('that has begun lets a new request be told so at once', async () => {
    const { clock, flights } = flightsRig();
    const controller = createCancelController();
    const { signal } = controller;
    controller.abort(DRAINING);
    expect(await flights.ask(orderWith(scriptedAdapter(clock, [])), signal)).toMatchObject({ result: { reason: 'draining' } });
  });

  it.each([0, 1, 2])('gives everybody on board the verdict at once, whoever is told first (%i)', async (told) => {
    const { clock, ask, runs, flights } = flightsRig({}, () => ({ ...SLOW, lingersMs: 0 }));
    const asked = [ask(), ask(), ask()];
    await clock.advance(500);
    asked[told]?.controller.abort(DRAINING);
    expect(runs[0]?.signal.reason).toBe(DRAINING);
    await clock.advance(0);
    const draining = { verdict: 'route', reason: 'draining', probeId: 'probe-1' };
    expect(asked.map(({ settled }) => settled)).toMatchObject([
      { atMs: 500, answer: { ...draining, servedBy: 'probe' } },
      { atMs: 500, answer: { ...draining, servedBy: 'coalesced', elapsedMs: 500 } },
      { atMs: 500, answer: { ...draining, servedBy: 'coalesced', elapsedMs: 500 } },
    ]);
    for (const { controller } of asked) controller.abort(DRAINING);
    expect([flights.size, clock.pending()]).toEqual([0, 0]);
  });

  it('closes the run to those who come while it ends', async () => {
    const { clock, ask, runs } = flightsRig({}, () => SLOW);
    const drained = ask();
    await clock.advance(500);
    drained.controller.abort(DRAINING);
    ask();
    expect(runs.length).toBe(2);
    await clock.advance(5_000);
  });

  it('reaches a run that waits for another message', async () => {
    const { clock, ask, runs } = flightsRig({}, () => SLOW);
    ask();
    const waiting = ask({ chatServer: null });
    await clock.advance(10);
    waiting.controller.abort(DRAINING);
    await clock.advance(0);
    expect(waiting.settled).toMatchObject({ atMs: 10, answer: { reason: 'draining' } });
    expect(runs[1]?.sentAtMs).toBeNull();
    await clock.advance(5_000);
  });
});
