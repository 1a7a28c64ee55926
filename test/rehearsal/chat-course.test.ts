import { describe, expect, it } from 'vitest';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { calmScenario, type ScenarioChanges } from '../simulator/scenario/scenario-bench.ts';

const AGENTS = { handleMs: 60_000, returnMs: 5_000, forMs: 3_600_000 } as const;
const STALE = { onlineShare: 1, staleShare: 1 } as const;
const { inline } = BUILT_IN_POLICIES;

function played(changes: ScenarioChanges, chats = 10, mode: { plain?: boolean; noProbe?: boolean } = {}): Promise<RehearsalReport> {
  const scenario = calmScenario({ ...changes, target: { ...calmScenario().target, ...changes.target, requireDelivery: false } });
  return rehearse({ scenario, chats, policyName: 'inline', policy: inline, plain: false, seed: 1, ...mode });
}

describe('a chat whose customer is gone', () => {
  it('visits an agent every 65 s for an hour where nobody finds out', async () => {
    const { asked, chats, agents } = await played({ chats: STALE, agents: { ...AGENTS, again: 'ghosts' } }, 10, { noProbe: true });
    expect(chats).toBe(10);
    expect(asked).toBe(560);
    expect(agents).toEqual({ ghostVisits: 560, ofServerDown: 0, minutesLost: 560 });
  });

  it('visits nobody any more once it was stopped', async () => {
    const report = await played({ chats: STALE, agents: { ...AGENTS, again: 'ghosts' } }, 10, { plain: true });
    expect(report).toMatchObject({ asked: 10, agents: { ghostVisits: 0 }, chatsBy: { ghosts: 10, ghostsStopped: 10 } });
  });

  it('visits one agent where the scenario lets nobody come back', async () => {
    expect(await played({ chats: STALE }, 10, { noProbe: true })).toMatchObject({ asked: 10, agents: { ghostVisits: 10 } });
  });

  it('comes back when the agent is done who had it when it broke, and then for an hour', async () => {
    const changes: ScenarioChanges = {
      clients: { leaveShare: 1 },
      events: [{ atMs: 600_000, crash: 'A' }],
      agents: { ...AGENTS, again: 'ghosts' },
    };
    const report = await played(changes, 10, { noProbe: true });
    // Five chats of A; those of B are asked about once.
    expect(report).toMatchObject({ living: { routed: 10 }, agents: { ghostVisits: 280, ofServerDown: 280, minutesLost: 280 } });
  });

  it('costs the minutes that an agent needs', async () => {
    const { agents } = await played({ chats: STALE, agents: { ...AGENTS, again: 'ghosts', handleMs: 30_000, forMs: 70_000 } }, 10, {
      noProbe: true,
    });
    expect(agents).toEqual({ ghostVisits: 20, ofServerDown: 0, minutesLost: 10 });
  });
});

describe('a chat that lives', () => {
  it('is asked about again in the same rhythm where all come back', async () => {
    const agents = { ...AGENTS, again: 'all', forMs: 200_000 } as const;
    expect(await played({ agents }, 10, { plain: true })).toMatchObject({
      asked: 40,
      chats: 10,
      living: { routed: 40 },
      agents: { ghostVisits: 0 },
    });
  });

  it('is asked about once where ghosts come back', async () => {
    expect(await played({ agents: { ...AGENTS, again: 'ghosts' } }, 10, { plain: true })).toMatchObject({ asked: 10 });
  });
});

describe('chats that arrive', () => {
  const arriving: ScenarioChanges = { chats: { arrivePerSecond: 1, queueMs: 20_000 }, latencyMs: { least: 0, most: 0 } };

  it('are first asked about within the time of the queue', async () => {
    const report = await played(arriving, 200, { plain: true });
    expect(report).toMatchObject({ asked: 200, chats: 200, living: { routed: 200 } });
  });

  it('are not asked about if they never came to be', async () => {
    const limits = ['A', 'B'].map((limit) => ({ atMs: 0, limit, maxSessions: 5 }));
    expect(await played({ ...arriving, events: limits }, 50, { plain: true })).toMatchObject({ asked: 10, chats: 10 });
  });
});

describe('callers', () => {
  const probes = { ...calmScenario().probes, withinMs: 10_000 };

  it('ask twice, and the second question brings no second visit', async () => {
    const report = await played({ chats: STALE, probes: { ...probes, doubledShare: 1, doubledWithinMs: 100 } }, 20, { noProbe: true });
    expect(report).toMatchObject({ asked: 40, chats: 20, dead: { routed: 40 }, agents: { ghostVisits: 20 } });
  });

  it('share one run where they ask at the same time', async () => {
    const doubled = { ...probes, doubledShare: 1, doubledWithinMs: 5 };
    const report = await played({ latencyMs: { least: 50, most: 50 }, probes: doubled }, 20);
    expect(report.servedBy).toEqual([
      { servedBy: 'probe', chats: 20 },
      { servedBy: 'coalesced', chats: 20 },
    ]);
    expect(report.messages.sent).toBe(20);
  });

  it('that are deaf ask again although they were told to stop', async () => {
    const agents = { ...AGENTS, again: 'ghosts', forMs: 200_000 } as const;
    // The next question comes 65 s after an answer, which takes 6 s.
    const report = await played({ chats: STALE, agents, probes: { ...probes, deafShare: 1 } }, 10, { plain: true });
    expect(report).toMatchObject({ asked: 30, dead: { stopped: 30 }, agents: { ghostVisits: 0 } });
  });
});

describe('a process that stands still', () => {
  it('answers late, and by what came in meanwhile', async () => {
    const changes: ScenarioChanges = {
      latencyMs: { least: 500, most: 500 },
      probes: { ...calmScenario().probes, withinMs: 1 },
      service: { stalls: [{ atMs: 100, forMs: 9_000 }] },
    };
    const report = await played(changes, 10, { plain: true });
    expect(report).toMatchObject({ living: { routed: 10 }, unknown: 0, reasons: [{ reason: 'delivered' }], messages: { delivered: 10 } });
    expect(report.verdictMs.max).toBe(9_100);
  });
});
