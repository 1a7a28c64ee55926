/** What `npm run bench` prints at its end. */
import { atLeast, atMost, median, printTable, printTargets } from './figures.ts';
import type { Round } from './load.ts';

export const FLOOR = 'floor';
export const SERVICE = 'chat-probe';
export const SILENT = 'chat-probe, silent';
export const PLAIN = 'chat-probe, plain';
export const UNSEEN = 'chat-probe, unseen';
export const HOUR = "an hour's work";
export const BLACKBOX = 'blackbox exporter';

/** Processor time of a probe, in that of the floor: what other programs do on the machine changes it least. */
const TARGET_TIME = Number(process.versions.node.split('.')[0]) >= 24 ? 1.3 : 1.45;
const TARGET_RATE = 0.8;
const TARGET_HOURS = 5;
const TARGET_IDLE_MB = 120;
const TARGET_COST_PERCENT = 5;
const TARGET_EVIDENCE = 0.97;

/** A round, and the processor time of each request in microseconds. */
export interface TimedRound extends Round {
  readonly eachUs: number;
}

/** What one start of all came to. */
export interface Measured {
  /** By the name of the contestant. */
  readonly rounds: ReadonlyMap<string, readonly TimedRound[]>;
  readonly idleMb: number;
  readonly loadedMb: number;
}

export function report(starts: readonly Measured[]): void {
  const medianOf = (name: string, pick: (round: TimedRound) => number): number =>
    median(starts.flatMap(({ rounds }) => rounds.get(name) ?? []).map(pick));
  const rateOf = (name: string): number => medianOf(name, ({ requestsPerSecond }) => requestsPerSecond);
  const timeOf = (name: string): number => medianOf(name, ({ eachUs }) => eachUs);
  const names = [...(starts[0]?.rounds.keys() ?? [])];
  printTable(
    ['medians', 'requests/s', 'of the floor', 'processor time of each, µs', 'of the floor'],
    names.map((name) => {
      const [rate, time] = [rateOf(name), timeOf(name)];
      return [name, rate.toFixed(0), rate / rateOf(FLOOR), time.toFixed(0), time / timeOf(FLOOR)];
    }),
  );
  const idleMb = Math.max(...starts.map((start) => start.idleMb));
  const loadedMb = Math.max(...starts.map((start) => start.loadedMb));
  console.log(`memory: ${idleMb.toFixed(0)} MB idle before load, ${loadedMb.toFixed(0)} MB after it`);
  for (const [what, without] of [
    ['outage protection', PLAIN],
    ['evidence', UNSEEN],
    ['the log', SILENT],
  ] as const) {
    console.log(`${what} costs ${(100 * (timeOf(SERVICE) / timeOf(without) - 1)).toFixed(1)} % more processor time`);
  }
  const targets = [
    atMost("processor time of a probe, in the floor's", timeOf(SERVICE) / timeOf(FLOOR), TARGET_TIME),
    atLeast("requests a second, in the floor's", rateOf(SERVICE) / rateOf(FLOOR), TARGET_RATE),
    ...(names.includes(HOUR)
      ? [atLeast("requests a second, in those of an hour's work", rateOf(SERVICE) / rateOf(HOUR), TARGET_HOURS)]
      : []),
    atMost('idle memory', idleMb, TARGET_IDLE_MB, ' MB'),
    atMost('outage protection, of the throughput without it', 100 * (1 - rateOf(SERVICE) / rateOf(PLAIN)), TARGET_COST_PERCENT, ' %'),
    atLeast('throughput, in that without evidence', rateOf(SERVICE) / rateOf(UNSEEN), TARGET_EVIDENCE),
  ];
  printTargets(targets);
}
