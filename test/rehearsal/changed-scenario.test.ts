import { expect, it } from 'vitest';
import { changedScenario, chatsOf } from '../../lab/rehearsal/changed-scenario.ts';
import { calmScenario } from '../simulator/scenario/scenario-bench.ts';

const CALM = calmScenario();

it('changes what the command line says, and nothing else', () => {
  expect(changedScenario(CALM, {})).toEqual({ ok: true, scenario: CALM });
  expect(
    changedScenario(CALM, { ha: false, onChatServerDown: 'stop', arrivePerSecond: 2, queueMs: 0, leaveShare: 0.5, again: 'all' }),
  ).toEqual({
    ok: true,
    scenario: {
      ...CALM,
      target: { ...CALM.target, ha: false, onChatServerDown: 'stop' },
      clients: { ...CALM.clients, leaveShare: 0.5 },
      chats: { ...CALM.chats, arrivePerSecond: 2, queueMs: 0 },
      agents: { ...CALM.agents, again: 'all' },
    },
  });
});

it('refuses a queue for chats that are there from the start', () => {
  const refused = changedScenario(CALM, { queueMs: 0 });
  expect(refused).toEqual({ ok: false, problem: expect.stringContaining('--queue-ms is for chats that arrive: those of calm') });
});

it('has 10,000 chats or, where they arrive, as many as do in the time of the scenario', () => {
  const arriving = (arrivePerSecond: number, arriveForMs = 10_000) =>
    chatsOf(calmScenario({ chats: { ...CALM.chats, arrivePerSecond, arriveForMs } }));
  expect(chatsOf(CALM)).toBe(10_000);
  expect(arriving(2.5)).toBe(25);
  expect(arriving(0.001)).toBe(1);
  expect(arriving(10_000, 86_400_000)).toBe(100_000);
});
