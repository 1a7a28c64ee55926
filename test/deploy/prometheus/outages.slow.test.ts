import { beforeAll, describe, expect, it } from 'vitest';
import { table, text } from '../../support/pages.ts';
import { type Firing, HAS_PROMTOOL, playAlerts, type Series } from '../../support/promtool.ts';

const STEP_S = 15;
/** As long as the longest window: with a shorter past the slow budget would burn at once. */
const BEFORE_S = 6 * 3_600;
const AFTER_S = 35 * 60;

interface Outage {
  readonly name: string;
  readonly minutes: number;
  /** Of 20 probes a minute, how many find out what while it lasts. */
  readonly evidence: Readonly<Record<'alive' | 'dead' | 'orphaned' | 'unknown', number>>;
  /** How long a probe tries before it gives up: verdicts of the outage come so much later, at its end too. */
  readonly lagS: number;
  /** States that stand while it lasts. */
  readonly states: readonly string[];
  readonly counters?: readonly string[];
  /** How long after its beginning and its end each alert calls and ceases, at most; no other alert may call. */
  readonly bounds: Readonly<Record<string, readonly [onsetS: number, endS: number]>>;
}

const HEALTHY = { alive: 18, dead: 2, orphaned: 0, unknown: 0 };
const GATEWAY = { evidence: { alive: 0, dead: 0, orphaned: 0, unknown: 20 }, states: ['chatprobe_gateway_open{target="t"}'] };
const CHAT_SERVER = {
  evidence: { alive: 9, dead: 1, orphaned: 10, unknown: 0 },
  states: ['chatprobe_chat_servers_down{target="t",chat_server="ChatServer_1",state="suspect"}'],
  counters: ['chatprobe_server_probes_total{target="t",chat_server="ChatServer_1",evidence="orphaned"}'],
};

const outages: readonly Outage[] = [
  { name: 'a gateway for half a minute', minutes: 0.5, lagS: 15, ...GATEWAY, bounds: {} },
  {
    name: 'a gateway for 4 minutes',
    minutes: 4,
    lagS: 15,
    ...GATEWAY,
    bounds: { ChatProbeGatewayOpen: [75, 15], ChatProbeDegradedHigh: [150, 150] },
  },
  {
    name: 'a gateway for 20 minutes, asked with patience',
    minutes: 20,
    lagS: 60,
    ...GATEWAY,
    bounds: {
      ChatProbeGatewayOpen: [75, 15],
      ChatProbeDegradedHigh: [195, 195],
      ChatProbeBudgetBurnsFast: [660, 360],
    },
  },
  {
    name: 'a Chat Server of two for 4 minutes',
    minutes: 4,
    lagS: 15,
    ...CHAT_SERVER,
    bounds: { ChatProbeChatServerSuspect: [150, 15], ChatProbeDegradedHigh: [195, 150], ChatProbeStaleChatsHigh: [210, 120] },
  },
  {
    name: 'a Chat Server of two for 20 minutes',
    minutes: 20,
    lagS: 15,
    ...CHAT_SERVER,
    bounds: { ChatProbeChatServerSuspect: [150, 15], ChatProbeDegradedHigh: [195, 150], ChatProbeStaleChatsHigh: [210, 120] },
  },
  {
    name: 'every seventh verdict that rests on nothing, for 3 hours',
    minutes: 180,
    lagS: 15,
    evidence: { alive: 15.2, dead: 2, orphaned: 0, unknown: 2.8 },
    states: [],
    bounds: { ChatProbeBudgetBurnsSlowly: [2.7 * 3_600, 1_200] },
  },
];

describe.skipIf(!HAS_PROMTOOL)('an outage is told while it lasts, and not for long after', () => {
  let played: readonly Firing[] = [];
  // All at once, each at a target of its own: most of the time goes into the healthy hours before.
  beforeAll(() => {
    played = playAlerts(outages.flatMap(seriesOf));
  }, 300_000);
  const delaysOf = (minutes: number, index: number) =>
    played
      .filter(({ target }) => target === targetOf(index))
      .map(({ firstS, overS, ...firing }) => ({ ...firing, onsetS: firstS - BEFORE_S, endS: overS - BEFORE_S - minutes * 60 }));

  it.each(outages.map((outage, index) => ({ ...outage, index })))('$name', ({ name, minutes, bounds, index }) => {
    const delays = delaysOf(minutes, index);
    for (const { alert, onsetS, endS } of delays)
      process.stdout.write(`${name}: ${alert} after ${onsetS} s, until ${endS} s after its end\n`);
    expect(delays.map(({ alert }) => alert).sort()).toEqual(Object.keys(bounds).sort());
    expect(delays.filter(({ flaps }) => flaps)).toEqual([]);
    const isLate = ({ alert, onsetS, endS }: (typeof delays)[number]): boolean => {
      const [latestOnsetS = 0, latestEndS = 0] = bounds[alert] ?? [];
      return onsetS < 0 || onsetS > latestOnsetS || onsetS >= minutes * 60 || endS > latestEndS;
    };
    expect(delays.filter(isLate)).toEqual([]);
  });

  it('as docs/operating.md tells', () => {
    const rows = outages.flatMap(({ name, minutes }, index) =>
      delaysOf(minutes, index).map(({ alert, onsetS, endS }) => [name, `\`${alert}\``, String(onsetS), String(endS)]),
    );
    expect(table(text('docs/operating.md'), 'Outage', 'Alert').sort()).toEqual(rows.sort());
  });
});

function targetOf(index: number): string {
  return `outage_${index}`;
}

/** What a scrape every 15 s sees of it, with healthy hours before it. */
function seriesOf({ minutes, evidence, lagS, states, counters = [] }: Outage, index: number): readonly Series[] {
  const lastsS = Math.max(...outages.map((outage) => outage.minutes)) * 60;
  const times = Array.from({ length: (BEFORE_S + lastsS + AFTER_S) / STEP_S + 1 }, (_, step) => step * STEP_S - BEFORE_S);
  const isDuring = (timeS: number): boolean => timeS >= 0 && timeS < minutes * 60;
  const counted = (perMinute: (timeS: number) => number): readonly number[] => {
    let count = 0;
    return times.map((timeS) => {
      count += perMinute(timeS) / (60 / STEP_S);
      return count;
    });
  };
  const kinds = ['alive', 'dead', 'orphaned', 'unknown'] as const;
  const series = [
    ...kinds.map((kind) => ({
      series: `chatprobe_probes_total{target="t",evidence="${kind}"}`,
      values: counted((timeS) => (isDuring(timeS - lagS) ? evidence : HEALTHY)[kind]),
    })),
    ...states.map((state) => ({ series: state, values: times.map((timeS) => (isDuring(timeS) ? 1 : 0)) })),
    ...counters.map((counter) => ({ series: counter, values: counted(() => 10) })),
  ];
  return series.map(({ series: name, values }) => ({ series: name.replace('target="t"', `target="${targetOf(index)}"`), values }));
}
