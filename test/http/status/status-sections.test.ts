import { describe, expect, it } from 'vitest';
import type { EvidenceRecord, KeptAttempt } from '../../../src/evidence/evidence-record.ts';
import { lasting, type StatusData } from '../../../src/http/status/status-data.ts';
import { recordItem } from '../../../src/http/status/status-record.ts';
import { LIVE } from '../../../src/http/status/status-sections.ts';
import type { Outage } from '../../../src/status/outage-log.ts';
import type { Minute } from '../../../src/status/status-history.ts';
import { CALM } from '../../support/samples.ts';

const NOW = Date.parse('2026-11-28T03:30:20Z');
const MINUTE_MS = 60_000;
const ago = (minutes: number): number => NOW - minutes * MINUTE_MS;

type Target = StatusData['targets'][number];
const target = (safety: Partial<Target['safety']> = {}, fields: Partial<Target> = {}): Target => ({
  target: 'default',
  adapter: 'gateway',
  interactionServer: 'connected',
  simulated: false,
  safety: { ...CALM, ...safety },
  ...fields,
});
const outage = (fields: Partial<Outage> = {}): Outage => ({
  kind: 'server',
  target: 'default',
  name: 'ChatServer_1',
  startedAtMs: ago(5),
  backAtMs: null,
  endedAtMs: null,
  ...fields,
});
const minute = (fields: Partial<Minute> = {}): Minute => ({
  startMs: ago(30),
  routes: 0,
  stops: 0,
  withheld: 0,
  alive: 0,
  stale: 0,
  unknown: 0,
  ...fields,
});
const data = (fields: Partial<StatusData> = {}): StatusData => ({
  nowMs: NOW,
  startedAtMs: ago(600),
  version: '1',
  replica: 'probe-7',
  draining: false,
  target: null,
  allTargets: ['default'],
  policies: ['inline'],
  targets: [target()],
  chatServers: new Map([['default', []]]),
  minutes: [minute()],
  outages: [],
  stops: [],
  ...fields,
});
/** What is read, without tags. */
const read = ({ text }: { readonly text: string }): string => text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

describe('the headline', () => {
  it.each([
    ['All is quiet', 'No Chat Server is known to be down, and nothing is withheld.', data()],
    ['Act now', 'The guard of default has tripped : its stops are withheld.', data({ targets: [target({ guard: 'tripped' })] })],
    [
      'Have a look',
      'The guard of default is released : stops pass whatever their share.',
      data({ targets: [target({ guard: 'released' })] }),
    ],
    [
      'Act now',
      'A control probe of default gets the wrong answer',
      data({ targets: [target({ controls: { absent: 'wrong', live: null } })] }),
    ],
    [
      'Act now',
      'A control probe of default gets the wrong answer',
      data({ targets: [target({ controls: { absent: null, live: 'wrong' } })] }),
    ],
    ['Act now', 'The gateway of default keeps failing', data({ targets: [target({ gatewayOpen: true })] })],
    ['Act now', 'has no Interaction Server', data({ targets: [target({}, { interactionServer: 'disconnected' })] })],
    ['All is quiet', 'Target default is in shadow mode: every answer is route .', data({ targets: [target({ shadow: true })] })],
    ['All is quiet', '25 % of the verdicts about default are enforced.', data({ targets: [target({ enforcePercent: 25 })] })],
    ['All is quiet', 'Verdicts about default are made up: a simulator answers.', data({ targets: [target({}, { simulated: true })] })],
    ['Have a look', 'This instance is shutting down.', data({ draining: true })],
    ['Have a look', 'ChatServer_1 of default is down , since 03:25:20 UTC.', data({ outages: [outage()] })],
    ['Have a look', 'ChatServer_1 of default is recovering , since 03:29:20 UTC.', data({ outages: [outage({ backAtMs: ago(1) })] })],
    ['Have a look', 'A Chat Server chosen by type of default is down', data({ outages: [outage({ name: null })] })],
  ])('says "%s": %s', (lead, remark, given) => {
    const said = read(LIVE.headline(given)).replaceAll(' ,', ',');
    expect(said).toContain(lead);
    expect(said).toContain(remark.replaceAll(' ,', ','));
  });

  it('does not speak of a share in shadow mode, where nothing is enforced', () =>
    expect(read(LIVE.headline(data({ targets: [target({ shadow: true, enforcePercent: 25 })] })))).not.toContain('25'));

  it('is calm of an outage that is over, or is another target’s', () => {
    const outages = [outage({ endedAtMs: ago(1) }), outage({ target: 'east' })];
    expect(lasting({ outages }, 'default', 'server')).toEqual([]);
    expect(read(LIVE.headline(data({ outages })))).toContain('All is quiet');
  });

  it('begins with what is worst, and tells how much more there is', () => {
    const outages = Array.from({ length: 9 }, (_, n) => outage({ name: `ChatServer_${n}` }));
    const said = read(LIVE.headline(data({ outages, targets: [target({ guard: 'tripped' })] })));
    expect(said.indexOf('has tripped')).toBeLessThan(said.indexOf('ChatServer_0'));
    expect(said).toContain('2 more, below.');
    expect(said).not.toContain('ChatServer_8');
  });
});

describe('the table of targets', () => {
  it.each([
    ['asked', 'watching', target()],
    ['left alone', 'tripped', target({ gatewayOpen: true, guard: 'tripped' })],
    ['embedded', 'simulated', target({}, { adapter: 'simulator', simulated: true })],
    ['disconnected', 'no delivery yet', target({ delivered: false }, { interactionServer: 'disconnected' })],
    ['unknown', 'shadow', target({ shadow: true }, { interactionServer: 'unknown' })],
    ['right', 'wrong', target({ controls: { absent: 'right', live: 'wrong' } })],
    ['unknown', '7 %', target({ controls: { absent: 'unknown', live: null }, enforcePercent: 7 })],
  ])('says %s and %s', (one, other, state) => {
    const [, row = ''] = LIVE.now(data({ targets: [state] })).text.split('<tbody>');
    const said = read({ text: row });
    expect([said.includes(one), said.includes(other)]).toEqual([true, true]);
  });
});

describe('the table of Chat Servers', () => {
  const serversIn = (given: StatusData): string => read({ text: LIVE.now(given).text.split('Chat Servers, those')[1] ?? '' });

  it('has those in trouble first, once each, and when that began', () => {
    const outages = [outage({ name: 'B' }), outage({ name: 'C', backAtMs: ago(2) }), outage({ name: null })];
    const said = serversIn(data({ outages, chatServers: new Map([['default', ['A', 'B', 'C']]]) }));
    expect(said.trim()).toMatch(
      / B default down 03:25:20 C default recovering 03:28:20 chosen by type default down 03:25:20 A default healthy -$/,
    );
  });

  it('says that none is known, and how many more there are than it shows', () => {
    expect(serversIn(data({ chatServers: new Map() }))).toContain('None is configured by name, and none is known to be down.');
    const names = Array.from({ length: 53 }, (_, n) => `Server_${n}`);
    expect(serversIn(data({ chatServers: new Map([['default', names]]) }))).toContain('3 more are not shown.');
  });
});

describe('the last hour', () => {
  it.each([
    ['No chat’s state was found out in the last hour.', [minute({ routes: 3, unknown: 3 })]],
    ['No chat’s state was found out in the last hour.', []],
    ['No chat was found to be gone.', [minute({ routes: 3, alive: 3 })]],
    [
      'The stale rate was highest at 03:10 UTC: 75 %, 3 of 4 chats.',
      [minute({ alive: 9, stale: 1 }), minute({ startMs: ago(20), alive: 1, stale: 3 }), minute({ startMs: ago(10), alive: 2, stale: 2 })],
    ],
  ])('is summed up: %s', (summary, minutes) => expect(read(LIVE.hour(data({ minutes })))).toContain(summary));

  it('adds up its minutes', () => {
    const minutes = [
      minute({ routes: 90, stops: 2, withheld: 1, alive: 97, stale: 3, unknown: 4 }),
      minute({ routes: 8, alive: 2, stale: 0, unknown: 1 }),
    ];
    expect(read(LIVE.hour(data({ minutes })))).toContain('Answers 100 Routed 98 Stopped 2 Stops withheld 1 Stale rate 2.9 % Not known 5');
    expect(read(LIVE.hour(data({ minutes })))).toContain('03:00 90 2 1 97 3 4 3.0 % 03:00 8 0 0 2 0 1 0 %');
  });
});

describe('outages', () => {
  it('say since when there was none', () => {
    expect(read(LIVE.outages(data({ startedAtMs: Date.parse('2026-11-27T23:59:00Z') })))).toContain(
      'None since this instance started, at 2026-11-27 23:59:00 UTC.',
    );
  });

  it('of earlier hours stand in the table alone', () => {
    const said = read(LIVE.outages(data({ outages: [outage({ startedAtMs: ago(180), backAtMs: ago(120), endedAtMs: ago(115) })] })));
    expect(said).toContain('None in the last hour.');
    expect(said).toContain('ChatServer_1 default 00:30:20 01:30:20 01:35:20 1 h 5 min');
  });

  it('have a lane each, by what is out of order, and one of a second can be seen', () => {
    const kinds = [
      outage({ name: null }),
      outage({ kind: 'gateway', name: null, endedAtMs: ago(5) + 1_000 }),
      outage({ kind: 'guard', name: null }),
      outage({ kind: 'release', name: null }),
      outage({ kind: 'control', name: 'absent' }),
    ];
    const { text } = LIVE.outages(data({ outages: kinds }));
    for (const label of ['Chat Servers, by type', 'Gateway left alone', 'Guard tripped', 'Guard released'])
      expect(text).toContain(`${label} · default</text>`);
    expect(read({ text })).toContain('Control probe "absent" wrong default 03:25:20 - lasts'.replaceAll('"', '&quot;'));
    expect(text).toContain('aria-label="Outages of the last hour: Chat Servers, by type · default (1), Gateway left alone · default (1)');
    expect(text).toMatch(/<rect class="down" x="[\d.]+%" y="57" width="0\.40%"/);
    expect(text.match(/<rect class="back"/g)).toHaveLength(1);
  });

  it('are drawn from the left edge where they began before, and in two colours once it answers again', () => {
    const { text } = LIVE.outages(data({ outages: [outage({ startedAtMs: ago(90), backAtMs: ago(10) })] }));
    expect(text).toMatch(/<rect class="down" x="0\.00%" y="19" width="8[23]\.\d\d%"/);
    expect(text).toMatch(/<rect class="back" x="8[23]\.\d\d%" y="19" width="1[67]\.\d\d%"/);
  });

  it('beyond what has room are told of in words', () => {
    const outages = Array.from({ length: 25 }, (_, n) => outage({ name: `ChatServer_${n}` }));
    const said = read(LIVE.outages(data({ outages })));
    expect(said).toContain('The latest 20 of 25 outages');
    expect(said).toContain('13 more stand in the table.');
  });
});

describe('a record', () => {
  const attempt = (fields: Partial<KeptAttempt> = {}): KeptAttempt => ({
    n: 1,
    startedMs: 0,
    durationMs: 12,
    reason: 'delivered',
    faultCode: null,
    faultString: null,
    errorCode: null,
    errorMessage: null,
    written: true,
    detail: null,
    ...fields,
  });
  const record = (fields: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
    probeId: 'p-1',
    requestId: 'r-1',
    traceId: null,
    caller: null,
    interactionId: '0006Ka9HFHRR0T2B',
    target: 'default',
    policy: 'inline',
    chatServer: 'ChatServer_1',
    answeredAt: '2026-11-28T03:30:00.000Z',
    replica: 'probe-7',
    configuration: 'abc',
    answered: 'stop',
    verdict: 'stop',
    evidence: 'dead',
    reason: 'session_not_found',
    degraded: false,
    guarded: false,
    cause: null,
    shadowVerdict: null,
    simulated: false,
    servedBy: 'probe',
    faultCode: '100',
    faultString: null,
    recheckAfterMs: null,
    elapsedMs: 812,
    explanation: 'Stopped: so it is.',
    attempts: [attempt()],
    state: { chatServer: 'healthy', chatServersDown: 0, guard: 'watching', gatewayOpen: false, controls: { absent: null, live: null } },
    requests: 1,
    truth: null,
    ...fields,
  });
  const said = (fields: Partial<EvidenceRecord> = {}): string => read(recordItem(record(fields), NOW, 'stop'));

  it.each<[string, Partial<EvidenceRecord>]>([
    ['03:30:00 · ChatServer_1 · default · session_not_found', {}],
    ['· by type ·', { chatServer: null }],
    ['· 3 requests', { requests: 3 }],
    ['was told to be alive', { truth: 'alive' }],
    ['Fault 100:', {}],
    ['Fault 100: gone', { faultString: 'gone' }],
    ['Evidence unknown, degraded', { evidence: 'unknown', degraded: true }],
    ['Withheld because mass_stop', { cause: 'mass_stop' }],
    ['Would have been, unless in shadow stop', { shadowVerdict: 'stop' }],
    ['Asked by workflow', { caller: 'workflow' }],
    ['No message of its own was sent.', { attempts: [] }],
    ['1 0 ms 12 ms delivered -', {}],
    ['fault 100: gone; 503', { attempts: [attempt({ faultCode: '100', faultString: 'gone', detail: '503' })] }],
    ['fault 100: error 1: ', { attempts: [attempt({ faultCode: '100', errorCode: 1 })] }],
    ['error 1: Not found by', { attempts: [attempt({ errorCode: 1, errorMessage: 'Not found by' })] }],
    ['What was said 3 0 ms 12 ms delivered', { attempts: Array.from({ length: 14 }, (_, n) => attempt({ n: n + 1 })) }],
    ['The last 12 of 14 attempts', { attempts: Array.from({ length: 14 }, (_, n) => attempt({ n: n + 1 })) }],
  ])('says "%s"', (words, fields) => expect(said(fields).replaceAll(';', '').replace(/ +/g, ' ')).toContain(words.replaceAll(';', '')));

  it('says nothing of what is not so', () => {
    const plain = said({ faultCode: null });
    for (const word of ['requests', 'was told', 'Asked by', 'Withheld', 'shadow', 'Fault', 'left alone', 'degraded'])
      expect(plain).not.toContain(word);
  });
});
