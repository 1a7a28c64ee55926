import { expect, it } from 'vitest';
import type { AskedAttempt } from '../../../src/probe/admission.ts';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import type { Permit } from '../../../src/resilience/chat-servers/chat-server.ts';
import { Waiter } from '../../../src/resilience/chat-servers/wait-queue.ts';

const ASKED: AskedAttempt = { n: 1, confirms: false, probeStartedAtMs: 0, lastMomentAtMs: 6_000, deadlineAtMs: 8_000 };
const SEND: Permit = { kind: 'send', role: 'free', admittedAtMs: 0 };
const ANSWERS: readonly Permit[] = [
  { kind: 'answer', reason: 'chat_server_not_found', servedBy: 'canary' },
  { kind: 'answer', reason: 'deadline', servedBy: 'none' },
];

/** A wait, and what was told of it. `begins`: somebody waits already when it ends. */
function rig(begins: boolean) {
  const told: string[] = [];
  const untold: (() => void)[] = [];
  const wait = new Waiter(ASKED, {
    answered: (tell) => untold.push(tell),
    left: (gone) => told.push(gone === wait ? 'left' : 'another left'),
    parked: (by) => told.push(`parked ${by}`),
  });
  const controller = createCancelController();
  const outcome = () => wait.outcome(controller.signal);
  return { wait, told, untold, controller, outcome, begun: begins ? outcome() : null };
}

it('is over once it has ended, before anybody waits for it', () => {
  const { wait } = rig(false);
  expect(wait.isOver).toBe(false);
  wait.end(SEND);
  expect(wait.isOver).toBe(true);
});

it('that has ended before it is asked about is none: the outcome comes at once, and nobody was parked', () => {
  const { wait, told, outcome } = rig(false);
  wait.end(SEND);
  expect(outcome()).toBe(SEND);
  expect(told).toEqual([]);
});

it('begins where it is asked about, and ends once, with what it is ended with', async () => {
  const { wait, told, begun } = rig(true);
  expect(told).toEqual(['parked 1']);
  wait.end(SEND);
  expect(await begun).toBe(SEND);
  expect(told).toEqual(['parked 1', 'parked -1']);
});

it('that ends with an answer is told in its turn, or as soon as whoever waits has gone', async () => {
  for (const goesAway of [false, true]) {
    const { wait, untold, told, controller, begun } = rig(true);
    const heard: unknown[] = [];
    void Promise.resolve(begun).then((pass) => heard.push(pass));
    wait.end(ANSWERS[0] ?? SEND);
    await Promise.resolve();
    expect([wait.isOver, heard, told]).toEqual([true, [], ['parked 1', 'parked -1']]);
    if (goesAway) controller.abort();
    else untold[0]?.();
    expect(await begun).toBe(ANSWERS[0]);
    expect(told).not.toContain('left');
  }
});

it('tells that whoever waits has gone, but not once it has ended', () => {
  const gone = rig(true);
  gone.controller.abort();
  expect(gone.told).toEqual(['parked 1', 'left']);
  const ended = rig(true);
  ended.wait.end(SEND);
  ended.controller.abort();
  expect(ended.told).not.toContain('left');
});
