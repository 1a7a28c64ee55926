import type { Clock } from '../../probe/clock.ts';
import { wait } from '../../probe/clock.ts';
import type { Check } from '../check.ts';
import { allOf, broken, KEPT } from '../check.ts';
import { inWords } from '../esp-answer.ts';
import { expectNotFound } from '../expectations.ts';

const NEVER = new AbortController().signal;
const DRIPS = 10;
const BETWEEN_DRIPS_MS = 50;

export const KEEP_ALIVE: Check = {
  id: 'keep-alive',
  title: 'a connection serves a second message',
  promise: 'A connection is kept after an answer: the service sends its next message on it.',
  source: 'RFC 9112 §9.3',
  needs: ['dead'],
  async run(site) {
    const exchanges = await site.postInTurn([site.messageToDead(), site.messageToDead()]);
    const answered = allOf(exchanges.map(expectNotFound));
    if (!answered.kept || exchanges[1]?.isFirstUse !== true) return answered;
    return broken('the connection was closed after the first answer', ...exchanges);
  },
};

export function slowClient(clock: Clock): Check {
  return {
    id: 'slow-client',
    title: 'a message that comes in drips is answered',
    promise: 'A message counts when it has come whole, however it was cut up on its way.',
    source: 'RFC 9112 §6.2',
    needs: ['dead'],
    async run(site) {
      const before = (): Promise<void> => wait(clock, BETWEEN_DRIPS_MS, NEVER);
      return expectNotFound(await site.post(site.messageToDead(), { pace: { pieces: DRIPS, before } }));
    },
  };
}

/** The slow message waits half way until the other one has its answer, so that a gateway with one pair of hands shows. */
export const SLOW_CLIENT_ALONE: Check = {
  id: 'slow-client-alone',
  title: 'a slow message holds up no other',
  promise: 'Messages are answered side by side: one that is slow to come must not use up the time of another.',
  source: 'contract §5, X-Deadline-Ms',
  needs: ['dead'],
  async run(site) {
    const halfWay = gate();
    const otherAnswered = gate();
    const before = (piece: number): Promise<void> => {
      if (piece === 0) return Promise.resolve();
      halfWay.open();
      return otherAnswered.opened;
    };
    const slow = site.post(site.messageToDead(), { pace: { pieces: 2, before } });
    await Promise.race([halfWay.opened, slow]);
    const other = await site.post(site.messageToDead());
    otherAnswered.open();
    await slow;
    return expectNotFound(other).kept ? KEPT : broken(`a message that was sent while another was on its way: ${inWords(other)}`, other);
  },
};

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
