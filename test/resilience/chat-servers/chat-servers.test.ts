import { describe, expect, it } from 'vitest';
import type { AskedAttempt } from '../../../src/probe/admission.ts';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import type { Reason } from '../../../src/probe/reasons.ts';
import type { Standing } from '../../../src/resilience/chat-servers/chat-server.ts';
import { peakPerSecond, serversRig, suspectRig, type Told, words } from './chat-servers-rig.ts';

const SIGNS_OF_LIFE: readonly Reason[] = [
  'delivered',
  'session_not_found',
  'session_not_found_by_type',
  'session_may_have_moved',
  'fault_unrecognised',
];
const NO_SIGNS: readonly (Reason | null)[] = [null, 'timeout', 'error_unrecognised', 'connection_reset', 'gateway_error', 'reply_mismatch'];

const ASKED: AskedAttempt = { n: 1, confirms: false, probeStartedAtMs: 10, lastMomentAtMs: 6_010, deadlineAtMs: 8_010 };
const CALLER: Standing = { mayHurry: true, mayWait: true };

describe('a healthy Chat Server', () => {
  it('is asked freely: no promise, no timer, nothing told', () => {
    const { clock, servers, events, ask } = serversRig();
    clock.stall(7);
    const told = ask();
    expect(told.pass).toEqual({ kind: 'send', role: 'free', admittedAtMs: 7 });
    told.came('delivered');
    expect([clock.pending(), servers.serversDown, servers.parked, events]).toEqual([0, 0, 0, []]);
  });

  it.each([...SIGNS_OF_LIFE, ...NO_SIGNS])('stays so after %s', (reason) => {
    const { servers, ask } = serversRig();
    ask().came(reason);
    expect([servers.serversDown, words(ask(), ask())]).toEqual([0, ['free', 'free']]);
  });

  it('becomes suspect with chat_server_not_found, itself alone', () => {
    const { servers, events, ask } = serversRig();
    ask({ chatServer: null }).came('chat_server_not_found');
    expect(events).toEqual([{ type: 'server_changed', chatServer: null, from: 'healthy', to: 'suspect' }]);
    expect(servers.serversDown).toBe(1);
    expect(words(ask({ chatServer: null }), ask({ chatServer: null }), ask(), ask())).toEqual(['canary', 'waits', 'free', 'free']);
  });

  it('becomes suspect once, however many find it down', async () => {
    const { clock, servers, states, ask } = serversRig();
    const free = [ask(), ask()];
    for (const each of free) {
      await clock.advance(10);
      each.came('chat_server_not_found');
    }
    expect([states(), servers.serversDown]).toEqual([['suspect'], 1]);
  });
});

describe('a suspect Chat Server', () => {
  it('is asked by one at a time, the canary, while the others are parked', async () => {
    const { clock, servers, events, ask } = await suspectRig();
    const [canary, second, third] = [ask(), ask(), ask()];
    expect(canary).toMatchObject({ atOnce: true, pass: { kind: 'send', role: 'canary', admittedAtMs: 10 } });
    await clock.advance(2_000);
    expect(words(second, third)).toEqual(['waits', 'waits']);
    expect(servers.parked).toBe(2);
    expect(events.slice(1)).toEqual([
      { type: 'probe_parked', by: 1 },
      { type: 'probe_parked', by: 1 },
    ]);
  });

  it.each(['chat_server_not_found', ...NO_SIGNS] as const)(
    'gets the next canary as soon as one has come to %s, but no sooner than the interval',
    async (reason) => {
      const { clock, ask } = await suspectRig();
      const first = ask();
      const [second, third] = [ask(), ask()];
      await clock.advance(100);
      first.came(reason);
      await clock.advance(399.999);
      expect(words(second, third)).toEqual(['waits', 'waits']);
      await clock.advance(0.001);
      expect(words(second, third)).toEqual(['canary', 'waits']);
      await clock.advance(1_800);
      second.came(reason);
      await clock.advance(0);
      expect(third).toMatchObject({ word: 'canary', toldAtMs: 2_310 });
    },
  );

  it('gets the canary whose deadline comes first', async () => {
    const { clock, ask } = await suspectRig();
    const first = ask();
    const [late, early] = [ask({ deadlineAtMs: 9_000 }), ask({ deadlineAtMs: 7_000 })];
    first.came(null);
    await clock.advance(500);
    expect(words(late, early)).toEqual(['waits', 'canary']);
  });

  it('is asked at once by a probe that comes when the interval has passed', async () => {
    const { clock, ask } = await suspectRig();
    ask().came('chat_server_not_found');
    await clock.advance(499);
    const early = ask();
    expect(early.atOnce).toBe(false);
    early.abort();
    await clock.advance(1);
    expect(ask()).toMatchObject({ atOnce: true, word: 'canary' });
  });

  it('lets a lone probe follow its own schedule to the end', async () => {
    const { clock, ask } = serversRig();
    const roles: string[] = [];
    for (const afterMs of [0, 800, 1_000, 4_200]) {
      await clock.advance(afterMs);
      const told = ask({ probeStartedAtMs: 0, n: roles.length + 1, lastMomentAtMs: 6_000, deadlineAtMs: 8_000 });
      expect(told.atOnce).toBe(true);
      roles.push(told.word);
      told.came('chat_server_not_found');
    }
    expect(roles).toEqual(['free', 'canary', 'canary', 'canary']);
    await clock.advance(1_950);
    expect(ask({ probeStartedAtMs: 0, lastMomentAtMs: 6_000, deadlineAtMs: 8_000 })).toMatchObject({ atOnce: true, word: 'canary' });
  });

  it('lets a probe that tries again alone be the canary a little sooner, and nobody else', async () => {
    const { clock, ask } = await suspectRig();
    ask().came('chat_server_not_found');
    await clock.advance(200);
    const newcomer = ask({ n: 1 });
    const retry = ask({ n: 2, deadlineAtMs: 7_000 });
    expect(words(newcomer, retry)).toEqual(['waits', 'waits']);
    newcomer.abort();
    await clock.advance(0);
    expect(retry.word).toBe('canary');
  });

  it('needs no timer while nobody waits for it', async () => {
    const { clock, ask } = await suspectRig();
    expect(clock.pending()).toBe(0);
    ask();
    const second = ask();
    expect(clock.pending()).toBe(1);
    second.abort();
    expect(clock.pending()).toBe(0);
  });

  it('stays suspect where a message is delivered that was admitted before the one that was not', async () => {
    const { clock, servers, ask } = serversRig();
    const early = ask();
    await clock.advance(5);
    const late = ask();
    await clock.advance(5);
    late.came('chat_server_not_found');
    early.came('delivered');
    expect([servers.serversDown, words(ask(), ask())]).toEqual([1, ['canary', 'waits']]);
  });

  it('stays healthy where a message finds it down that was admitted before one that was delivered', async () => {
    const { clock, servers, ask } = serversRig();
    const early = ask();
    await clock.advance(5);
    ask().came('delivered');
    early.came('chat_server_not_found');
    expect(servers.serversDown).toBe(0);
  });
});

/** The proof of one canary stands for as long as a test needs it. */
const SELDOM = { canaryIntervalMs: 60_000 };

describe('a parked probe whose last moment comes', () => {
  /** A Chat Server with a canary that stays out; those asked for now are parked. */
  async function hanging(settings: Parameters<typeof suspectRig>[0] = {}) {
    const rig = await suspectRig(settings);
    const canary = rig.ask();
    return { ...rig, canary };
  }

  it('is not answered with a proof that a newer canary has put in question', async () => {
    const { clock, ask, canary } = await hanging();
    const [next, parked] = [ask(), ask()];
    canary.came('chat_server_not_found');
    await clock.advance(5_400);
    expect(next.word).toBe('canary');
    next.came('timeout');
    await clock.advance(0);
    expect(parked.word).toBe('canary');
    const other = ask({ probeStartedAtMs: 10, lastMomentAtMs: 6_010, deadlineAtMs: 8_010 });
    await clock.advance(2_600);
    expect(other).toMatchObject({ word: 'deadline by none', toldAtMs: 7_960 });
  });

  it('is answered with what the canary proved, without a message of its own', async () => {
    const { clock, ask, canary } = await hanging(SELDOM);
    const [second, third] = [ask(), ask()];
    canary.came('chat_server_not_found');
    await clock.advance(5_999);
    expect(words(second, third)).toEqual(['waits', 'waits']);
    await clock.advance(1);
    expect(words(second, third)).toEqual(['chat_server_not_found by canary', 'chat_server_not_found by canary']);
  });

  it('waits for the next proof where there is none since it started', async () => {
    const { clock, ask, canary } = await hanging();
    await clock.advance(1);
    const [next, chosen, parked] = [ask({ deadlineAtMs: 8_000 }), ask({ deadlineAtMs: 8_005 }), ask()];
    await clock.advance(100);
    // Admitted before they started.
    canary.came('chat_server_not_found');
    await clock.advance(5_400);
    expect(next.word).toBe('canary');
    next.came(null);
    await clock.advance(0);
    expect(chosen.word).toBe('canary');
    await clock.advance(1_000);
    expect(parked.word).toBe('waits');
    chosen.came('chat_server_not_found');
    await clock.advance(0);
    expect(parked).toMatchObject({ word: 'chat_server_not_found by canary', toldAtMs: 6_511 });
  });

  it('takes for proof a message that was admitted at the moment it started', async () => {
    const { clock, ask, canary } = await hanging(SELDOM);
    const parked = ask();
    canary.came('chat_server_not_found');
    await clock.advance(6_000);
    expect(parked.word).toBe('chat_server_not_found by canary');
  });

  it('is told that its time is over 50 ms before its deadline where no proof has come', async () => {
    const { clock, servers, ask } = await hanging();
    const parked = ask();
    await clock.advance(7_949);
    expect(parked.word).toBe('waits');
    await clock.advance(1);
    expect(parked).toMatchObject({ word: 'deadline by none', toldAtMs: 7_960 });
    expect([servers.parked, clock.pending()]).toEqual([0, 0]);
  });

  it('is answered with the proof where its deadline leaves no last moment', async () => {
    const { clock, ask, canary } = await hanging(SELDOM);
    canary.came('chat_server_not_found');
    const parked = ask({ probeStartedAtMs: 0, lastMomentAtMs: 7_990, deadlineAtMs: 8_000 });
    await clock.advance(7_940);
    expect(parked).toMatchObject({ word: 'chat_server_not_found by canary', toldAtMs: 7_950 });
  });

  it('is treated the same at once if it comes when its last moment has passed', async () => {
    const { clock, ask, canary } = await hanging(SELDOM);
    canary.came('chat_server_not_found');
    await clock.advance(90);
    const late = { probeStartedAtMs: -6_000, lastMomentAtMs: 0, deadlineAtMs: 2_000 };
    expect(ask({ ...late, probeStartedAtMs: 0 })).toMatchObject({ atOnce: true, word: 'chat_server_not_found by canary' });
    expect(ask(late)).toMatchObject({ atOnce: true, word: 'chat_server_not_found by canary' });
    const unproved = ask({ ...late, probeStartedAtMs: 11 });
    expect(unproved.word).toBe('waits');
    expect(ask({ ...late, deadlineAtMs: 150, probeStartedAtMs: 11 })).toMatchObject({ atOnce: true, word: 'deadline by none' });
    await clock.advance(1_850);
    expect(unproved).toMatchObject({ word: 'deadline by none', toldAtMs: 1_950 });
  });

  it('is neither sent on nor answered with old proof after a time in which the process hung', async () => {
    const { clock, ask, canary } = await hanging();
    const parked = ask();
    canary.came('chat_server_not_found');
    clock.stall(7_951);
    await clock.advance(0);
    expect(parked.word).toBe('deadline by none');
  });

  it('may still be the canary', async () => {
    const { clock, ask, canary } = await hanging();
    const [parked, waiting] = [ask(), ask({ deadlineAtMs: 20_000, lastMomentAtMs: 15_000 })];
    await clock.advance(6_000);
    expect(parked.word).toBe('waits');
    canary.came(null);
    await clock.advance(0);
    expect(words(parked, waiting)).toEqual(['canary', 'waits']);
  });
});

it('costs a Chat Server that is down two messages a second, however many wait', async () => {
  const { clock, ask } = await suspectRig();
  const sent: number[] = [];
  const told: Told[] = [];
  const look = (): void => {
    for (const each of told.splice(0)) {
      if (each.pass === null) told.push(each);
      else if (each.pass.kind === 'send') {
        sent.push(each.toldAtMs);
        each.came('chat_server_not_found');
      }
    }
  };
  for (let n = 0; n < 1_200; n += 1) {
    told.push(ask({ lastMomentAtMs: clock.nowMs() + 2_000 }));
    await clock.advance(5);
    look();
  }
  expect(peakPerSecond(sent)).toBe(2);
  // One more where both ends of the second are counted.
  expect(Math.max(...sent.map((fromMs) => sent.filter((atMs) => atMs >= fromMs && atMs <= fromMs + 1_000).length))).toBeLessThanOrEqual(3);
});

describe('the first sign of life', () => {
  it.each(SIGNS_OF_LIFE)('%s lets those go who wait, each to ask for itself', async (reason) => {
    const { clock, servers, states, ask } = await suspectRig();
    const canary = ask();
    const parked = [ask(), ask()];
    await clock.advance(100);
    canary.came(reason);
    await clock.advance(0);
    expect(states()).toEqual(['suspect', 'recovering']);
    expect(servers.serversDown).toBe(1);
    expect(parked[0]).toMatchObject({ pass: { kind: 'send', role: 'released', admittedAtMs: 110 } });
    await clock.advance(39);
    expect(words(...parked)).toEqual(['released', 'waits']);
    await clock.advance(1);
    expect(words(...parked)).toEqual(['released', 'released']);
  });

  it('counts whoever brings it', async () => {
    const { clock, states, ask } = serversRig();
    const first = ask();
    await clock.advance(5);
    const slow = ask();
    first.came('chat_server_not_found');
    ask();
    await clock.advance(5);
    slow.came('delivered');
    expect([slow.word, states()]).toEqual(['free', ['suspect', 'recovering']]);
  });

  it('lets them go by deadline, newcomers among them', async () => {
    const { clock, ask } = await suspectRig();
    const canary = ask();
    const parked = [5_000, 3_000, 4_000].map((deadlineAtMs) => ask({ deadlineAtMs, lastMomentAtMs: 2_900 }));
    canary.came('delivered');
    await clock.advance(1);
    const newcomer = ask({ deadlineAtMs: 3_500 });
    await clock.advance(1_000);
    expect([...parked, newcomer].map(({ word, toldAtMs }) => [word, toldAtMs])).toEqual([
      ['released', 130],
      ['released', 10],
      ['released', 90],
      ['released', 50],
    ]);
  });

  it('lets 25 a second go at first, twice as many every quarter of a second, and 500 at most', async () => {
    const { clock, ask } = await suspectRig({ maxInFlightPerServer: 0 });
    const canary = ask();
    const far = { lastMomentAtMs: 50_000, deadlineAtMs: 60_000 };
    const parked = Array.from({ length: 2_000 }, () => ask(far));
    canary.came('delivered');
    const gone: number[] = [];
    for (let quarter = 0; quarter < 8; quarter += 1) {
      await clock.advance(250);
      gone.push(parked.filter(({ word }) => word === 'released').length);
    }
    const each = gone.map((sum, n) => sum - (gone[n - 1] ?? 0));
    for (const [n, wanted] of [6.25, 12.5, 25, 50, 100, 125, 125, 125].entries()) {
      expect(Math.abs((each[n] ?? 0) - wanted)).toBeLessThanOrEqual(10);
    }
    expect(peakPerSecond(parked.filter(({ word }) => word === 'released').map(({ toldAtMs }) => toldAtMs))).toBeLessThanOrEqual(500);
  });

  it('gives one whose last moment has come one more chance, until its time is over', async () => {
    const { clock, ask } = await suspectRig({ maxReleasePerSecond: 1 });
    const canary = ask();
    const parked = [1_150, 1_200, 1_250].map((deadlineAtMs) => ask({ lastMomentAtMs: 100, deadlineAtMs }));
    await clock.advance(140);
    canary.came('delivered');
    await clock.advance(2_000);
    expect(parked.map(({ word, toldAtMs }) => [word, toldAtMs])).toEqual([
      ['released', 150],
      ['released', 1_150],
      ['deadline by none', 1_200],
    ]);
  });

  it('ends with everybody gone and the ramp at its top', async () => {
    const { clock, servers, states, ask } = await suspectRig();
    ask().came('delivered');
    await clock.advance(1_249);
    expect([states(), clock.pending()]).toEqual([['suspect', 'recovering'], 1]);
    await clock.advance(1);
    expect([states(), clock.pending(), servers.serversDown]).toEqual([['suspect', 'recovering', 'healthy'], 0, 0]);
    expect(words(...Array.from({ length: 50 }, () => ask()))).toEqual(Array.from({ length: 50 }, () => 'free'));
  });

  it('does not end while anybody waits', async () => {
    const { clock, servers, states, ask } = await suspectRig({ maxReleasePerSecond: 1 });
    const canary = ask();
    const parked = [ask(), ask(), ask()];
    canary.came('delivered');
    await clock.advance(1_999);
    expect([words(...parked), states().at(-1)]).toEqual([['released', 'released', 'waits'], 'recovering']);
    await clock.advance(1);
    expect([words(...parked), states().at(-1), clock.pending(), servers.parked]).toEqual([Array(3).fill('released'), 'healthy', 0, 0]);
  });

  it('lets a crowd go at the pace of the ramp to the very last, and then newcomers at once', async () => {
    const { clock, states, ask } = await suspectRig({ maxInFlightPerServer: 0 });
    const canary = ask();
    const parked = Array.from({ length: 3_000 }, () => ask({ lastMomentAtMs: 53_000, deadlineAtMs: 55_000 }));
    canary.came('delivered');
    await clock.advance(10_000);
    expect(peakPerSecond(parked.map(({ toldAtMs }) => toldAtMs))).toBeLessThanOrEqual(500);
    expect([new Set(words(...parked)), states().at(-1), ask().word]).toEqual([new Set(['released']), 'healthy', 'free']);
  });

  it('ends after a minute at its top, whoever still waits, and lets those in', async () => {
    const { clock, states, ask } = await suspectRig({ maxReleasePerSecond: 1 });
    const canary = ask();
    const parked = Array.from({ length: 80 }, () => ask({ lastMomentAtMs: 190_000, deadlineAtMs: 200_000 }));
    canary.came('delivered');
    await clock.advance(59_500);
    expect([parked.filter(({ word }) => word === 'released').length, states().at(-1)]).toEqual([60, 'recovering']);
    await clock.advance(1_000);
    expect([
      parked.filter(({ word }) => word === 'free').length > 15,
      parked.some(({ word }) => word === 'waits'),
      states().at(-1),
    ]).toEqual([true, false, 'healthy']);
  });

  it('lets newcomers go at once where the ramp has room, else makes them wait for it', async () => {
    const { clock, ask } = await suspectRig();
    ask().came('delivered');
    const newcomers = [ask(), ask()];
    expect(newcomers.map(({ atOnce }) => atOnce)).toEqual([true, false]);
    await clock.advance(40);
    expect(words(...newcomers)).toEqual(['released', 'released']);
  });

  it('is taken back by a newer answer that it is down, and those who wait wait on', async () => {
    const { clock, states, ask } = await suspectRig();
    const canary = ask();
    const parked = [ask(), ask(), ask()];
    await clock.advance(90);
    canary.came('delivered');
    await clock.advance(10);
    parked[0]?.came('chat_server_not_found');
    await clock.advance(399);
    expect([states(), words(...parked)]).toEqual([
      ['suspect', 'recovering', 'suspect'],
      ['released', 'waits', 'waits'],
    ]);
    await clock.advance(1);
    expect(words(...parked)).toEqual(['released', 'canary', 'waits']);
  });

  it('is not taken back by an older one', async () => {
    const { clock, states, ask } = serversRig();
    const [slow, first] = [ask(), ask()];
    await clock.advance(10);
    first.came('chat_server_not_found');
    await clock.advance(10);
    ask().came('delivered');
    slow.came('chat_server_not_found');
    expect(states()).toEqual(['suspect', 'recovering']);
  });

  it('leaves the place of a canary that is still out to it', async () => {
    const { clock, ask } = serversRig();
    const first = ask();
    await clock.advance(5);
    const slow = ask();
    first.came('chat_server_not_found');
    const canary = ask();
    expect(canary.word).toBe('canary');
    await clock.advance(5);
    slow.came('delivered');
    await clock.advance(5);
    ask().came('chat_server_not_found');
    await clock.advance(1_000);
    const parked = ask();
    expect(parked.word).toBe('waits');
    canary.came(null);
    await clock.advance(0);
    expect(parked.word).toBe('canary');
  });
});

describe('a caller who leaves', () => {
  it('while parked is let go at once, and nobody else is kept from becoming canary', async () => {
    const { clock, servers, events, ask } = await suspectRig();
    const canary = ask();
    const [leaver, stayer] = [ask(), ask()];
    canary.came(null);
    leaver.abort();
    await clock.advance(0);
    expect([leaver.word, leaver.toldAtMs, servers.parked, events.at(-1)]).toEqual([
      'deadline by none',
      10,
      1,
      { type: 'probe_parked', by: -1 },
    ]);
    await clock.advance(500);
    expect([leaver.times, stayer.word]).toEqual([1, 'canary']);
  });

  it('while canary gives the place back', async () => {
    const { clock, ask } = await suspectRig();
    const canary = ask();
    const parked = ask();
    await clock.advance(1_000);
    canary.abort();
    canary.came(null);
    await clock.advance(0);
    expect(parked).toMatchObject({ word: 'canary', toldAtMs: 1_010 });
  });

  it('in the moment of becoming canary gives the place back, and keeps what was told', async () => {
    const { clock, ask } = await suspectRig();
    const canary = ask();
    const [chosen, next] = [ask(), ask()];
    await clock.advance(600);
    canary.came(null);
    // Told, but not yet heard.
    chosen.abort();
    await clock.advance(0);
    expect([chosen.word, chosen.times]).toEqual(['canary', 1]);
    chosen.came(null);
    await clock.advance(500);
    expect(next.word).toBe('canary');
  });

  it('while the others are released frees the way', async () => {
    const { clock, servers, states, ask } = await suspectRig({ maxReleasePerSecond: 1 });
    const canary = ask();
    const parked = [ask(), ask(), ask()];
    canary.came('delivered');
    await clock.advance(500);
    parked[1]?.abort();
    await clock.advance(500);
    expect(words(...parked)).toEqual(['released', 'deadline by none', 'released']);
    expect([servers.parked, clock.pending(), states().at(-1)]).toEqual([0, 0, 'healthy']);
  });

  it('as the last who waits while the ramp is at its top ends the recovery', async () => {
    const { clock, states, ask } = await suspectRig({ maxReleasePerSecond: 1 });
    const canary = ask();
    const parked = [ask(), ask()];
    canary.came('delivered');
    await clock.advance(500);
    parked[1]?.abort();
    expect([states().at(-1), clock.pending()]).toEqual(['healthy', 0]);
  });

  it('before it asks takes no place', async () => {
    const { servers, ask } = await suspectRig();
    const controller = createCancelController();
    controller.abort();
    expect(servers.use('A').admit(ASKED, CALLER, controller.signal)).toEqual({ kind: 'answer', reason: 'deadline', servedBy: 'none' });
    expect(ask().word).toBe('canary');
  });

  it('leaves no listener behind when it was told', async () => {
    const { servers, clock, ask } = await suspectRig();
    ask();
    let listeners = 0;
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: () => {
        listeners += 1;
      },
      removeEventListener: () => {
        listeners -= 1;
      },
    };
    void servers.use('A').admit(ASKED, CALLER, signal);
    expect(listeners).toBe(1);
    await clock.advance(8_000);
    expect(listeners).toBe(0);
  });
});

describe('a crowd of thousands', () => {
  const CROWD = 2_000;
  const crowdOf = async () => {
    const rig = await suspectRig();
    const canary = rig.ask();
    return { ...rig, canary, crowd: Array.from({ length: CROWD }, () => rig.ask()) };
  };
  const toldOf = (crowd: readonly Told[]): number => crowd.filter(({ pass }) => pass !== null).length;

  it('is told in groups, so that others have their turn, and all in the same moment', async () => {
    const { clock, servers, crowd } = await crowdOf();
    servers.rejectAll();
    expect(servers.parked).toBe(0);
    const seen: number[] = [];
    clock.schedule(0, () => seen.push(toldOf(crowd)));
    await clock.advance(0);
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen[0]).toBeLessThan(CROWD / 2);
    expect(toldOf(crowd)).toBe(CROWD);
  });

  it('is told at once when the service closes', async () => {
    const { clock, servers, crowd } = await crowdOf();
    servers.close();
    await Promise.resolve();
    expect([toldOf(crowd), clock.pending()]).toEqual([CROWD, 0]);
  });

  it('that leaves is not held up by its own number', async () => {
    const { clock, crowd } = await crowdOf();
    for (const each of crowd) each.abort();
    await Promise.resolve();
    expect([toldOf(crowd), clock.pending()]).toEqual([CROWD, 0]);
  });
});

describe('closing', () => {
  it('ends every wait and every timer, and says that nothing is down any more', async () => {
    const { clock, servers, states, ask } = await suspectRig();
    ask({ chatServer: 'B' }).came('chat_server_not_found');
    const canary = ask();
    const parked = [ask(), ask(), ask({ chatServer: 'B' }), ask({ chatServer: 'B' })];
    servers.close();
    servers.close();
    await clock.advance(0);
    expect(words(...parked)).toEqual(['deadline by none', 'deadline by none', 'canary', 'deadline by none']);
    expect([servers.parked, servers.serversDown, clock.pending()]).toEqual([0, 0, 0]);
    expect(states()).toEqual(['suspect', 'suspect', 'healthy', 'healthy']);
    canary.came('chat_server_not_found');
    expect([servers.serversDown, ask().word]).toEqual([0, 'free']);
  });

  it('ends a recovery too', async () => {
    const { clock, servers, ask } = await suspectRig();
    ask().came('delivered');
    servers.close();
    expect([clock.pending(), servers.serversDown]).toEqual([0, 0]);
  });

  it('lets whoever asks later pass, and learns nothing', async () => {
    const { clock, servers, ask } = await suspectRig();
    servers.close();
    ask().came('chat_server_not_found');
    expect([words(ask(), ask()), clock.pending(), servers.use('A').mayHaveMoved(clock.nowMs())]).toEqual([['free', 'free'], 0, false]);
  });
});

it('keeps nobody waiting where the canary is switched off, but learns all the same', async () => {
  const { clock, servers, events, ask } = serversRig({ canary: false });
  ask({ chatServer: 'B' }).came('delivered');
  await clock.advance(1);
  ask().came('delivered');
  await clock.advance(1);
  ask().came('chat_server_not_found');
  expect(words(ask(), ask())).toEqual(['free', 'free']);
  expect([events, servers.serversDown, servers.use('A').mayHaveMoved(clock.nowMs()), servers.holdOf('A', 0, false)]).toEqual([
    [],
    0,
    true,
    'restoring',
  ]);
});

describe('a session that may have moved', () => {
  it('is one of a Chat Server that was seen down within the restore window and the lag of user data', async () => {
    const { clock, servers, ask } = serversRig({}, { restoreWindowMs: 900 });
    const told = ask();
    expect(servers.use('A').mayHaveMoved(clock.nowMs())).toBe(false);
    await clock.advance(500);
    told.came('chat_server_not_found');
    await clock.advance(999);
    expect([
      servers.use('A').mayHaveMoved(clock.nowMs()),
      servers.use('B').mayHaveMoved(clock.nowMs()),
      servers.use(null).mayHaveMoved(clock.nowMs()),
    ]).toEqual([true, false, false]);
    await clock.advance(1);
    expect(servers.use('A').mayHaveMoved(clock.nowMs())).toBe(false);
  });

  it('stays one for a probe that began in that time: it knows no newer name', async () => {
    const { clock, servers, ask } = serversRig({}, { restoreWindowMs: 900 });
    ask().came('chat_server_not_found');
    await clock.advance(5_000);
    expect([servers.use('A').mayHaveMoved(999), servers.use('A').mayHaveMoved(1_000)]).toEqual([true, false]);
  });

  it('is one for 5 s longer than the usual restore window', () => {
    const { servers, ask } = serversRig();
    ask().came('chat_server_not_found');
    expect([servers.use('A').mayHaveMoved(49_999), servers.use('A').mayHaveMoved(50_000)]).toEqual([true, false]);
  });

  it('is one even if the answer that it is down was overtaken', async () => {
    const { clock, servers, ask } = serversRig();
    const slow = ask();
    await clock.advance(1);
    ask().came('delivered');
    slow.came('chat_server_not_found');
    expect([servers.use('A').mayHaveMoved(clock.nowMs()), servers.serversDown]).toEqual([true, 0]);
  });

  it('stays one for as long as canaries find the Chat Server down', async () => {
    const { clock, servers, ask } = await suspectRig({}, { restoreWindowMs: 1_000 });
    await clock.advance(900);
    ask().came('chat_server_not_found');
    await clock.advance(900);
    expect(servers.use('A').mayHaveMoved(clock.nowMs())).toBe(true);
  });
});

describe('a crowd', () => {
  it('has so many messages under way to one Chat Server, and the others wait their turn, the most urgent first', async () => {
    const { clock, servers, ask } = serversRig({ maxInFlightPerServer: 2 });
    const [first, second] = [ask(), ask()];
    const third = ask({ deadlineAtMs: 9_000 });
    const fourth = ask({ deadlineAtMs: 8_500 });
    const elsewhere = ask({ chatServer: 'B' });
    expect(words(first, second, third, fourth, elsewhere)).toEqual(['free', 'free', 'waits', 'waits', 'free']);
    expect(servers.parked).toBe(2);
    await clock.advance(10);
    first.came('delivered');
    await clock.advance(0);
    expect(words(third, fourth)).toEqual(['waits', 'free']);
    second.came(null);
    await clock.advance(0);
    expect([words(third), servers.parked]).toEqual([['free'], 0]);
  });

  it('finds out about a dead Chat Server with the messages that are under way', async () => {
    const { clock, ask } = serversRig({ maxInFlightPerServer: 2 });
    const [first, second, third] = [ask(), ask(), ask()];
    await clock.advance(10);
    first.came('chat_server_not_found');
    second.came('chat_server_not_found');
    await clock.advance(0);
    expect(words(third)).toEqual(['canary']);
  });

  it('waits no longer than its deadline allows', async () => {
    const { clock, ask } = serversRig({ maxInFlightPerServer: 1 });
    ask();
    const waiting = ask();
    await clock.advance(7_949);
    expect(words(waiting)).toEqual(['waits']);
    await clock.advance(1);
    expect(words(waiting)).toEqual(['deadline by none']);
    expect(clock.pending()).toBe(0);
  });

  it('may be of any size where there is no limit', () => {
    const { ask } = serversRig({ maxInFlightPerServer: 0 });
    expect(words(...Array.from({ length: 500 }, () => ask())).every((word) => word === 'free')).toBe(true);
  });
});

describe('a gateway that is given up', () => {
  it('is waited for by nobody', async () => {
    const { clock, servers, ask } = await suspectRig();
    ask();
    const [parked, other] = [ask(), ask()];
    servers.rejectAll();
    await clock.advance(0);
    expect([words(parked, other), servers.parked]).toEqual([['gateway_open by none', 'gateway_open by none'], 0]);
    expect(clock.pending()).toBe(0);
  });
});

it('keeps ten thousand waiting at little cost, and lets each of them go', async () => {
  const { clock, servers, ask } = await suspectRig();
  ask();
  const startedAtMs = performance.now();
  const parked = Array.from({ length: 10_000 }, (_, n) => ask({ deadlineAtMs: 20_000 + ((n * 7_919) % 10_000), lastMomentAtMs: 15_000 }));
  expect(servers.parked).toBe(10_000);
  for (const each of parked) each.abort();
  // Quadratic work takes far longer: here it is a tenth of a second.
  expect(performance.now() - startedAtMs).toBeLessThan(15_000);
  await clock.advance(0);
  expect([servers.parked, clock.pending(), parked.filter(({ times }) => times === 1).length]).toEqual([0, 0, 10_000]);
});
