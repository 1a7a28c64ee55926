import { describe, expect, it } from 'vitest';
import { playProbes } from '../../lab/rehearsal/play-probes.ts';
import type { Rehearsal } from '../../lab/rehearsal/rehearsal.ts';
import { type RehearsalName, type RehearsalReport, rehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import type { Scenario } from '../../lab/simulator/scenario/scenario.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { calmScenario } from '../simulator/scenario/scenario-bench.ts';
import { RULES } from '../support/samples.ts';
import { TINY_LATENCY_MS, type TinyChat, type TinyServer, tinyWorld } from './tiny-world.ts';

const UP: TinyServer = { name: 'A', status: 'up', connected: true };
const DOWN: TinyServer = { name: 'B', status: 'down', connected: false };
const LIVING: TinyChat = { customer: 'present', session: 'running', host: 'A', name: 'A', says: 'delivered' };
const DEAD: TinyChat = { customer: 'gone', session: 'none', host: null, name: 'A', says: 'fault_100' };

const NAME: RehearsalName = {
  scenario: 'tiny',
  policy: 'inline',
  seed: 1,
  plain: true,
  noProbe: false,
  without: [],
  onChatServerDown: 'stop',
};

type Target = Scenario['target'];
type Chats = Readonly<Record<string, TinyChat>>;

const TARGET: Target = { ...RULES, confirmAfterMs: 1_000, ha: false, onChatServerDown: 'stop', requireDelivery: false };

function rehearsalWith(target: Partial<Target> = {}, events: Scenario['events'] = []): Rehearsal {
  const calm = calmScenario({ name: 'tiny', events, target: { ...TARGET, ...target } });
  const scenario = { ...calm, probes: { ...calm.probes, fromMs: 1_000, withinMs: 1_000 } };
  const policy = BUILT_IN_POLICIES.inline;
  return { scenario, chats: 0, policyName: 'inline', policy, seed: 1, plain: true };
}

async function judge(
  chats: Chats | ((nowMs: number) => Chats),
  rehearsal = rehearsalWith(),
  servers = [UP, DOWN],
): Promise<RehearsalReport> {
  const clock = createVirtualClock();
  const world = tinyWorld(clock, servers, typeof chats === 'function' ? chats : () => chats);
  return rehearsalReport(NAME, await playProbes(rehearsal, world, clock));
}

describe('the judge', () => {
  it('counts a living chat routed and a dead one stopped, and gives each one verdict', async () => {
    const report = await judge({ l1: LIVING, l2: LIVING, d1: DEAD });
    expect(report).toMatchObject({ chats: 3, living: { routed: 2, stopped: 0 }, dead: { routed: 0, stopped: 1 } });
    expect(report).toMatchObject({ livingStopped: [], ghostsRouted: [], unknown: 0, degraded: 0 });
    expect(report.reasons).toEqual([
      { reason: 'delivered', verdict: 'route', chats: 2 },
      { reason: 'session_not_found', verdict: 'stop', chats: 1 },
    ]);
  });

  it('counts and explains a living chat that was stopped: its name was stale', async () => {
    const report = await judge({
      l1: LIVING,
      moved: { ...LIVING, name: 'B', says: 'not_found' },
      m2: { ...LIVING, name: 'B', says: 'not_found' },
    });
    expect(report.living).toEqual({ routed: 1, stopped: 2 });
    expect(report.livingStopped).toEqual([{ reason: 'chat_server_not_found', chats: 2, rule: 'down_stop', cause: 'stale_name' }]);
  });

  it('tells a chat that moved while it was probed from one that had moved before', async () => {
    const moved: TinyChat = { ...LIVING, host: 'B', says: 'fault_100' };
    const report = await judge((nowMs) => ({ x: nowMs < 2_500 ? { ...LIVING, says: 'fault_100' } : moved }), rehearsalWith({ ha: true }));
    expect(report.livingStopped).toEqual([{ reason: 'session_not_found', chats: 1, rule: 'last_not_found', cause: 'moved_meanwhile' }]);
  });

  it('explains by a restorable session, by a missing connection, and by a misconfigured target', async () => {
    const waiting: TinyChat = { ...LIVING, session: 'restorable', host: 'B', name: 'B', says: 'not_found' };
    const cut: TinyChat = { ...LIVING, host: 'B', name: 'B', says: 'not_found' };
    const causes = async (chat: TinyChat, rehearsal = rehearsalWith()) =>
      (await judge({ chat }, rehearsal)).livingStopped.map(({ cause }) => cause);
    expect(await causes(waiting)).toEqual(['client_on_its_way']);
    expect(await causes(cut)).toEqual(['not_connected']);
    const wrong: TinyChat = { ...LIVING, says: 'fault_100' };
    expect(await causes(wrong, rehearsalWith({}, [{ atMs: 0, misconfigure: 'session_not_found' }]))).toEqual(['misconfigured']);
    expect(await causes(wrong)).toEqual(['unexplained']);
  });

  it('counts a dead chat that was routed as a ghost, by its reason', async () => {
    const report = await judge(
      { d1: { ...DEAD, says: 'silence' }, d2: { ...DEAD, name: 'B', says: 'not_found' } },
      rehearsalWith({ onChatServerDown: 'route' }),
    );
    expect(report.dead).toEqual({ routed: 2, stopped: 0 });
    expect(report.ghostsRouted).toEqual([
      { reason: 'chat_server_not_found', chats: 1 },
      { reason: 'timeout', chats: 1 },
    ]);
    expect(report).toMatchObject({ unknown: 1, degraded: 2 });
  });

  it('judges by what is true at the verdict, not when the probe began', async () => {
    // The probe begins before 2,000 ms; its last attempt is more than three seconds later.
    const waiting: TinyChat = { ...LIVING, session: 'restorable', name: 'B', says: 'not_found' };
    const given: TinyChat = { ...DEAD, name: 'B', says: 'not_found' };
    expect(await judge((nowMs) => ({ x: nowMs < 2_500 ? waiting : given }), rehearsalWith({ ha: true }))).toMatchObject({
      living: { routed: 0, stopped: 0 },
      dead: { routed: 0, stopped: 1 },
    });
  });

  it('stops a chat that is not online without sending', async () => {
    const report = await judge({ closed: { ...DEAD, isOnline: '0' } });
    expect(report).toMatchObject({ dead: { stopped: 1 }, messages: { sent: 0, delivered: 0, toServerDown: 0, peakPerSecond: 0 } });
    expect(report.reasons).toEqual([{ reason: 'session_offline', verdict: 'stop', chats: 1 }]);
  });

  it('asks by type where the user data names no Chat Server, and explains a stop by another server', async () => {
    const report = await judge({ x: { ...LIVING, name: null, says: 'fault_100' } }, rehearsalWith({ singleChatServer: true }), [
      UP,
      { ...DOWN, connected: true },
    ]);
    expect(report.livingStopped).toEqual([{ reason: 'session_not_found', chats: 1, rule: 'only_chat_server', cause: 'asked_elsewhere' }]);
  });

  it('counts messages: sent, delivered, and sent to a server while it was down', async () => {
    const report = await judge({ l1: LIVING, l2: LIVING, stranded: { ...DEAD, name: 'B', says: 'not_found' } });
    // Two delivered at once, and three attempts at a server that is down.
    expect(report.messages).toMatchObject({ sent: 5, delivered: 2, toServerDown: 3 });
  });

  it('tells how long the verdicts took', async () => {
    const report = await judge({ l1: LIVING, l2: LIVING, l3: LIVING, stranded: { ...DEAD, name: 'B', says: 'silence' } });
    const { pauseMs, jitter, attempts, attemptTimeoutMs } = BUILT_IN_POLICIES.inline;
    expect(report.verdictMs.p50).toBe(TINY_LATENCY_MS);
    expect(report.verdictMs.max).toBe(report.verdictMs.p99);
    expect(report.verdictMs.max).toBeGreaterThan(attempts * attemptTimeoutMs + (attempts - 1) * pauseMs * (1 - jitter) - 1);
    expect(report.verdictMs.max).toBeLessThan(attempts * attemptTimeoutMs + (attempts - 1) * pauseMs + 1);
  });

  it('probes each chat in the window of the scenario, at moments that the seed decides', async () => {
    const chats = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`chat-${n}`, LIVING]));
    const asked = async (seed: number) => {
      const clock = createVirtualClock();
      const { sends } = await playProbes(
        { ...rehearsalWith(), seed },
        tinyWorld(clock, [UP], () => chats),
        clock,
      );
      return sends.map(({ atMs }) => atMs);
    };
    const moments = await asked(1);
    expect(moments).toHaveLength(200);
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...moments)).toBeLessThan(2_000);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    expect(moments).toEqual(await asked(1));
    expect(moments).not.toEqual(await asked(2));
  });

  it('does not go on with a world that forgets a chat', async () => {
    await expect(judge((nowMs) => (nowMs === 0 ? { x: LIVING } : {}))).rejects.toThrow('the world has lost track of x');
  });
});
