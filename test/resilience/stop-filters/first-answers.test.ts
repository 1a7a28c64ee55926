import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFirstAnswers, type FirstAnswers } from '../../../src/resilience/stop-filters/first-answers.ts';

const LATELY_MS = 600_000;

interface Run {
  readonly servers?: readonly (string | null)[];
  readonly isFault?: boolean;
  readonly startedAtMs?: number;
  readonly prefix?: string;
}

/** So many chats in a row whose first answer is bad, on these Chat Servers in turn. */
function bad(
  first: FirstAnswers,
  times: number,
  { servers = ['A', 'B'], isFault = true, startedAtMs = 100, prefix = 'chat' }: Run = {},
): void {
  for (let n = 0; n < times; n += 1) {
    first.bad({ interactionId: `${prefix}-${n}`, chatServer: servers[n % servers.length] ?? null, isFault }, startedAtMs);
  }
}

/** A and B have delivered, the last at 100. */
function twoInUse(most = 10): FirstAnswers {
  const first = createFirstAnswers({ badFirstAnswers: most });
  first.delivered('A', 90);
  first.delivered('B', 100);
  return first;
}

/** Only A has delivered, at 100. */
function oneInUse(most = 10): FirstAnswers {
  const first = createFirstAnswers({ badFirstAnswers: most });
  first.delivered('A', 100);
  return first;
}

describe('where two Chat Servers are in use', () => {
  it.each([true, false])('bad first answers are too many from the eleventh chat on (fault 100: %s)', (isFault) => {
    const first = twoInUse();
    expect(first.areTooMany(100)).toBe(false);
    bad(first, 10, { isFault });
    expect(first.areTooMany(100)).toBe(false);
    bad(first, 11, { isFault });
    expect(first.areTooMany(100)).toBe(true);
  });

  it('as many as the setting says may pass', () => {
    const first = twoInUse(2);
    bad(first, 2);
    expect(first.areTooMany(100)).toBe(false);
    bad(first, 3);
    expect(first.areTooMany(100)).toBe(true);
  });

  it('one chat counts once, however often it is asked about', () => {
    const first = twoInUse();
    for (let n = 0; n < 100; n += 1) bad(first, 10);
    expect(first.areTooMany(100)).toBe(false);
  });

  it('they must name two: one that crashed is none of ours', () => {
    for (const name of ['A', null]) {
      const first = twoInUse();
      bad(first, 100, { servers: [name], isFault: false });
      expect(first.areTooMany(100)).toBe(false);
      bad(first, 1, { servers: ['B'], isFault: false, prefix: 'another' });
      expect(first.areTooMany(100)).toBe(true);
    }
  });

  it('it does not matter which of them came first, nor whether one was seen down', () => {
    const first = twoInUse();
    first.sawDown(100);
    bad(first, 1, { servers: ['A'] });
    bad(first, 10, { servers: ['C'], prefix: 'others' });
    expect(first.areTooMany(100)).toBe(true);
  });

  it.each(['A', 'C', null])('any delivery, be it of %s, starts them anew', (name) => {
    const first = twoInUse();
    bad(first, 50);
    expect(first.areTooMany(200)).toBe(true);
    first.delivered(name, 200);
    expect(first.areTooMany(200)).toBe(false);
    bad(first, 10, { startedAtMs: 200 });
    expect(first.areTooMany(200)).toBe(false);
    bad(first, 11, { startedAtMs: 200 });
    expect(first.areTooMany(200)).toBe(true);
  });

  it('a delivery forgets the servers that were named too', () => {
    const first = twoInUse();
    bad(first, 1, { servers: ['A'] });
    first.delivered('B', 200);
    bad(first, 50, { servers: ['B'], startedAtMs: 200 });
    expect(first.areTooMany(200)).toBe(false);
  });

  it('a delivery that is told late forgets what began before it, and nothing that began later', () => {
    const first = twoInUse();
    bad(first, 6, { startedAtMs: 120 });
    bad(first, 6, { startedAtMs: 140, prefix: 'later' });
    expect(first.areTooMany(150)).toBe(true);
    first.delivered('A', 110);
    expect(first.areTooMany(150)).toBe(true);
    first.delivered('A', 130);
    expect(first.areTooMany(150)).toBe(false);
    bad(first, 5, { startedAtMs: 140, prefix: 'more' });
    expect(first.areTooMany(150)).toBe(true);
  });

  it('of the same moment what is told last holds', () => {
    const first = twoInUse();
    bad(first, 50, { startedAtMs: 120 });
    first.delivered('A', 120);
    expect(first.areTooMany(120)).toBe(false);
    bad(first, 11, { startedAtMs: 120 });
    expect(first.areTooMany(120)).toBe(true);
  });

  it('a delivery that is told late leaves enough of the many that began later', () => {
    const first = twoInUse();
    bad(first, 100, { startedAtMs: 120 });
    bad(first, 100, { startedAtMs: 140, prefix: 'later' });
    first.delivered('A', 130);
    expect(first.areTooMany(150)).toBe(true);
  });

  it('a probe that began before the last delivery says nothing', () => {
    const first = twoInUse();
    bad(first, 100, { startedAtMs: 99 });
    expect(first.areTooMany(100)).toBe(false);
    bad(first, 100, { startedAtMs: 100 });
    expect(first.areTooMany(100)).toBe(true);
  });
});

/** What each of these moments finds, when it is the first to ask. */
const foundAt = (make: () => FirstAnswers, ...momentsMs: readonly number[]): readonly boolean[] =>
  momentsMs.map((nowMs) => make().areTooMany(nowMs));

describe('two are in use', () => {
  it('for ten minutes after a delivery of another name than the last one’s', () => {
    const make = (): FirstAnswers => {
      const first = twoInUse();
      bad(first, 50, { isFault: false });
      return first;
    };
    expect(foundAt(make, 90 + LATELY_MS, 91 + LATELY_MS)).toEqual([true, false]);
  });

  it('however many the last one delivers meanwhile', () => {
    const make = (): FirstAnswers => {
      const first = twoInUse();
      first.delivered('B', LATELY_MS);
      bad(first, 50, { isFault: false, startedAtMs: LATELY_MS });
      return first;
    };
    expect(foundAt(make, 90 + LATELY_MS, 91 + LATELY_MS)).toEqual([true, false]);
  });

  it('in whatever order they deliver', () => {
    const make = (): FirstAnswers => {
      const first = oneInUse();
      for (const [name, atMs] of [
        ['A', 200],
        ['B', 300],
        ['B', 400],
        ['A', 500],
      ] as const)
        first.delivered(name, atMs);
      bad(first, 50, { isFault: false, startedAtMs: 500 });
      return first;
    };
    expect(foundAt(make, 400 + LATELY_MS, 401 + LATELY_MS)).toEqual([true, false]);
  });

  it('by their names alone: a delivery by type is by nobody knows whom', () => {
    const first = oneInUse();
    first.delivered(null, 200);
    first.delivered(null, 300);
    bad(first, 50, { isFault: false, startedAtMs: 300 });
    expect(first.areTooMany(300)).toBe(false);
    first.delivered('B', 400);
    first.delivered(null, 500);
    bad(first, 50, { isFault: false, startedAtMs: 500 });
    expect(first.areTooMany(500)).toBe(true);
  });
});

describe('where one Chat Server is in use, or none', () => {
  it.each([oneInUse, (most: number) => createFirstAnswers({ badFirstAnswers: most })])(
    'only fault 100 counts, from the eleventh chat on',
    (make) => {
      const first = make(10);
      bad(first, 100, { servers: ['A'], isFault: false, prefix: 'not-found' });
      bad(first, 10, { servers: ['A'] });
      expect(first.areTooMany(100)).toBe(false);
      bad(first, 11, { servers: ['A'] });
      expect(first.areTooMany(100)).toBe(true);
    },
  );

  it('it counts only if nothing was seen down for ten minutes: it may have come back empty', () => {
    const first = oneInUse();
    first.sawDown(50);
    bad(first, 100, { servers: ['A'] });
    expect([first.areTooMany(50 + LATELY_MS), first.areTooMany(51 + LATELY_MS)]).toEqual([false, true]);
  });

  it('neither time nor a Chat Server that is seen down shows that what was too much can be believed', () => {
    const first = oneInUse();
    bad(first, 100, { servers: ['A'] });
    expect(first.areTooMany(200)).toBe(true);
    first.sawDown(300);
    expect([first.areTooMany(300), first.areTooMany(300 + 2 * LATELY_MS)]).toEqual([true, true]);
    first.delivered('A', 400);
    expect(first.areTooMany(400)).toBe(false);
  });

  it('a delivery starts it anew too', () => {
    const first = oneInUse();
    bad(first, 100, { servers: ['A'] });
    first.delivered('A', 200);
    expect(first.areTooMany(200)).toBe(false);
    bad(first, 10, { servers: ['A'], startedAtMs: 200 });
    expect(first.areTooMany(200)).toBe(false);
  });
});

it('in any run, they are too many only if so many chats were bad since the last delivery, however late each is told', () => {
  const names = fc.constantFrom('A', 'B', 'C', null);
  const lateMs = fc.constantFrom(0, 0, 0, 1, 3, 10);
  const steps = fc.array(
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({ does: fc.constant('bad' as const), chat: fc.nat({ max: 30 }), name: names, isFault: fc.boolean(), lateMs }),
      },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('delivered' as const), name: names, lateMs }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('down' as const) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat({ max: 400_000 }) }) },
    ),
    { maxLength: 60, size: 'max' },
  );
  let tripped = 0;
  let told = 0;
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (given, most) => {
      const first = createFirstAnswers({ badFirstAnswers: most });
      let nowMs = 100;
      let since: { readonly chat: number; readonly name: string | null; readonly isFault: boolean; readonly atMs: number }[] = [];
      const deliveries: { readonly name: string | null; readonly atMs: number }[] = [];
      let downAtMs = Number.NEGATIVE_INFINITY;
      let wereTooMany = false;
      for (const step of given) {
        nowMs += step.does === 'wait' ? step.ms : 1;
        if (step.does === 'bad') {
          const atMs = nowMs - step.lateMs;
          if (deliveries.every((delivery) => delivery.atMs <= atMs)) since.push({ ...step, atMs });
          first.bad({ interactionId: `${step.chat}`, chatServer: step.name, isFault: step.isFault }, atMs);
        }
        if (step.does === 'down') {
          downAtMs = nowMs;
          first.sawDown(nowMs);
        }
        if (step.does === 'delivered') {
          // Between two others.
          const deliveredAtMs = nowMs - step.lateMs - 0.5;
          const had = since.length;
          since = since.filter(({ atMs }) => atMs >= deliveredAtMs);
          if (had > 0 && since.length > 0) told += 1;
          if (countOf(since) <= most) wereTooMany = false;
          deliveries.push({ name: step.name, atMs: deliveredAtMs });
          first.delivered(step.name, deliveredAtMs);
        }
        const recent = deliveries.filter(({ name, atMs }) => name !== null && nowMs - atMs <= LATELY_MS);
        wereTooMany ||=
          new Set(recent.map(({ name }) => name)).size > 1
            ? countOf(since) > most && new Set(since.map(({ name }) => name)).size > 1
            : countOf(since.filter(({ isFault }) => isFault)) > most && nowMs - downAtMs > LATELY_MS;
        if (wereTooMany) tripped += 1;
        if (first.areTooMany(nowMs) !== wereTooMany) throw new Error(`${!wereTooMany} at ${nowMs}`);
      }
    }),
  );
  expect(tripped).toBeGreaterThan(0);
  expect(told).toBeGreaterThan(0);
});

/** Each chat once. */
function countOf(answers: readonly { readonly chat: number }[]): number {
  return new Set(answers.map(({ chat }) => chat)).size;
}
