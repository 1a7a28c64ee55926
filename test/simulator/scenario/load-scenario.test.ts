import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../lab/simulator/scenario/load-scenario.ts';

const NEEDED = 'name: small\ndescription: As little as can be said.\nhighAvailability: n+1\nchatServers: [A, B]\ntarget: { ha: true }\n';

/** The problems of a text that must have some. */
function problemsOf(text: string): readonly string[] {
  const parsed = parseScenario(text);
  return parsed.ok ? ['accepted'] : parsed.problems;
}

describe('a scenario file', () => {
  it('may leave out whatever has a default', () => {
    expect(parseScenario(NEEDED)).toEqual({
      ok: true,
      scenario: {
        name: 'small',
        description: 'As little as can be said.',
        seed: 1,
        highAvailability: 'n+1',
        chatServers: ['A', 'B'],
        backups: {},
        switchOverMs: 3_000,
        connectMs: 0,
        clients: {
          returnMs: [2_000, 8_000],
          retryMs: 1_000,
          disconnectMs: 45_000,
          sessionRestoreExtendBy: 'none',
          staleMs: [0, 1_000],
          leaveShare: 0,
        },
        byType: 'balanced',
        latencyMs: { least: 1, most: 5 },
        interactionServer: { reconnectMs: 2_000 },
        chats: { onlineShare: 1, staleShare: 0, arrivePerSecond: 0, arriveForMs: 3_600_000, queueMs: 5_000 },
        events: [],
        agents: { again: 'none', handleMs: 60_000, returnMs: 5_000, forMs: 3_600_000 },
        probes: { fromMs: 0, withinMs: 60_000, byName: true, doubledShare: 0, doubledWithinMs: 1_000, deafShare: 0 },
        target: {
          ha: true,
          singleChatServer: false,
          onChatServerDown: 'auto',
          restoreWindowMs: 45_000,
          confirmAfterMs: 1_000,
          onUnrecognised: 'route',
          requireDelivery: true,
        },
        operator: { releaseGuardAtMs: [] },
        service: { stalls: [] },
      },
    });
  });

  it('may leave the value of a key empty that has a default', () => {
    const empty = ['seed', 'backups', 'clients', 'latencyMs', 'events', 'agents', 'probes', 'operator', 'service']
      .map((key) => `${key}:\n`)
      .join('');
    expect(parseScenario(`${NEEDED}${empty}`)).toEqual(parseScenario(NEEDED));
  });

  it('may hold every kind of event', () => {
    const events = [
      { atMs: 1, crash: 'A' },
      { atMs: 2, start: 'A', sessions: 'restored' },
      { atMs: 2, slow: 'A', extraMs: 5 },
      { atMs: 3, slow: 'A', extraMs: null },
      { atMs: 4, flap: 'A', downMs: 10, upMs: 10, times: 2 },
      { atMs: 50, limit: 'A', maxSessions: 3 },
      { atMs: 51, limit: 'A', maxSessions: null },
      { atMs: 51, link: 'A', state: 'down' },
      { atMs: 52, link: 'A', state: 'up' },
      { atMs: 52, interactionServer: 'down' },
      { atMs: 53, interactionServer: 'up' },
      { atMs: 54, gateway: 'down' },
      { atMs: 55, gateway: 'up' },
      { atMs: 56, misconfigure: 'session_not_found' },
      { atMs: 57, misconfigure: 'chat_server_not_found' },
      { atMs: 58, misconfigure: 'nothing' },
    ];
    const parsed = parseScenario(`${NEEDED}events: ${JSON.stringify(events)}\n`);
    expect(parsed).toMatchObject({ ok: true, scenario: { events } });
  });

  it.each([
    ['clients: { leaveShare: 1.5 }', 'clients.leaveShare: must be <= 1'],
    ['chats: { arrivePerSecond: -1 }', 'chats.arrivePerSecond: must be >= 0'],
    ['chats: { arrivePerSecond: 10001 }', 'chats.arrivePerSecond: must be <= 10000'],
    ['chats: { arrivePerSecond: 5, queueMs: -1 }', 'chats.queueMs: must be >= 0'],
    ['agents: { again: ghost }', 'agents.again: must be one of none, ghosts, all'],
    ['agents: { handleMs: 1.5 }', 'agents.handleMs: must be integer'],
    ['probes: { deafShare: many }', 'probes.deafShare: must be number'],
    ['service: { stalls: [{ atMs: 5, forMs: 0 }] }', 'service.stalls[0].forMs: must be >= 1'],
    ['service: { stalls: [{ forMs: 5 }] }', 'service.stalls[0].atMs: is missing'],
    ['events: [{ atMs: 1, link: A }]', 'events[0].state: is missing'],
    ['events: [{ atMs: 1, link: C, state: down }]', 'events[0].link: there is no Chat Server C; there are A, B'],
    ['events: [{ atMs: 1, link: A, state: up }]', 'events[0]: the link to A is up already'],
    ['chats: { queueMs: 1 }', 'chats.queueMs: is for chats that arrive (chats.arrivePerSecond)'],
    ['chats: { arriveForMs: 1 }', 'chats.arriveForMs: is for chats that arrive (chats.arrivePerSecond)'],
    [
      'chats: { arrivePerSecond: 1 }\nprobes: { fromMs: 1 }',
      'probes.fromMs: is not for chats that arrive (chats.arrivePerSecond): chats.queueMs says when they are first asked about',
    ],
    [
      'chats: { arrivePerSecond: 1 }\nprobes: { withinMs: 1 }',
      'probes.withinMs: is not for chats that arrive (chats.arrivePerSecond): chats.queueMs says when they are first asked about',
    ],
    [
      'service: { stalls: [{ atMs: 5, forMs: 10 }, { atMs: 14, forMs: 1 }] }',
      'service.stalls[1].atMs: is 14, before the end of the stall above it, 15',
    ],
  ])('is refused where it says %s', (text, problem) => {
    expect(problemsOf(`${NEEDED}${text}\n`)).toEqual([problem]);
  });

  it('is told every mistake of the new fields in one go', () => {
    const text = 'clients: { leaveShare: x }\nchats: { queueMs: x }\nagents: { again: x, forMs: x }\nservice: { stalls: x }\n';
    expect(problemsOf(`${NEEDED}${text}`)).toHaveLength(5);
  });

  it('has a start lose its sessions unless it says otherwise', () => {
    const parsed = parseScenario(`${NEEDED}events: [{ atMs: 1, crash: A }, { atMs: 2, start: A }]\n`);
    expect(parsed).toMatchObject({ ok: true, scenario: { events: [{}, { start: 'A', sessions: 'lost' }] } });
  });

  it.each([
    ['an even one', 'latencyMs: { least: 3, most: 4 }', { latencyMs: { least: 3, most: 4 } }],
    ['a log-normal one', 'latencyMs: { median: 3, p99: 40 }', { latencyMs: { median: 3, p99: 40 } }],
  ])('may choose its latency: %s', (_what, line, scenario) => {
    expect(parseScenario(`${NEEDED}${line}\n`)).toMatchObject({ ok: true, scenario });
  });
});

describe('a scenario file with mistakes', () => {
  it('has every one of them named, by its path, in one go', () => {
    const text = `
name: Not A Name
descriptio: misspelt
seed: -1
highAvailability: n+2
chatServers: [A, B, B, 'x y']
backups: [A]
clients: { returnMs: [5, 3], staleMs: 3, disconnect: 1 }
latencyMs: { median: 30 }
chats: { onlineShare: 0.5, staleShare: 0.6 }
target: { ha: maybe, singleChatServer: 'no' }
probes: 7
events:
  - { atMs: 5, crash: A }
  - { atMs: 4.5, start: A }
  - { atMs: 3, interactionServer: up }
  - { atMs: 9 }
  - 7
  - { atMs: 10, slow: A, extraMs: -1 }
  - { atMs: 10, crash: A, start: A }
  - { atMs: 11, flap: A, times: 0 }
`;
    const problems = problemsOf(text);
    const expected = [
      'name: must be 1 to 64 small letters, digits or "-"',
      'description: is missing',
      expect.stringMatching(/^descriptio: is not known here; known are name, description, /),
      'seed: must be >= 0',
      'highAvailability: must be one of none, n+1, primary-backup',
      'chatServers[2]: is there already, as number 1',
      'chatServers[3]: must be 1 to 64 letters, digits, "_", "." or "-"',
      'backups: must be a mapping of names to values',
      'clients.returnMs: begins above its end (5, 3)',
      'clients.staleMs: must be a list of 2',
      expect.stringMatching(/^clients\.disconnect: is not known here; known are returnMs, /),
      'latencyMs.p99: is missing',
      'chats: staleShare (0.6) is more than onlineShare (0.5)',
      'target.ha: must be boolean',
      'target.singleChatServer: must be boolean',
      'probes: must be a mapping of names to values',
      'events[1].atMs: must be integer',
      expect.stringMatching(/^events\[3\]: must have one of crash, start, /),
      'events[4]: must be a mapping of names to values',
      'events[5].extraMs: must be >= 0',
      'events[6].start: is not known here; known are atMs, crash',
      'events[7].downMs: is missing',
      'events[7].upMs: is missing',
      'events[7].times: must be >= 1',
    ];
    expect(problems).toEqual(expect.arrayContaining(expected));
    expect(problems).toHaveLength(expected.length);
  });

  it.each([
    [
      'names of Chat Servers that there are not',
      'events: [{ atMs: 1, crash: C }, { atMs: 2, flap: D, downMs: 1, upMs: 1, times: 1 }, { atMs: 3, limit: E, maxSessions: 1 }, { atMs: 4, slow: F, extraMs: 1 }]',
      ['events[0].crash', 'events[1].flap', 'events[2].limit', 'events[3].slow'].map(
        (path, index) => `${path}: there is no Chat Server ${'CDEF'[index]}; there are A, B`,
      ),
    ],
    [
      'events out of order, and a name beside that',
      'events: [{ atMs: 9, crash: A }, { atMs: 8, start: C }]',
      ['events[1].start: there is no Chat Server C; there are A, B', 'events[1].atMs: is 8, before that of the event above it, 9'],
    ],
    [
      'events that cannot happen',
      'events: [{ atMs: 1, start: A }, { atMs: 2, crash: A }, { atMs: 3, crash: A }, { atMs: 9, flap: A, downMs: 1, upMs: 1, times: 1 }]',
      ['events[0]: A is up already', 'events[2]: A is down already', 'events[3]: A is down already'],
    ],
    [
      'a crash while the Chat Server is down for flapping',
      'events: [{ atMs: 0, flap: A, downMs: 10, upMs: 10, times: 3 }, { atMs: 25, crash: A }]',
      ['events[1]: A is down already'],
    ],
    ['a range that ends before it begins', 'clients: { staleMs: [2, 1] }', ['clients.staleMs: begins above its end (2, 1)']],
    ['a latency whose most is its least', 'latencyMs: { least: 2, most: 1 }', ['latencyMs: begins above its end (2, 1)']],
    ['a 99th percentile below the median', 'latencyMs: { median: 2, p99: 1 }', ['latencyMs: begins above its end (2, 1)']],
    ['an unknown latency', 'latencyMs: {}', ['latencyMs: must have one of least, median']],
    ['an event that says nothing', 'events: [null]', [expect.stringMatching(/^events\[0\]: must have one of crash, start, /)]],
    ['an event that is a list', 'events: [[]]', ['events[0]: must be a mapping of names to values']],
    ['a range with a gap', 'clients: { staleMs: [null, 5] }', ['clients.staleMs[0]: must be integer']],
    [
      'an event that cannot happen, beside one whose Chat Server is not there',
      'events: [{ atMs: 1, crash: Z }, { atMs: 2, crash: A }, { atMs: 3, crash: A }]',
      ['events[0].crash: there is no Chat Server Z; there are A, B', 'events[2]: A is down already'],
    ],
    ['backups where there are no pairs', 'backups: { A: B }', ['backups: are for highAvailability primary-backup only']],
    ['a backup whose primary has no name', 'backups: { "": B }', [expect.stringMatching(/^backups\."": is no name: use /)]],
    ['a key that is one of every object', 'constructor: 1', [expect.stringMatching(/^constructor: is not known here/)]],
  ])('has them named: %s', (_what, line, problems) => {
    expect(problemsOf(`${NEEDED}${line}\n`)).toEqual(problems);
  });

  it.each([
    ['no backup at all', 'backups: {}', ['backups: must name a backup for a primary']],
    [
      'names that there are not',
      'backups: { C: D }',
      ['backups.C: there is no Chat Server C; there are A, B, E', 'backups.C: there is no Chat Server D; there are A, B, E'],
    ],
    ['a primary that is a backup', 'backups: { A: B, B: E }', ['backups.A: B is a primary itself']],
    ['a backup for two', 'backups: { A: E, B: E }', ['backups.B: E is the backup of A already']],
  ])('has them named where there are pairs: %s', (_what, line, problems) => {
    const pairs = NEEDED.replace('n+1', 'primary-backup').replace('[A, B]', '[A, B, E]');
    expect(problemsOf(`${pairs}${line}\n`)).toEqual(problems);
  });

  it('may restore sessions only with high availability', () => {
    const text = `${NEEDED.replace('n+1', 'none')}events: [{ atMs: 1, crash: A }, { atMs: 2, start: A, sessions: restored }]\n`;
    expect(problemsOf(text)).toEqual(['events[1]: sessions cannot be restored without high availability']);
  });

  it('does not take two bad names for the same', () => {
    const mustBe = 'must be 1 to 64 letters, digits, "_", "." or "-"';
    expect(problemsOf(NEEDED.replace('[A, B]', "['a b', 'c d', A]"))).toEqual([`chatServers[0]: ${mustBe}`, `chatServers[1]: ${mustBe}`]);
  });

  it('is called as its file is, where it is in one', () => {
    expect(parseScenario(NEEDED, 'small').ok).toBe(true);
    expect(parseScenario(NEEDED, 'big')).toEqual({ ok: false, problems: ['name: is small, but the file is big.yaml'] });
  });

  it('needs at least one Chat Server', () => {
    expect(problemsOf(NEEDED.replace('[A, B]', '[]'))).toEqual(['chatServers: must not have fewer than 1 items']);
  });

  it.each([
    ['broken YAML', 'name: [1', /^line 1, column \d+: /],
    ['a key twice', `${NEEDED}name: other\n`, /^line 6, column 1: duplicate key$/],
    ['a second document', `${NEEDED}---\n${NEEDED}`, /^line \d+, column \d+: multiple docs$/],
    ['a tag', `${NEEDED}seed: !!js/function 'x'\n`, /^line 6, column 7: tag resolve failed$/],
    ['an alias that leads nowhere', `${NEEDED}seed: *nowhere\n`, /alias/],
  ])('is refused as a text: %s', (_what, text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('is refused, and no more, where aliases would make it huge', () => {
    const lines = Array.from({ length: 12 }, (_, n) => `x${n + 1}: &x${n + 1} [${Array(12).fill(`*x${n}`).join(', ')}]`);
    expect(problemsOf(`x0: &x0 [1]\n${lines.join('\n')}\n`)).toEqual(['an alias leads nowhere, or there are too many of them']);
  });

  it.each([
    ['an empty file', ''],
    ['a list', '- 1\n'],
    ['a word', 'scenario\n'],
  ])('is told what it lacks: %s', (_what, text) => {
    const missing = ['name', 'description', 'highAvailability', 'chatServers', 'target.ha'].map((path) => `${path}: is missing`);
    expect(problemsOf(text)).toEqual(expect.arrayContaining(missing));
  });
});
