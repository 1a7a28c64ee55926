import { describe, expect, it } from 'vitest';
import type { JudgedProbe, Play, TimedOutageEvent } from '../../lab/rehearsal/judged-probe.ts';
import { type RehearsalName, rehearsalReport, unexplainedIn } from '../../lab/rehearsal/rehearsal-report.ts';
import { reportText } from '../../lab/rehearsal/report-text.ts';
import { identityOf } from '../../src/probe/probe-order.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ServerState } from '../../src/resilience/events.ts';
import { orderWith } from '../support/samples.ts';
import { scriptedAdapter } from '../support/scripted-adapter.ts';

const NO_ADAPTER = scriptedAdapter(createVirtualClock(), []);

const NAME: RehearsalName = {
  scenario: 'storm',
  policy: 'inline',
  seed: 7,
  plain: false,
  noProbe: false,
  without: [],
  onChatServerDown: 'auto',
};
const ROUTED: JudgedProbe = {
  id: 'chat',
  isSecond: false,
  chatServer: 'A',
  toServerDown: false,
  startedAtMs: 0,
  guarded: false,
  servedBy: 'probe',
  verdict: 'route',
  evidence: 'alive',
  reason: 'delivered',
  degraded: false,
  elapsedMs: 3.4,
  living: true,
  explanation: null,
};
const STOPPED: JudgedProbe = {
  ...ROUTED,
  startedAtMs: 0,
  guarded: false,
  servedBy: 'probe',
  verdict: 'stop',
  evidence: 'dead',
  reason: 'session_not_found',
  degraded: false,
  elapsedMs: 6_004.6,
  living: true,
  explanation: { rule: 'last_not_found', cause: 'stale_name' },
};
const GHOST: JudgedProbe = { ...ROUTED, evidence: 'unknown', reason: 'timeout', degraded: true, living: false };

const WITHHELD: readonly TimedOutageEvent[] = [
  { atMs: 1, event: { type: 'stop_withheld', probe: identityOf(orderWith(NO_ADAPTER)), because: 'mass_stop' } },
];

/** Each of another chat. */
const chatsOf = (...probes: readonly JudgedProbe[]): readonly JudgedProbe[] => probes.map((probe, n) => ({ ...probe, id: `chat-${n}` }));
const play = (probes: readonly JudgedProbe[]): Play => ({
  probes,
  sends: [],
  outage: [],
  releasedAtMs: null,
  delivered: 0,
  handleMs: 60_000,
});
const report = (...probes: readonly JudgedProbe[]) => rehearsalReport(NAME, play(probes));

describe('rehearsalReport', () => {
  it('puts every stopped living chat in exactly one row, in a fixed order', () => {
    const moved: JudgedProbe = { ...STOPPED, explanation: { rule: 'last_not_found', cause: 'moved_meanwhile' } };
    const down: JudgedProbe = { ...STOPPED, reason: 'chat_server_not_found', explanation: { rule: 'down_stop', cause: 'stale_name' } };
    const expected = [
      { reason: 'session_not_found', chats: 2, rule: 'last_not_found', cause: 'stale_name' },
      { reason: 'session_not_found', chats: 1, rule: 'last_not_found', cause: 'moved_meanwhile' },
      { reason: 'chat_server_not_found', chats: 1, rule: 'down_stop', cause: 'stale_name' },
    ];
    expect(report(STOPPED, down, ROUTED, moved, STOPPED).livingStopped).toEqual(expected);
    expect(report(moved, STOPPED, STOPPED, down, ROUTED).livingStopped).toEqual(expected);
  });

  it('lets no stopped living chat fall out because it has no explanation', () => {
    const odd = report({ ...STOPPED, explanation: null }, { ...STOPPED, explanation: { rule: 'no_rule', cause: 'stale_name' } }, STOPPED);
    expect(odd.living.stopped).toBe(3);
    expect(unexplainedIn(odd)).toBe(2);
    expect(unexplainedIn(report(STOPPED, ROUTED))).toBe(0);
  });

  it('tells whole milliseconds', () => {
    expect(report(ROUTED, ROUTED, STOPPED).verdictMs).toEqual({ p50: 3, p99: 6_005, max: 6_005 });
  });

  it('finds the fullest second of the sends', () => {
    const sends = [0, 400, 900, 1_300, 5_000].map((atMs) => ({
      atMs,
      chatServer: 'A',
      toServerDown: atMs === 400,
      underWay: 2,
      isDoubled: atMs === 900,
    }));
    const { messages } = rehearsalReport(NAME, { ...play([ROUTED]), sends, delivered: 1 });
    expect(messages).toEqual({
      sent: 5,
      delivered: 1,
      toServerDown: 1,
      doubled: 1,
      peakPerSecond: 3,
      peakUnderWay: 2,
      peakToSuspect: 0,
      peakToRecovering: 0,
    });
  });
});

describe('outage protection', () => {
  const changed = (atMs: number, chatServer: string, from: ServerState, to: ServerState): TimedOutageEvent => ({
    atMs,
    event: { type: 'server_changed', target: 'storm', chatServer, from, to },
  });
  const sendsTo = (chatServer: string, ...moments: readonly number[]) =>
    moments.map((atMs) => ({ atMs, chatServer, toServerDown: false, underWay: 1, isDoubled: false }));

  it('is told by the fullest second to one server in trouble, while it was known to be', () => {
    const outage = [
      changed(1_000, 'A', 'healthy', 'suspect'),
      changed(2_000, 'A', 'suspect', 'recovering'),
      changed(3_000, 'A', 'recovering', 'healthy'),
      changed(3_000, 'B', 'healthy', 'suspect'),
    ];
    const sends = [...sendsTo('A', 900, 999, 1_000, 1_500, 2_000, 2_100, 2_200, 3_000), ...sendsTo('B', 1_500, 3_000, 3_100, 3_200, 9_000)];
    const { messages } = rehearsalReport(NAME, { ...play([ROUTED]), sends, outage });
    expect(messages).toMatchObject({ peakToSuspect: 3, peakToRecovering: 3 });
  });

  it('is told by the dead chats probed once the guard was released', () => {
    const at = (startedAtMs: number, verdict: 'route' | 'stop'): JudgedProbe => ({ ...GHOST, verdict, startedAtMs });
    const probes = [at(99, 'route'), at(100, 'stop'), at(101, 'stop'), at(102, 'route'), ROUTED];
    expect(rehearsalReport(NAME, { ...play(probes), releasedAtMs: 100 }).deadAfterRelease).toEqual({ routed: 1, stopped: 2 });
    expect(rehearsalReport(NAME, play(probes)).deadAfterRelease).toBeNull();
  });

  it('is told by where answers came from, and by why stops were withheld', () => {
    const probes: readonly JudgedProbe[] = [ROUTED, { ...ROUTED, servedBy: 'canary' }, { ...ROUTED, servedBy: 'canary' }];
    const { servedBy, withheld } = rehearsalReport(NAME, { ...play(probes), outage: [...WITHHELD, ...WITHHELD] });
    expect(servedBy).toEqual([
      { servedBy: 'probe', chats: 1 },
      { servedBy: 'canary', chats: 2 },
    ]);
    expect(withheld).toEqual([{ because: 'mass_stop', chats: 2 }]);
  });
});

describe('reportText', () => {
  it('shows the counts, and why each living chat was stopped', () => {
    expect(
      reportText(
        rehearsalReport(NAME, { ...play(chatsOf(ROUTED, ROUTED, STOPPED, GHOST)), outage: WITHHELD, releasedAtMs: 0, delivered: 2 }),
      ),
    ).toBe(
      `storm, policy inline, onChatServerDown auto, seed 7: 4 chats, each probed once
  living chats routed                                     2
  living chats stopped                                    1
  dead chats routed (ghosts)                              1
  dead chats stopped                                      0
  visits of ghosts to agents                              1
    of them ghosts of a server that was down              0
  agents' minutes lost to them                            1
  evidence unknown                                        1
  degraded                                                1
  stops withheld                                          1
  messages sent                                           0
  messages delivered                                      2
  messages sent to a server while it was down             0
  most messages sent within a second                      0
  most messages under way to one server                   0
  most within a second to one server known to be down     0
  the same to one server known to be coming back          0
  median time to a verdict, ms                            3
  99 of 100 verdicts within, ms                        6005
  longest time to a verdict, ms                        6005

Living chats stopped
  1  session_not_found, by ha: true: the last attempt was a fault 100 too
     lived, because it had moved before the probe began, and its user data still showed the old name (clients.staleMs)

Dead chats routed, by reason
  1  timeout

Stops withheld, by why
  1  mass_stop

Dead chats probed after the guard was released
  1  routed
  0  stopped

Answers, by where they came from
  4  probe

All verdicts, by reason
  2  route  delivered
  1  route  timeout
  1  stop   session_not_found
`,
    );
  });

  it('leaves out what did not happen', () => {
    const text = reportText(report(ROUTED));
    expect(text).not.toContain('Living chats stopped\n');
    expect(text).not.toContain('Dead chats routed,');
  });
});
