import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProbeOrder } from '../../../src/probe/probe-order.ts';
import { DRAINING } from '../../../src/probe/prober.ts';
import type { Reason } from '../../../src/probe/reasons.ts';
import { type Asked, type Course, type FlightsRig, flightsRig, within } from './single-flight-rig.ts';

interface Request {
  readonly afterMs: number;
  readonly interactionId: string;
  readonly chatServer: string | null;
  readonly isOffline: boolean;
  readonly deadlineMs: number;
  /** When the caller's signal aborts, from the moment of asking; null if it does not. */
  readonly abortsAfterMs: number | null;
  readonly drains: boolean;
  /** What the run comes to if this request starts one. */
  readonly course: Course;
}

const oneIn = (n: number): fc.Arbitrary<boolean> => fc.integer({ min: 1, max: n }).map((drawn) => drawn === n);
const courses: fc.Arbitrary<Course> = fc.record({
  takesMs: fc.integer({ min: 0, max: 300 }),
  reason: fc.constantFrom<Reason[]>('delivered', 'delivered', 'session_not_found', 'chat_server_not_found', 'timeout'),
  lingersMs: fc.integer({ min: 0, max: 20 }),
  breaks: oneIn(12),
});
const requests: fc.Arbitrary<Request> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
  interactionId: fc.constantFrom('A', 'A', 'A', 'B'),
  chatServer: fc.constantFrom('ChatServer_1', 'ChatServer_1', 'ChatServer_2', null),
  isOffline: oneIn(15),
  deadlineMs: fc.integer({ min: 100, max: 800 }),
  abortsAfterMs: fc.option(fc.integer({ min: 0, max: 300 }), { freq: 3 }),
  drains: oneIn(4),
  course: courses,
});
const worlds = fc.record({
  requests: fc.array(requests, { minLength: 1, maxLength: 14, size: 'max' }),
  coalesce: oneIn(5).map((off) => !off),
  reuseAliveMs: fc.constantFrom(0, 100, 2_000),
  messageLimit: fc.integer({ min: 0, max: 3 }),
  messageWindowMs: fc.constantFrom(100, 500, 600_000),
});
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

interface Played extends FlightsRig {
  readonly asked: readonly Asked[];
  /** Runs that went on although nobody waited for them. */
  readonly orphans: number;
}

/** Plays the requests to the end of all time. */
async function play({ requests: given, ...settings }: World): Promise<Played> {
  const courseOf = new Map<string, Course>();
  const played = flightsRig(settings, ({ requestId }) => courseOf.get(requestId) ?? { takesMs: 0, reason: 'timeout' });
  const { clock, runs } = played;
  const asked: Asked[] = [];
  let orphans = 0;
  const countOrphans = (): void => {
    const concerns =
      (order: ProbeOrder) =>
      (each: Asked): boolean =>
        each.settled === undefined && each.order.interactionId === order.interactionId && each.order.chatServer === order.chatServer;
    const goesOn = runs.filter(({ endedAtMs, signal }) => endedAtMs === null && !signal.aborted);
    orphans += goesOn.filter(({ order }) => !asked.some(concerns(order))).length;
  };
  for (const [n, { afterMs, course, abortsAfterMs, drains, deadlineMs, ...fields }] of given.entries()) {
    await clock.advance(afterMs);
    courseOf.set(`request-${n}`, course);
    const one = played.ask({ ...fields, ...within(deadlineMs), requestId: `request-${n}` });
    asked.push(one);
    if (abortsAfterMs === null) continue;
    clock.schedule(abortsAfterMs, () => one.controller.abort(drains ? DRAINING : 'hung up'));
    if (!drains) clock.schedule(abortsAfterMs + 1, countOrphans);
  }
  await clock.advance(2_000);
  return { ...played, asked, orphans };
}

describe('whoever asks, leaves, drains, and whatever the runs come to', () => {
  it(
    'every request is answered once in time or gone, from proof that is its own or shared in the moment',
    () =>
      fc.assert(
        fc.asyncProperty(worlds, async (world) => {
          const { asked, runs, events, flights, clock, orphans } = await play(world);
          for (const [n, { settled, atMs, order }] of asked.entries()) {
            const { abortsAfterMs, drains, deadlineMs, isOffline } = world.requests[n] ?? expect.fail();
            if (settled === undefined) expect.fail('never settled');
            expect(settled.atMs).toBeLessThanOrEqual(atMs + deadlineMs + 50);
            const { answer } = settled;
            if (answer === null) {
              expect([drains, settled.atMs]).toEqual([false, atMs + (abortsAfterMs ?? Number.NaN)]);
              continue;
            }
            const shared = answer.servedBy === 'coalesced' || answer.servedBy === 'recent';
            expect(shared).toBe(answer.probeId !== order.probeId);
            const run = runs.find((each) => each.order.probeId === answer.probeId) ?? expect.fail();
            expect([run.order.interactionId, run.order.chatServer]).toEqual([order.interactionId, order.chatServer]);
            if (answer.servedBy === 'recent') {
              expect([isOffline, answer.evidence, answer.verdict]).toEqual([false, 'alive', 'route']);
              expect(run.result?.evidence).toBe('alive');
              expect(settled.atMs - (run.endedAtMs ?? 0)).toBeLessThan(world.reuseAliveMs);
            }
            // A stop is only ever that of the run, in the moment in which it ended.
            if (answer.verdict === 'stop') expect([run.result?.verdict, run.endedAtMs]).toEqual(['stop', settled.atMs]);
            if (!world.coalesce) expect(answer.servedBy).not.toBe('coalesced');
          }
          const sharedAnswers = asked.map(({ settled }) => settled?.answer?.servedBy).filter((by) => by === 'coalesced' || by === 'recent');
          const toldBy = (type: string) => events.filter((event) => event.type === type).map((event) => ('by' in event ? event.by : ''));
          expect(toldBy('message_saved').sort()).toEqual(sharedAnswers.sort());
          expect(toldBy('answer_shared').length).toBe(sharedAnswers.length);
          expect([orphans, flights.size, clock.pending()]).toEqual([0, 0, 0]);
          expect(runs.filter(({ endedAtMs }) => endedAtMs === null)).toEqual([]);
        }),
      ),
    300_000,
  );

  it(
    'a chat has one message in flight at most, and gets no more in any window than its limit',
    () =>
      fc.assert(
        fc.asyncProperty(worlds, async (world) => {
          const { messages, mostInFlight } = await play(world);
          expect(mostInFlight()).toBeLessThanOrEqual(1);
          if (world.messageLimit === 0) return;
          for (const moments of messages.values()) {
            for (const [n, atMs] of moments.entries()) {
              const windowFull = moments[n - world.messageLimit];
              if (windowFull !== undefined) expect(atMs - windowFull).toBeGreaterThanOrEqual(world.messageWindowMs);
            }
          }
        }),
      ),
    300_000,
  );

  it(
    'no run waits for its turn while no message to its chat is in flight',
    () =>
      fc.assert(
        fc.asyncProperty(worlds, async (world) => {
          const { runs } = await play(world);
          for (const run of runs.filter(({ signal }) => !signal.aborted)) {
            const untilMs = run.sentAtMs ?? run.endedAtMs ?? Number.NaN;
            const inFlightMs = runs
              .filter(({ order }) => order.interactionId === run.order.interactionId && order !== run.order)
              .map(({ sentAtMs, endedAtMs }) => Math.min(endedAtMs ?? 0, untilMs) - Math.max(sentAtMs ?? untilMs, run.startedAtMs))
              .reduce((sum, ms) => sum + Math.max(0, ms), 0);
            expect(inFlightMs).toBe(untilMs - run.startedAtMs);
          }
        }),
      ),
    300_000,
  );

  it(
    'a run that somebody waits for is not cancelled',
    () =>
      fc.assert(
        fc.asyncProperty(worlds, async (world) => {
          // With nobody leaving and no drain, no run is cut.
          const staying = world.requests.map((request) => ({ ...request, abortsAfterMs: null }));
          const { runs } = await play({ ...world, requests: staying });
          expect(runs.filter(({ signal }) => signal.aborted)).toEqual([]);
        }),
      ),
    300_000,
  );
});
