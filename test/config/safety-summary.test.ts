import { expect, it } from 'vitest';
import { describeConfig } from '../../src/config/summary.ts';
import { configFrom, GATEWAY, withTarget } from './loading.ts';

const linesOf = (given: Readonly<Record<string, unknown>> = {}) => describeConfig(configFrom(withTarget({ ...GATEWAY, ...given })));

it('tells how a target guards itself by default', () => {
  expect(linesOf()).toEqual(
    expect.arrayContaining([
      'target default: every verdict is answered',
      'target default: stops are withheld after 10 bad first answers in a row, while their share of at least 50 verdicts in 60000 ms is over 0.5, and until a message was delivered',
      'target default: concurrent probes of one chat share one run; a chat found alive is not asked again for 2000 ms',
      'target default: at most 250 messages under way to one Chat Server; one that is down is asked by one probe every 500 ms, one that is back by up to 500 messages a second',
      'target default: the gateway is left alone after 20 failures in a row',
      'target default: retries over all probes: at most 0.2 for each first attempt, or 20 a second; messages to one chat: at most 10 in 600000 ms; stops of one interaction: at most 5 in 600000 ms',
      'target default: no control probes',
    ]),
  );
  expect(linesOf({ restoreWindowMs: 45_000 }).join('\n')).not.toContain('NOT');
});

it.each([
  [{ shadow: true, enforcePercent: 5 }, 'SHADOW MODE: every answer is route, the verdict is told beside it'],
  [{ enforcePercent: 12.5 }, 'PARTLY ENFORCED: 12.5 % of the interactions get their verdict, the others route'],
  [{ guard: { massStop: false } }, 'stops are NOT withheld however many there are, and until a message was delivered'],
  [
    { guard: { requireDelivery: false, share: 0.07 } },
    'stops are withheld after 10 bad first answers in a row, while their share of at least 50 verdicts in 60000 ms is over 0.07, but NOT until a message was delivered',
  ],
  [
    { outage: { holdWhileRestoring: false } },
    'stops are NOT withheld while sessions may still be restored elsewhere or new chats name their Chat Server',
  ],
  [{ outage: { coalesce: false, reuseAliveMs: 0 } }, 'concurrent probes of one chat run apart; a chat found alive is asked again'],
  [{ outage: { canary: false } }, 'at most 250 messages under way to one Chat Server; one that is down is asked by every probe'],
  [{ outage: { breaker: false } }, 'the gateway is asked however often it fails'],
  [
    { outage: { retryBudget: false, messageLimit: 0, stopsPerInteraction: 0 } },
    'retries over all probes: not limited; messages to one chat: not limited; stops of one interaction: not limited',
  ],
  [
    { controls: { intervalMs: 5_000, absent: { interactionId: 'never', chatServer: 'A "B"' }, live: { interactionId: 'alive' } } },
    'control probes every 5000 ms: never never existed (on "A \\"B\\""), alive is alive (asked by type)',
  ],
])('tells of %j', (given, line) => {
  expect(linesOf(given)).toContain(`target default: ${line}`);
  expect(linesOf()).not.toContain(`target default: ${line}`);
});
