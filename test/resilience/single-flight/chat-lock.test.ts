import { describe, expect, it } from 'vitest';
import { type CancelController, createCancelController } from '../../../src/probe/cancel-signal.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { type ChatLock, createChatLock, NO_LOCK } from '../../../src/resilience/single-flight/chat-lock.ts';
import { createChats } from '../../../src/resilience/single-flight/chats.ts';
import { watchedSignal } from './single-flight-rig.ts';

/** So many runs to one chat. */
function traffic(runs: number) {
  const clock = createVirtualClock();
  const chat = createChats(1_000, 10).get('A', 0);
  const limits = { messageLimit: 10, messageWindowMs: 1_000, reuseAliveMs: 2_000 };
  const list = Array.from({ length: runs }, (): ChatLock => createChatLock(clock, limits, chat, 30_000));
  const log: string[] = [];
  return {
    clock,
    chat,
    list,
    log,
    /** Claims and tells what came of it; the answer is there at once or in the log later. */
    claim(run: number, untilMs = 10_000, controller: CancelController = createCancelController()) {
      const claimed = list[run]?.acquire(untilMs, controller.signal);
      if (claimed instanceof Promise) void claimed.then((is) => log.push(`${run} ${is} at ${clock.nowMs()}`));
      else log.push(`${run} ${claimed}`);
      return controller;
    },
  };
}

describe('the right to send to a chat', () => {
  it('is there at once where no message is in flight, and again after that', () => {
    const { claim, list, log, clock } = traffic(2);
    claim(0);
    list[0]?.release();
    claim(1);
    expect([log, clock.pending()]).toEqual([['0 true', '1 true'], 0]);
  });

  it('goes to those who wait in the order in which they came', async () => {
    const { claim, list, log, clock, chat } = traffic(4);
    for (const run of [0, 2, 1, 3]) claim(run);
    for (const run of [0, 2, 1, 3]) {
      await clock.advance(10);
      list[run]?.release();
    }
    await clock.advance(0);
    expect(log).toEqual(['0 true', '2 true at 10', '1 true at 20', '3 true at 30']);
    expect([chat.sender, chat.claims, clock.pending()]).toEqual([null, null, 0]);
  });

  it('cannot be taken by one who comes while it is handed on', async () => {
    const { claim, list, log, clock } = traffic(3);
    claim(0);
    claim(1);
    list[0]?.release();
    claim(2);
    await clock.advance(0);
    expect(log).toEqual(['0 true', '1 true at 0']);
  });

  it('is not waited for beyond the given moment', async () => {
    const { claim, list, log, clock } = traffic(3);
    claim(0);
    await clock.advance(5);
    claim(1, 30);
    claim(2);
    await clock.advance(24);
    expect(log).toEqual(['0 true']);
    await clock.advance(1);
    list[0]?.release();
    await clock.advance(0);
    expect([log, clock.pending()]).toEqual([['0 true', '1 false at 30', '2 true at 30'], 0]);
  });

  it('is not waited for after an abort, nor taken after one', async () => {
    const { claim, list, log, clock, chat } = traffic(2);
    const gone = createCancelController();
    gone.abort();
    claim(1, 10_000, gone);
    claim(0);
    const waiting = claim(1);
    await clock.advance(5);
    waiting.abort();
    await clock.advance(0);
    expect([log, chat.claims, clock.pending()]).toEqual([['1 false', '0 true', '1 false at 5'], null, 0]);
    list[0]?.release();
    expect(chat.sender).toBeNull();
  });

  it('stays with who got it, whatever comes of their signal', async () => {
    const { claim, list, log, clock } = traffic(3);
    claim(0);
    const second = claim(1);
    claim(2);
    list[0]?.release();
    second.abort();
    await clock.advance(20_000 - 10_001);
    expect(log).toEqual(['0 true', '1 true at 0']);
    list[1]?.release();
    await clock.advance(0);
    expect(log.at(-1)).toBe('2 true at 9999');
  });

  it('is not tied to the signal of who has it or has given up', async () => {
    const { claim, list, clock } = traffic(3);
    const { signal, listening } = watchedSignal();
    const controller: CancelController = { signal, abort: () => undefined };
    claim(0, 10_000, controller);
    claim(1, 10_000, controller);
    claim(2, 50, controller);
    expect(listening.size).toBe(2);
    list[0]?.release();
    await clock.advance(50);
    expect([listening.size, clock.pending()]).toEqual([0, 0]);
  });

  it('can only be given back by who has it', () => {
    const { claim, list, log, chat } = traffic(2);
    claim(0);
    list[1]?.release();
    expect(chat.sender).toBe(list[0]);
    list[0]?.release();
    list[0]?.release();
    claim(1);
    list[0]?.release();
    expect([chat.sender, log]).toEqual([list[1], ['0 true', '1 true']]);
  });
});

it('a run that is to send nothing gets no right to, whatever it tells', () => {
  NO_LOCK.gotMessage();
  NO_LOCK.release();
  expect(NO_LOCK.acquire(1_000, createCancelController().signal)).toBe(false);
  expect(NO_LOCK.mayGetMessage()).toBe(false);
});
