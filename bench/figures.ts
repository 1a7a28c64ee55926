/** How a bench sums up what it measured, and how it prints that. */
import { percentile } from '../lab/rehearsal/percentile.ts';

/** What was wanted of one figure, and whether it came to that. */
export interface Target {
  readonly text: string;
  readonly isMet: boolean;
}

/** The middle one, or the mean of the two in the middle; NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = rising(values);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export function latenciesOf(timesMs: readonly number[]): Latencies {
  const sorted = rising(timesMs);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), maxMs: percentile(sorted, 1) };
}

/** The targets of a figure that was not measured (NaN) are missed. */
export function atMost(what: string, measured: number, bound: number, unit = ''): Target {
  return { text: `${what}: ${shown(measured)}${unit}, at most ${shown(bound)}${unit} wanted`, isMet: measured <= bound };
}

export function atLeast(what: string, measured: number, bound: number, unit = ''): Target {
  return { text: `${what}: ${shown(measured)}${unit}, at least ${shown(bound)}${unit} wanted`, isMet: measured >= bound };
}

/** A missed target is printed and is no exit code: the figures depend on the machine, and on what else it does. */
export function printTargets(targets: readonly Target[]): void {
  for (const { text, isMet } of targets) console.log(`${isMet ? 'met   ' : 'MISSED'}  ${text}`);
}

/** Words to the left, figures to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const lines = [head, ...rows].map((row) => row.map((cell) => (typeof cell === 'number' ? shown(cell) : cell)));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    console.log(line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '));
  }
}

/** Three digits that count, or all before the point. */
function shown(figure: number): string {
  const size = Math.abs(figure);
  return figure.toFixed(size >= 100 || Number.isInteger(figure) ? 0 : size >= 10 ? 1 : 2);
}

function rising(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}
