import { describe, expect, it } from 'vitest';
import { beyondOne, fleetName } from '../../lab/rehearsal/fleet-report.ts';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { createRehearsedFleet, ONE_REPLICA, type RehearsedReplicas } from '../../lab/rehearsal/rehearsed-fleet.ts';
import type { RehearsedParts } from '../../lab/rehearsal/rehearsed-service.ts';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { wait } from '../../src/probe/clock.ts';
import { createReferenceIds } from '../../src/probe/probe-order.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { orderWith } from '../support/samples.ts';
import { type Answer, adapterThat, outcomeOf } from '../support/scripted-adapter.ts';

const SHARING: RehearsedReplicas = { ...ONE_REPLICA, replicas: 4, isShared: true };

/** Replicas whose chats on Chat Server A are answered so, half a second after they were asked. */
async function fleetRig(of: Partial<RehearsedReplicas>, answer: () => Answer) {
  const clock = createVirtualClock();
  const sentAtMs: number[] = [];
  const adapter = adapterThat(async (request, signal) => {
    sentAtMs.push(clock.nowMs());
    await wait(clock, 500, signal);
    return outcomeOf(signal.aborted ? 'silent' : answer(), request);
  });
  const { target } = orderWith(adapter, {}, { ha: true, onChatServerDown: 'auto' });
  const parts: RehearsedParts = {
    ...{ clock, target, requireDelivery: false, mode: 'watched', without: [], observe: () => undefined },
    ...{ random: () => 0, nextReferenceId: createReferenceIds(1) },
  };
  const fleet = await createRehearsedFleet(parts, { ...SHARING, ...of }, clock);
  const ask = (interactionId: string) =>
    fleet.ask(orderWith(adapter, { interactionId, chatServer: 'A', target }), createCancelController().signal);
  return { clock, fleet, sentAtMs, ask };
}

describe('a rehearsed fleet', () => {
  it('that shares nothing asks a chat again at the next replica, and by hash at the same', async () => {
    for (const [balancer, messages] of [
      ['round-robin', 4],
      ['hash', 1],
    ] as const) {
      const { clock, fleet, sentAtMs, ask } = await fleetRig({ isShared: false, balancer }, () => 'delivered');
      for (let asked = 0; asked < 4; asked += 1) await clock.drive(ask('one'));
      expect(sentAtMs, balancer).toHaveLength(messages);
      fleet.close();
    }
  });

  it('answers at the old replica what it was asked before its restart, and nothing after it', async () => {
    const { clock, fleet, ask } = await fleetRig({ restartAtMs: 1_000 }, () => 'delivered');
    await clock.advance(900);
    const before = Array.from({ length: 8 }, (_, n) => ask(`before ${n}`));
    await clock.advance(200);
    const after = Array.from({ length: 8 }, (_, n) => ask(`after ${n}`));
    const answers = await clock.drive(Promise.all([...before, ...after]));
    expect(answers.map((answer) => answer?.evidence)).toEqual(Array(16).fill('alive'));
    fleet.close();
  });

  it.each([
    ['that is replaced in an outage', { restartAtMs: 30_000 }],
    ['that is born in an outage', { bornAtMs: 30_000 }],
  ])('knows of the outage at a replica %s', async (_what, change) => {
    const asked = async (of: Partial<RehearsedReplicas>): Promise<number> => {
      const { clock, fleet, sentAtMs, ask } = await fleetRig(of, () => 'orphaned');
      await clock.advance(5_000);
      for (let n = 0; n < 4; n += 1) await clock.drive(ask(`ghost ${n}`));
      await clock.advance(60_000 - clock.nowMs());
      const before = sentAtMs.length;
      await clock.drive(Promise.all(Array.from({ length: 40 }, (_, n) => ask(`later ghost ${n}`))));
      fleet.close();
      return sentAtMs.length - before;
    };
    const canaries = await asked({});
    expect(await asked(change)).toBeLessThanOrEqual(canaries);
    // Else the figure would be small whatever is known.
    expect(await asked({ ...change, isShared: false })).toBeGreaterThan(canaries);
  });
});

describe('the table of a fleet', () => {
  it('names what a fleet is', () => {
    expect(fleetName(ONE_REPLICA)).toBe('1 replica');
    expect(fleetName({ ...SHARING, isShared: false })).toBe('4 alone');
    const all = { balancer: 'hash', storeDelayMs: 15, storeOutageMs: [1_000, 2_000], restartAtMs: 3_000, bornAtMs: 4_000 } as const;
    expect(fleetName({ ...SHARING, ...all })).toBe(
      '4 sharing, by hash, the store 15 ms away, the store lost 1s..2s, restarted from 3s on, one more born at 4s',
    );
  });

  it.each([
    ['a tenth more messages', { messages: 1_100 }, []],
    ['more than that', { messages: 1_101 }, ['messages: 1101, of one replica 1000']],
    ['ten more ghosts where there were few', { visits: 15 }, []],
    ['eleven more', { visits: 16 }, ['ghost visits: 16, of one replica 5']],
    ['one living chat stopped', { stopped: 1 }, ['living stopped: 1, of one replica 0']],
  ])('holds %s against one replica', (_what, changes, beyond) => {
    expect(beyondOne(reportWith({}), reportWith(changes))).toEqual(beyond);
  });
});

function reportWith({ stopped = 0, visits = 5, messages = 1_000 }): RehearsalReport {
  const report: Pick<RehearsalReport, 'living' | 'agents' | 'messages'> = {
    living: { routed: 0, stopped },
    agents: { ghostVisits: visits, minutesLost: 0, ofServerDown: 0 },
    messages: {
      ...{ sent: messages, delivered: 0, toServerDown: 0, doubled: 0, peakPerSecond: 0, peakUnderWay: 0 },
      ...{ peakToSuspect: 0, peakToRecovering: 0 },
    },
  };
  return report as RehearsalReport;
}
