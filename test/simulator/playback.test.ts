import { describe, expect, it } from 'vitest';
import { DEMO_CHATS } from '../../lab/simulator/demo-world.ts';
import type { PlayOrder } from '../../lab/simulator/play-order.ts';
import { createPlayback } from '../../lab/simulator/playback.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { CALM, LIBRARY } from '../support/control-bench.ts';

const AS_IT_IS: PlayOrder = { scenario: null, seed: null, chats: null };

function bench() {
  const clock = createVirtualClock();
  return { clock, stage: createPlayback(clock, LIBRARY) };
}

describe('createStage', () => {
  it('plays the demo world at first', () => {
    const { stage } = bench();
    expect(stage.playing()).toEqual({ name: 'demo', seed: 1, chats: 4, scenario: null });
    expect([...stage.world.sessions()].map(({ id }) => id).sort()).toEqual(
      Object.values(DEMO_CHATS)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('plays a scenario with its own seed and 100 chats, from its beginning', async () => {
    const { clock, stage } = bench();
    await clock.advance(500);
    expect(stage.play({ ...AS_IT_IS, scenario: 'calm' })).toEqual({ ok: true });
    expect(stage.playing()).toMatchObject({ name: 'calm', seed: 7, chats: 100 });
    expect([stage.world.nowMs(), [...stage.world.sessions()].length]).toEqual([0, 100]);
  });

  it('lets the world be looked at, asked and steered in place of whichever is played', async () => {
    const { clock, stage } = bench();
    const { world } = stage;
    stage.play({ scenario: 'calm', seed: null, chats: 2 });
    expect(world.chatServers().map(({ name }) => name)).toEqual(['A', 'B']);
    expect(world.health()).toBe('connected');
    expect(world.truth('chat-000002')).toMatchObject({ customer: 'present' });
    world.control.crash('A');
    expect(world.session('chat-000001')).toMatchObject({ status: 'interrupted' });
    stage.play(AS_IT_IS);
    expect(world.session('chat-000001')).toMatchObject({ status: 'live' });
    const userData = { Id: 'chat-000001' };
    const request = { referenceId: 1, appName: 'A', messageText: 'm', messageType: null, visibility: 'VIP', userData } as const;
    const answer = await clock.drive(world.ask(request, 1_000, new AbortController().signal));
    expect(answer).toMatchObject({ kind: 'reply', reply: { kind: 'response' } });
  });

  it('begins anew with what is not ordered otherwise as it was', () => {
    const { stage } = bench();
    stage.play({ scenario: 'calm', seed: 3, chats: 5 });
    stage.play(AS_IT_IS);
    expect(stage.playing()).toMatchObject({ name: 'calm', seed: 3, chats: 5 });
    stage.play({ ...AS_IT_IS, seed: 4 });
    expect(stage.playing()).toMatchObject({ name: 'calm', seed: 4, chats: 5 });
    stage.play({ ...AS_IT_IS, scenario: 'calm' });
    expect(stage.playing()).toMatchObject({ name: 'calm', seed: 7, chats: 100 });
  });

  it('begins anew with what the file says by now, and with its seed unless another was given', () => {
    const files = { calm: CALM };
    const stage = createPlayback(createVirtualClock(), { names: ['calm'], text: () => files.calm });
    stage.play({ scenario: 'calm', seed: null, chats: 5 });
    files.calm = CALM.replace('[A, B]', '[A, B, C]').replace('seed: 7', 'seed: 8');
    stage.play(AS_IT_IS);
    expect(stage.playing()).toMatchObject({ seed: 8, chats: 5, scenario: { chatServers: ['A', 'B', 'C'] } });
    stage.play({ ...AS_IT_IS, seed: 3 });
    files.calm = CALM;
    stage.play(AS_IT_IS);
    expect(stage.playing()).toMatchObject({ seed: 3, scenario: { chatServers: ['A', 'B'] } });
  });

  it('plays on where the file has gone or got mistakes since, and says so', () => {
    const files: { calm: string | null } = { calm: CALM };
    const stage = createPlayback(createVirtualClock(), { names: ['calm'], text: () => files.calm });
    stage.play({ scenario: 'calm', seed: null, chats: 5 });
    files.calm = null;
    expect(stage.play(AS_IT_IS)).toEqual({ ok: false, problems: [{ field: 'scenario', problem: 'calm.yaml: cannot be read' }] });
    files.calm = CALM.replace('name: calm', 'name: stormy');
    const renamed = 'calm.yaml: name: is stormy, but the file is calm.yaml';
    expect(stage.play(AS_IT_IS)).toEqual({ ok: false, problems: [{ field: 'scenario', problem: renamed }] });
    expect(stage.playing()).toMatchObject({ name: 'calm', chats: 5 });
  });

  it('goes back to the demo world by its name', () => {
    const { stage } = bench();
    stage.play({ scenario: 'calm', seed: 3, chats: 5 });
    stage.play({ ...AS_IT_IS, scenario: 'demo' });
    expect(stage.playing()).toMatchObject({ name: 'demo', seed: 1, chats: 4 });
  });

  it.each([
    ['an unknown scenario', { ...AS_IT_IS, scenario: 'nope' }, 'scenario', 'must be one of demo, broken, calm'],
    ['a scenario with mistakes', { ...AS_IT_IS, scenario: 'broken' }, 'scenario', expect.stringMatching(/^broken\.yaml: /)],
    ['chats for the demo world', { ...AS_IT_IS, scenario: 'demo', chats: 5 }, 'chats', expect.stringMatching(/demo world/)],
  ])('refuses %s and plays on', (_what, order, field, problem) => {
    const { stage } = bench();
    stage.play({ scenario: 'calm', seed: null, chats: 1 });
    stage.world.control.crash('A');
    const ordered = stage.play(order);
    expect(ordered.ok ? [] : ordered.problems).toContainEqual({ field, problem });
    expect(stage.playing().name).toBe('calm');
    expect(stage.world.chatServers()[0]?.status).toBe('down');
  });

  it('knows one demo only, even if a file has its name', () => {
    const stage = createPlayback(createVirtualClock(), { names: ['demo', 'x'], text: () => null });
    expect(stage.names).toEqual(['demo', 'x']);
  });
});
