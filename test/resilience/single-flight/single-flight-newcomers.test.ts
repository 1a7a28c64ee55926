import { expect, it } from 'vitest';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { NO_FLEET } from '../../../src/resilience/fleet.ts';
import { BUILT_IN_OUTAGE } from '../../../src/resilience/settings.ts';
import { type Run, SingleFlight } from '../../../src/resilience/single-flight/single-flight.ts';
import { orderWith } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';

/** Asks about one chat by these names, `everyMs` apart; nobody is found out about. */
async function asked(names: readonly (string | null)[], everyMs: number) {
  const clock = createVirtualClock();
  const order = orderWith(scriptedAdapter(clock, []));
  const newcomers: string[] = [];
  const wereNew: boolean[] = [];
  const run: Run = async (_, _signal, { isNewcomer }) => {
    wereNew.push(isNewcomer);
    return null;
  };
  const flights = new SingleFlight({
    clock,
    settings: BUILT_IN_OUTAGE,
    run,
    newcomerMs: 30_000,
    newcomer: (chatServer) => newcomers.push(chatServer),
    fleet: NO_FLEET,
    observe: () => undefined,
  });
  for (const chatServer of names) {
    await flights.ask({ ...order, chatServer }, createCancelController().signal);
    await clock.advance(everyMs);
  }
  return { newcomers, wereNew };
}

it('a chat is a newcomer of the first Chat Server that it is asked about by, for 30 s', async () => {
  expect(await asked(['A', 'A', 'B', 'A'], 10_000)).toEqual({ newcomers: ['A'], wereNew: [true, true, true, false] });
});

it('a chat that was asked about by type is new when it is asked about by name', async () => {
  expect(await asked([null, null, 'A', 'A'], 60_000)).toEqual({ newcomers: ['A'], wereNew: [true, true, true, false] });
});
