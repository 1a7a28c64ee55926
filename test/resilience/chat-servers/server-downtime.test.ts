import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../src/probe/reasons.ts';
import type { TargetRules } from '../../../src/probe/target.ts';
import { unsettledMs } from '../../../src/resilience/chat-servers/liveness.ts';
import type { OutageSettings } from '../../../src/resilience/settings.ts';
import { attemptWith, RULES } from '../../support/samples.ts';
import { type DeskRig, serversRig, words } from './chat-servers-rig.ts';

/** With its lag it takes a second until a Chat Server is known to be down. */
const WINDOW = { restoreWindowMs: 900 };

interface DownRig extends DeskRig {
  /** What an answer tells of A, to a message that was admitted now. */
  hears(reason: Reason | null, admittedAtMs?: number): void;
  /** Another Chat Server gives a sign of life. */
  lives(chatServer?: string | null): void;
}

/**
 * A has been found down at 20, and no new chat ever named it: more went elsewhere than a living one would miss.
 * B was alive at 10.
 */
async function downRig(settings: Partial<OutageSettings> = {}, rules: Partial<TargetRules> = {}): Promise<DownRig> {
  const rig = serversRig(settings, { ...WINDOW, ...rules });
  const { clock, servers, ask } = rig;
  const told = (chatServer: string | null, reason: Reason | null, admittedAtMs: number): void => {
    const attempt = reason === null ? null : attemptWith({ reason });
    servers.use(chatServer).release({ kind: 'send', role: 'free', admittedAtMs }, attempt);
  };
  const hears: DownRig['hears'] = (reason, admittedAtMs = clock.nowMs()) => told('A', reason, admittedAtMs);
  const lives: DownRig['lives'] = (chatServer = 'B') => {
    ask({ chatServer }).came('delivered');
  };
  await clock.advance(10);
  lives();
  await clock.advance(10);
  ask().came('chat_server_not_found');
  for (let n = 0; n < 570; n += 1) servers.newcomer('B');
  return { ...rig, lives, hears };
}

/** Found down again at 800 and 1,020, by when it is known to be down for a probe that begins then. */
async function knownRig(settings: Partial<OutageSettings> = {}, rules: Partial<TargetRules> = {}): Promise<DownRig> {
  const rig = await downRig(settings, rules);
  await rig.clock.advance(780);
  rig.hears('chat_server_not_found');
  await rig.clock.advance(220);
  rig.hears('chat_server_not_found');
  return rig;
}

it('chats are unsettled for the restore window and 5 s, or a ninth of a window that is shorter than usual', () => {
  expect([45_000, 300_000, 900, 0].map((restoreWindowMs) => unsettledMs({ ...RULES, restoreWindowMs }))).toEqual([
    50_000, 305_000, 1_000, 0,
  ]);
});

describe('an orphan is held as restoring', () => {
  it('where its Chat Server was not found down, whatever else is known of it', async () => {
    const { servers } = await downRig();
    expect([servers.holdOf('B', 5_000, false), servers.holdOf('nobody', 5_000, false)]).toEqual(['restoring', 'restoring']);
  });

  it('until the restore window and its lag are over before the probe began', async () => {
    const { clock, servers, lives } = await downRig();
    await clock.advance(3_000);
    lives();
    expect([1_019, 1_020, 3_020].map((startedAtMs) => servers.holdOf('A', startedAtMs, false))).toEqual(['restoring', null, null]);
  });

  it('anew after each sign of life, of whatever kind, be it overtaken', async () => {
    for (const reason of ['delivered', 'session_not_found', 'session_may_have_moved', 'fault_unrecognised'] as const) {
      const { clock, servers, hears } = await downRig();
      await clock.advance(500);
      hears('chat_server_not_found');
      await clock.advance(500);
      expect(servers.holdOf('A', 1_020, false)).toBeNull();
      hears(reason, 519);
      expect([servers.holdOf('A', 2_019, false), servers.holdOf('A', 2_020, false)]).toEqual(['restoring', null]);
      hears(reason);
      expect(servers.holdOf('A', 9_999, false)).toBe('restoring');
      await clock.advance(1);
      hears('chat_server_not_found');
      expect([servers.holdOf('A', 2_020, false), servers.holdOf('A', 2_021, false)]).toEqual(['restoring', null]);
    }
  });

  it('by nothing else that came back from it', async () => {
    const { clock, servers, hears } = await downRig();
    await clock.advance(1_000);
    for (const reason of [null, 'timeout', 'error_unrecognised', 'gateway_error'] as const) hears(reason);
    expect(servers.holdOf('A', 1_020, false)).toBeNull();
  });

  it('where it was last found down more than 90 s ago, and anew when it is', async () => {
    const { clock, servers, lives, hears } = await downRig();
    await clock.advance(90_000);
    lives();
    expect(servers.holdOf('A', 90_020, false)).toBeNull();
    await clock.advance(1);
    expect(servers.holdOf('A', 90_021, false)).toBe('restoring');
    hears('chat_server_not_found');
    expect([servers.holdOf('A', 91_020, false), servers.holdOf('A', 91_021, false)]).toEqual(['restoring', null]);
  });

  it('no longer than once, where it is found down every 90 s', async () => {
    const { clock, servers, lives, hears } = await downRig();
    for (let n = 0; n < 20; n += 1) {
      await clock.advance(90_000);
      hears('chat_server_not_found');
    }
    lives();
    expect(servers.holdOf('A', 1_020, false)).toBeNull();
  });
});

describe('an orphan is held as out of sight', () => {
  it('where no other Chat Server gave a sign of life within 15 s', async () => {
    const { clock, servers } = await downRig();
    await clock.advance(14_990);
    expect(servers.holdOf('A', 5_000, false)).toBeNull();
    await clock.advance(1);
    expect(servers.holdOf('A', 5_000, false)).toBe('out_of_sight');
  });

  it('where the other was found down since', async () => {
    const { clock, servers, ask, lives } = await downRig();
    await clock.advance(1_000);
    ask({ chatServer: 'B' }).came('chat_server_not_found');
    expect(servers.holdOf('A', 1_020, false)).toBe('out_of_sight');
    lives('C');
    expect(servers.holdOf('A', 1_020, false)).toBeNull();
  });

  it('where only messages by type show that anything lives: it may be the very server that fell', async () => {
    const { clock, servers, lives } = await downRig();
    await clock.advance(20_000);
    lives(null);
    expect(servers.holdOf('A', 5_000, false)).toBe('out_of_sight');
    lives();
    expect(servers.holdOf('A', 5_000, false)).toBeNull();
  });

  it('where messages went by type: not found says that none at all is there', async () => {
    const { clock, servers, ask, lives } = await downRig();
    ask({ chatServer: null }).came('chat_server_not_found');
    await clock.advance(1_000);
    lives();
    expect([servers.holdOf(null, 1_019, false), servers.holdOf(null, 1_020, false)]).toEqual(['restoring', 'out_of_sight']);
  });

  it('where all Chat Servers were not found at once, however long', async () => {
    const { clock, servers, ask, hears } = await downRig();
    for (let n = 0; n < 20; n += 1) {
      for (const chatServer of ['B', 'C']) ask({ chatServer }).came('chat_server_not_found');
      await clock.advance(5_000);
      hears('chat_server_not_found');
    }
    const startedAtMs = clock.nowMs();
    expect(['A', 'B', 'C'].map((name) => servers.holdOf(name, startedAtMs, false))).toEqual([
      'out_of_sight',
      'out_of_sight',
      'out_of_sight',
    ]);
    expect(servers.use('A').downtime(startedAtMs).isKnown).toBe(false);
  });
});

describe('an orphan is held as still used', () => {
  it('while new chats go on naming its Chat Server', async () => {
    const { clock, servers, lives } = await downRig();
    await clock.advance(1_000);
    servers.newcomer('A');
    await clock.advance(30_000);
    lives();
    expect(servers.holdOf('A', 1_020, false)).toBe('still_used');
    for (let n = 0; n < 569; n += 1) servers.newcomer('B');
    expect(servers.holdOf('A', 1_020, false)).toBe('still_used');
    servers.newcomer('C');
    expect(servers.holdOf('A', 1_020, false)).toBeNull();
  });

  it('for two thirds of the window after the first of them, be it the first that was ever heard of it', async () => {
    const { clock, servers, ask } = serversRig({}, WINDOW);
    servers.newcomer('A');
    ask().came('chat_server_not_found');
    for (let n = 0; n < 570; n += 1) servers.newcomer('B');
    for (const [byMs, hold] of [
      [599, 'still_used'],
      [1, null],
    ] as const) {
      await clock.advance(byMs);
      ask({ chatServer: 'B' }).came('delivered');
      expect(servers.holdOf('A', 20_000, false)).toBe(hold);
    }
  });

  it('by the share of new chats that it had when it fell', async () => {
    const { clock, servers, hears, lives } = await downRig();
    await clock.advance(1);
    hears('delivered');
    for (let n = 0; n < 500; n += 1) for (const name of ['A', 'B']) servers.newcomer(name);
    await clock.advance(1);
    hears('chat_server_not_found');
    await clock.advance(30_000);
    lives();
    // Of 1,570 it had 500: 0.29 at least.
    for (let n = 0; n < 32; n += 1) servers.newcomer('B');
    expect(servers.holdOf('A', 20_000, false)).toBe('still_used');
    // That it is found down again changes nothing.
    hears('chat_server_not_found');
    servers.newcomer('B');
    expect(servers.holdOf('A', 20_000, false)).toBeNull();
  });

  it('for longer where new chats came in clumps since it lived again', async () => {
    const { clock, servers, hears, lives } = await downRig();
    await clock.advance(1);
    hears('delivered');
    for (const others of [0, 400, 400]) {
      for (let n = 0; n < others; n += 1) servers.newcomer('B');
      for (let n = 0; n < 200; n += 1) servers.newcomer('A');
    }
    await clock.advance(1);
    hears('chat_server_not_found');
    await clock.advance(30_000);
    lives();
    for (let n = 0; n < 799; n += 1) servers.newcomer('B');
    expect(servers.holdOf('A', 20_000, false)).toBe('still_used');
    servers.newcomer('B');
    expect(servers.holdOf('A', 20_000, false)).toBeNull();
  });

  it('if it is such a chat itself, though nothing else speaks against it, or that is not to be asked', async () => {
    const { clock, servers } = await downRig();
    await clock.advance(1_000);
    expect([servers.holdOf('A', 1_020, true), servers.holdOf('A', 1_019, true)]).toEqual(['still_used', 'restoring']);
    const other = await downRig({ holdWhileRestoring: false });
    expect([other.servers.holdOf('A', 20, false), other.servers.holdOf('A', 20, true)]).toEqual([null, 'still_used']);
  });
});

describe('nothing holds an orphan', () => {
  it.each<Partial<TargetRules>>([{ ha: false }, { singleChatServer: true }])(
    'where there is nowhere to restore to: the rule of the target is followed to the letter (%o)',
    async (rules) => {
      const { servers, ask } = await knownRig({}, rules);
      expect([servers.holdOf('A', 20, false), servers.holdOf('A', 20, true), servers.holdOf(null, 20, true)]).toEqual([null, null, null]);
      expect(servers.use('A').downtime(1_020)).toEqual({ isKnown: false, provenForMs: 1_000 });
      expect(words(ask(), ask())).toEqual(['canary', 'waits']);
    },
  );

  it.each(['stop', 'route', 'auto'] as const)(
    'but by what is known of its Chat Server, whatever the rule says: %s',
    async (onChatServerDown) => {
      const { servers } = await knownRig({}, { onChatServerDown });
      expect([servers.holdOf('A', 1_019, false), servers.holdOf('A', 1_020, false)]).toEqual(['restoring', null]);
      expect(servers.use('A').downtime(1_020).isKnown).toBe(true);
    },
  );
});

describe('the downtime of a Chat Server', () => {
  it('is told with how long its answers have said so', async () => {
    const { servers } = await knownRig();
    expect(servers.use('A').downtime(1_019)).toEqual({ isKnown: false, provenForMs: 1_000 });
    expect(servers.use('A').downtime(1_020)).toEqual({ isKnown: true, provenForMs: 1_000 });
    expect(servers.use('B').downtime(1_020)).toEqual({ isKnown: false, provenForMs: 0 });
    expect(servers.use('nobody').downtime(1_020)).toEqual({ isKnown: false, provenForMs: 0 });
  });

  it('is known while new chats name it, which speaks against stops alone, and where stops are not held', async () => {
    const { servers } = await knownRig({ holdWhileRestoring: false });
    servers.newcomer('A');
    expect(servers.use('A').downtime(1_020).isKnown).toBe(true);
  });

  it('is not known by type, nor without another that lives', async () => {
    const { clock, servers, hears } = await knownRig();
    await clock.advance(20_000);
    hears('chat_server_not_found');
    expect(servers.use('A').downtime(clock.nowMs()).isKnown).toBe(false);
  });
});

describe('a probe of a Chat Server that is known to be down', () => {
  it('is answered at once by the proof that stands, without a message', async () => {
    const { clock, ask } = await knownRig();
    expect(ask()).toMatchObject({ atOnce: true, word: 'chat_server_not_found by canary' });
    await clock.advance(3_000);
    expect(ask({ lastMomentAtMs: 60_000, deadlineAtMs: 60_000 })).toMatchObject({ atOnce: true, word: 'chat_server_not_found by canary' });
  });

  it('sends one message where no proof stands, and the others are answered by that, whatever their deadline', async () => {
    const { clock, servers, ask } = await knownRig();
    await clock.advance(3_001);
    const [canary, second, patient] = [ask(), ask(), ask({ lastMomentAtMs: 60_000, deadlineAtMs: 60_000 })];
    expect(words(canary, second, patient)).toEqual(['canary', 'waits', 'waits']);
    await clock.advance(30);
    canary.came('chat_server_not_found');
    await clock.advance(0);
    expect(words(second, patient)).toEqual(['chat_server_not_found by canary', 'chat_server_not_found by canary']);
    expect([patient.toldAtMs, servers.parked, clock.pending()]).toEqual([4_051, 0, 0]);
  });

  it('takes proof from before it began, also where it waits behind one who may not', async () => {
    const { clock, ask } = await knownRig();
    await clock.advance(3_001);
    const canary = ask();
    await clock.advance(5);
    // It began before the Chat Server counted as known to be down.
    const early = ask({ probeStartedAtMs: 1_019, lastMomentAtMs: 4_020 });
    const late = ask();
    await clock.advance(5);
    canary.came('chat_server_not_found');
    await clock.advance(0);
    expect(words(early, late)).toEqual(['chat_server_not_found by canary', 'chat_server_not_found by canary']);
  });

  it('goes on as any other where the Chat Server lives', async () => {
    const { clock, ask } = await knownRig();
    await clock.advance(3_001);
    const [canary, second, third] = [ask(), ask(), ask()];
    expect(words(canary, second, third)).toEqual(['canary', 'waits', 'waits']);
    canary.came('delivered');
    await clock.advance(0);
    expect(words(second, third)).toEqual(['released', 'waits']);
  });

  it('waits as any other where it began too early, or may not hurry', async () => {
    const { clock, ask } = await knownRig({ canaryIntervalMs: 60_000 });
    const canary = ask({ mayHurry: false, deadlineAtMs: 60_000 });
    expect(canary.word).toBe('canary');
    canary.came('chat_server_not_found');
    const asked = [ask({ probeStartedAtMs: 1_019 }), ask({ mayHurry: false, lastMomentAtMs: 7_040 })];
    await clock.advance(5_998);
    expect(words(...asked)).toEqual(['waits', 'waits']);
    await clock.advance(22);
    expect(asked.map(({ word, toldAtMs }) => [word, toldAtMs])).toEqual([
      ['chat_server_not_found by canary', 7_019],
      ['chat_server_not_found by canary', 7_040],
    ]);
  });

  it('does not wait for a gateway, but takes what stands', async () => {
    const { clock, ask } = await knownRig();
    expect(ask({ mayWait: false }).word).toBe('chat_server_not_found by canary');
    await clock.advance(3_001);
    ask();
    expect(ask({ mayWait: false })).toMatchObject({ atOnce: true, word: 'gateway_open by none' });
  });

  it('asks for itself where there is no canary', async () => {
    const { ask, servers } = await knownRig({ canary: false });
    expect(words(ask(), ask())).toEqual(['free', 'free']);
    expect(servers.use('A').downtime(1_020)).toEqual({ isKnown: true, provenForMs: 1_000 });
  });

  it('that has left is told nothing', async () => {
    const { clock, ask } = await knownRig();
    await clock.advance(3_001);
    ask();
    const gone = ask();
    gone.abort();
    await clock.advance(0);
    expect(gone.word).toBe('deadline by none');
  });
});
