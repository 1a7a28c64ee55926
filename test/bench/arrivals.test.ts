import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Arrivals, closedLoop, openLoop, type Send, schedule } from '../../bench/arrivals.ts';
import { type Callers, startCallers } from '../../bench/callers.ts';
import { latenciesOf } from '../../bench/figures.ts';
import { createVirtualClock, type VirtualClock } from '../../src/probe/virtual-clock.ts';

const NEVER = new Promise<boolean>(() => undefined);

/** Answers after 1 ms, but for those who come while it stands still: they wait until it goes on. */
function stallingServer(clock: VirtualClock, fromMs: number, untilMs: number): Send {
  return () =>
    new Promise((resolve) => {
      const stands = clock.nowMs() >= fromMs && clock.nowMs() < untilMs;
      clock.schedule(1 + (stands ? untilMs - clock.nowMs() : 0), () => resolve(true));
    });
}

function played(loop: (clock: VirtualClock) => Promise<Arrivals>): Promise<Arrivals> {
  const clock = createVirtualClock();
  return clock.drive(loop(clock));
}

describe('a schedule', () => {
  it('is of a constant rate, and of as many requests as that makes', () => {
    expect(schedule(4, 2)).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750]);
  });
});

describe('an open loop', () => {
  it('shows a server that stands still for 200 ms to each who comes meanwhile', async () => {
    const { latenciesMs } = await played((clock) => openLoop(clock, schedule(100, 2), 1_000, stallingServer(clock, 1_000, 1_200)));
    expect(latenciesMs.slice(99, 122).map(Math.round)).toEqual([1, ...Array.from({ length: 20 }, (_, n) => 201 - 10 * n), 1, 1]);
    expect(latenciesOf(latenciesMs)).toEqual({ p50Ms: 1, p99Ms: 181, maxMs: 201 });
  });

  it('shows its own stalls, since each request counts from when it was due', async () => {
    const { latenciesMs, lateMs } = await played((clock) =>
      openLoop(clock, schedule(100, 2), 1_000, async (number) => {
        if (number === 100) clock.stall(200);
        return true;
      }),
    );
    expect(latenciesMs).toHaveLength(200);
    expect(latenciesOf(latenciesMs)).toMatchObject({ p50Ms: 0, p99Ms: 180, maxMs: 200 });
    expect(latenciesOf(lateMs).maxMs).toBe(190);
  });

  it('sends what is due, whoever still waits', async () => {
    let under = 0;
    const { unanswered } = await played((clock) =>
      openLoop(clock, schedule(100, 1), 500, () => {
        under += 1;
        return NEVER;
      }),
    );
    expect([under, unanswered]).toEqual([100, 100]);
  });

  it('leaves no answer out: who has none has waited until the end, and a bad one is one', async () => {
    const answers: Readonly<Record<number, Promise<boolean>>> = { 0: NEVER, 1: Promise.resolve(false) };
    const { latenciesMs, unanswered, failed } = await played((clock) =>
      openLoop(
        clock,
        schedule(10, 1),
        500,
        (number) => answers[number] ?? (number === 2 ? Promise.reject(new Error()) : Promise.resolve(true)),
      ),
    );
    expect({ latenciesMs, unanswered, failed }).toEqual({ latenciesMs: [1_400, 0, 0, 0, 0, 0, 0, 0, 0, 0], unanswered: 1, failed: 2 });
  });
});

describe('a closed loop', () => {
  it('hides a stall: it asks less while the server stands still', async () => {
    const { latenciesMs } = await played((clock) => closedLoop(clock, 1, 2_000, 1_000, stallingServer(clock, 1_000, 1_200)));
    expect(latenciesOf(latenciesMs)).toEqual({ p50Ms: 1, p99Ms: 1, maxMs: 201 });
  });

  it('counts who still waits at the end', async () => {
    const { latenciesMs, unanswered } = await played((clock) =>
      closedLoop(clock, 3, 1_000, 500, (number) => (number === 1 ? NEVER : stallingServer(clock, 0, 400)(number))),
    );
    expect(unanswered).toBe(1);
    expect(Math.max(...latenciesMs)).toBe(1_500);
  });

  it('goes on where nobody listens', async () => {
    const { latenciesMs, failed } = await played((clock) => closedLoop(clock, 2, 100, 0, () => Promise.reject(new Error('ECONNREFUSED'))));
    expect([latenciesMs.length, failed]).toEqual([200, 200]);
  });
});

describe('the process that calls', () => {
  let callers: Callers;
  beforeAll(async () => {
    callers = await startCallers();
  });
  afterAll(() => callers.stop());

  it('shows a real stall of 200 ms in its p99', async () => {
    let asked = 0;
    let stands = Promise.resolve();
    const url = await listening((request, response) => {
      request.resume();
      asked += 1;
      if (asked === 31) stands = sleep(200);
      void stands.then(() => response.end());
    });
    const figures = await callers.play({ loop: 'open', url, perSecond: 100, seconds: 0.6 });
    expect(figures).toMatchObject({ asked: 60, unanswered: 0, failed: 0 });
    expect(figures.p99Ms).toBeGreaterThan(190);
  });

  it.each([
    { loop: 'open', perSecond: 1_000, seconds: 0.1 },
    { loop: 'closed', callers: 100, seconds: 0 },
  ] as const)('has a connection for each who waits: $loop loop', async (task) => {
    const held: ServerResponse[] = [];
    // Nobody has an answer before all have asked.
    const url = await listening((request, response) => {
      request.resume();
      held.push(response);
      if (held.length === 100) for (const each of held) each.end();
    });
    const { asked, unanswered, failed } = await callers.play({ ...task, url });
    expect({ asked, unanswered, failed }).toEqual({ asked: 100, unanswered: 0, failed: 0 });
  });
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
