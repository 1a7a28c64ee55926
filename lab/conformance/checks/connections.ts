import { type Clock, wait } from '../../../src/probe/clock.ts';
import { allOf, broken, type Check, PASSED } from '../check.ts';
import { inWords } from '../esp-answer.ts';
import { expectNotFound } from '../expectations.ts';
import { gate } from '../gate.ts';

const NEVER = new AbortController().signal;
const DRIPS = 10;
const BETWEEN_DRIPS_MS = 50;
const HEAD_START_MS = 50;

export const KEEP_ALIVE: Check = {
  id: 'keep-alive',
  title: 'a connection serves a second message',
  promise: 'A connection is kept after an answer: the service sends its next message on it.',
  source: 'RFC 9112, section 9.3',
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
    source: 'RFC 9112, section 6.2',
    needs: ['dead'],
    async run(site) {
      const before = (): Promise<void> => wait(clock, BETWEEN_DRIPS_MS, NEVER);
      return expectNotFound(await site.post(site.messageToDead(), { pace: { pieces: DRIPS, before } }));
    },
  };
}

/** The slow message waits half way until the other one has its answer, so that a gateway with one pair of hands shows. */
export function slowClientAlone(clock: Clock): Check {
  return {
    id: 'slow-client-alone',
    title: 'a slow message holds up no other',
    promise: 'Messages are answered side by side: one that is slow to come must not use up the time of another.',
    source: 'docs/gateway.md, "Limits and connections"',
    needs: ['dead'],
    async run(site) {
      const halfWay = gate();
      const otherAnswered = gate();
      const before = async (piece: number): Promise<void> => {
        if (piece === 0) return;
        // The first half has left us; now the gateway shall see it before it sees the other message.
        await wait(clock, HEAD_START_MS, NEVER);
        halfWay.open();
        await otherAnswered.opened;
      };
      let isSlowGivenUp = false;
      const slow = site.post(site.messageToDead(), { pace: { pieces: 2, before } }).then((exchange) => {
        isSlowGivenUp = exchange.kind === 'broken' && exchange.how === 'silent';
      });
      await Promise.race([halfWay.opened, slow]);
      const other = await site.post(site.messageToDead());
      // An answer that came once the slow one was given up was held up by it all the same.
      const heldUp = isSlowGivenUp ? 'no answer until the slow one was given up' : null;
      otherAnswered.open();
      await slow;
      if (heldUp === null && expectNotFound(other).kept) return PASSED;
      return broken(`a message that was sent while another was on its way: ${heldUp ?? inWords(other)}`, other);
    },
  };
}
