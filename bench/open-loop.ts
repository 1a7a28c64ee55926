/**
 * How long an answer takes where callers come when they come: floor and service in alternating rounds, at half of what the service can do
 * at most; and the first seconds of a service that 256 callers wait for. settings.ts has what makes it longer or shorter.
 */
import { cpus } from 'node:os';
import { type Callers, type CallersFigures, startCallers } from './callers.ts';
import type { Contestant } from './contestant.ts';
import { atMost, median, printTable, printTargets } from './figures.ts';
import { load } from './load.ts';
import { ROUNDS, SECONDS, STARTS, WARM_UP_SECONDS } from './settings.ts';
import { chatProbe, floor, GATEWAY, type Start, withContestants } from './stage.ts';

const FLOOR = 'floor';
const SERVICE = 'chat-probe';
const SHARE_OF_MAXIMUM = 0.5;
const TARGET_P99_MS = 1;

const COLD_CALLERS = 256;
const COLD_SECONDS = 5;
const TARGET_COLD_MS = 1_000;

interface Played {
  readonly name: string;
  readonly figures: CallersFigures;
}

console.log(`Node.js ${process.version}, ${cpus().length} cores; ${STARTS} times started, ${ROUNDS} rounds of ${SECONDS} s each`);
const rounds: Played[] = [];
const colds: Played[] = [];
for (let start = 1; start <= STARTS; start += 1) {
  const callers = await startCallers();
  try {
    colds.push(await withContestants((begin) => coldStart(begin, callers)));
    rounds.push(...(await withContestants((begin) => alternate(begin, callers))));
  } finally {
    callers.stop();
  }
}
report();

async function coldStart(start: Start, callers: Callers): Promise<Played> {
  const gateway = await start(GATEWAY);
  const service = await start(chatProbe(`${SERVICE}, cold`, gateway));
  return played(service, await callers.play({ loop: 'closed', url: service.url, callers: COLD_CALLERS, seconds: COLD_SECONDS }));
}

async function alternate(start: Start, callers: Callers): Promise<readonly Played[]> {
  const gateway = await start(GATEWAY);
  const both = [await start(floor(FLOOR, gateway)), await start(chatProbe(SERVICE, gateway))];
  const maximum = new Map<string, number>();
  for (const { name, url } of both) {
    await load(url, WARM_UP_SECONDS);
    maximum.set(name, (await load(url, SECONDS)).requestsPerSecond);
  }
  const perSecond = Math.round(SHARE_OF_MAXIMUM * (maximum.get(SERVICE) ?? 0));
  console.log(
    `at most ${maximum.get(FLOOR)?.toFixed(0)} requests/s by the floor, ${maximum.get(SERVICE)?.toFixed(0)} by the service: ${perSecond} are asked of each`,
  );
  // So that neither the callers nor a connection is new.
  for (const { url } of both) await callers.play({ loop: 'open', url, perSecond, seconds: SECONDS });
  const results: Played[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contestant of round % 2 === 0 ? both : [...both].reverse()) {
      results.push(played(contestant, await callers.play({ loop: 'open', url: contestant.url, perSecond, seconds: SECONDS })));
    }
  }
  return results;
}

function played({ name }: Contestant, figures: CallersFigures): Played {
  const { asked, p50Ms, p99Ms, maxMs, lateMs, unanswered, failed } = figures;
  console.log(
    `${name.padEnd(16)}  ${asked} requests  p50 ${p50Ms.toFixed(2)}  p99 ${p99Ms.toFixed(2)}  max ${maxMs.toFixed(1)} ms; ${unanswered} unanswered, ${failed} failed${lateMs > 0 ? `; sent up to ${lateMs.toFixed(2)} ms late (p99)` : ''}`,
  );
  return { name, figures };
}

function report(): void {
  const of = (name: string): readonly CallersFigures[] => rounds.filter((round) => round.name === name).map(({ figures }) => figures);
  const medianOf = (figures: readonly CallersFigures[], pick: (of: CallersFigures) => number): number => median(figures.map(pick));
  const cold = colds.map(({ figures }) => figures);
  const row = (name: string, figures: readonly CallersFigures[]): readonly (string | number)[] => [
    name,
    medianOf(figures, ({ p50Ms }) => p50Ms),
    medianOf(figures, ({ p99Ms }) => p99Ms),
    medianOf(figures, ({ maxMs }) => maxMs),
    Math.max(...figures.map(({ maxMs }) => maxMs)),
  ];
  const heads = ['medians of the rounds', 'p50, ms', 'p99, ms', 'slowest, ms', 'slowest of all, ms'];
  printTable(heads, [row(FLOOR, of(FLOOR)), row(SERVICE, of(SERVICE)), row(`${SERVICE}, cold`, cold)]);
  const without = [...rounds, ...colds].reduce((sum, { figures }) => sum + figures.unanswered + figures.failed, 0);
  printTargets([
    atMost(
      "p99 of the service, less the floor's",
      medianOf(of(SERVICE), ({ p99Ms }) => p99Ms) - medianOf(of(FLOOR), ({ p99Ms }) => p99Ms),
      TARGET_P99_MS,
      ' ms',
    ),
    atMost(
      `p99 of the first ${COLD_SECONDS} s, ${COLD_CALLERS} callers`,
      medianOf(cold, ({ p99Ms }) => p99Ms),
      TARGET_COLD_MS,
      ' ms',
    ),
    atMost('requests without a good answer', without, 0),
  ]);
}
