import { type Clock, wait } from '../../../src/probe/clock.ts';
import { type Check, expecting, type Finding } from '../check.ts';
import type { Exchange } from '../exchange.ts';
import { expectNotFound, isRefusal } from '../expectations.ts';

const PROMISE = 'X-Deadline-Ms tells the milliseconds left of this attempt; after it the gateway must not send.';
const SOURCE = 'docs/gateway.md, "A message"';
const NEVER = new AbortController().signal;

/** Left when the head of the message goes out, and how long its end is kept back. */
const SHORT_DEADLINE_MS = 100;
const LATE_BY_MS = 600;

export const DEADLINE_OVER: Check = {
  id: 'deadline-over',
  title: 'a message with no time left is not sent',
  promise: PROMISE,
  source: SOURCE,
  needs: ['dead'],
  run: async (site) => expectNotSent(await site.post(site.messageToDead(), { deadlineMs: 0 })),
};

export function deadlineLateBody(clock: Clock): Check {
  return {
    id: 'deadline-late-body',
    title: 'a message whose time runs out while it comes in is not sent',
    promise: PROMISE,
    source: SOURCE,
    needs: ['dead'],
    async run(site) {
      const before = (piece: number): Promise<void> => wait(clock, piece === 0 ? 0 : LATE_BY_MS, NEVER);
      return expectNotSent(await site.post(site.messageToDead(), { deadlineMs: SHORT_DEADLINE_MS, pace: { pieces: 2, before } }));
    },
  };
}

export const DEADLINE_ABSENT: Check = {
  id: 'deadline-absent',
  title: 'a message without X-Deadline-Ms is sent',
  promise: 'A message without X-Deadline-Ms has no deadline.',
  source: SOURCE,
  needs: ['dead'],
  run: async (site) => expectNotFound(await site.post(site.messageToDead(), { deadlineMs: null })),
};

/** A reply of any kind would mean that the message was sent. */
function expectNotSent(exchange: Exchange): Finding {
  const status = exchange.kind === 'answered' ? exchange.status : 0;
  return expecting('an error such as 504, since the deadline was over', exchange, status >= 500 || status === 408 || isRefusal(exchange));
}
