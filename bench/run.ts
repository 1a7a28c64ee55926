/**
 * Compares the service with the least that any service in its place must do (floor.ts), on this machine, in alternating
 * rounds. BENCH_STARTS (3), BENCH_ROUNDS (3), BENCH_SECONDS (5) and BENCH_WARM_UP_SECONDS (20) make it longer or shorter.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestant.ts';
import { startContestant } from './contestant.ts';
import { CONNECTIONS, load, type Round } from './load.ts';
import { SAMPLE_TOKEN } from './samples.ts';
import { checkVerdicts } from './verdict-check.ts';

/** Two processes that do the very same differ by a tenth, for as long as they live: no single one says anything. */
const STARTS = Number(process.env['BENCH_STARTS'] ?? 3);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
/** On a busy machine code that is not compiled yet shows as a service that is three times as slow. */
const WARM_UP_SECONDS = Number(process.env['BENCH_WARM_UP_SECONDS'] ?? 20);
const IDLE_MS = 5_000;

const FLOOR = 'floor';
const SERVICE = 'chat-probe';
const SILENT = 'chat-probe, silent';
const PLAIN = 'chat-probe, plain';
const UNSEEN = 'chat-probe, unseen';

/** Processor time of a probe, in that of the floor: what other programs do on the machine changes it least. */
const TARGET_TIME = Number(process.versions.node.split('.')[0]) >= 24 ? 1.3 : 1.45;
const TARGET_RATIO = 0.8;
const TARGET_IDLE_MB = 120;
const TARGET_COST = 0.05;
const TARGET_EVIDENCE = 0.97;

/** A configuration in which every mechanism of src/resilience is switched off. */
const WITHOUT_WATCH = fileURLToPath(new URL('without-watch.yaml', import.meta.url));
/** One in which nothing is kept of answered probes. */
const WITHOUT_EVIDENCE = fileURLToPath(new URL('without-evidence.yaml', import.meta.url));

interface Measured {
  readonly rounds: ReadonlyMap<string, readonly TimedRound[]>;
  readonly idleMb: number;
  readonly loadedMb: number;
}

const running: Contestant[] = [];
console.log(
  `Node.js ${process.version}, ${cpus().length} cores, ${CONNECTIONS} connections; ${STARTS} times started, ${ROUNDS} rounds of ${SECONDS} s each`,
);
const all: Measured[] = [];
for (let start = 1; start <= STARTS; start += 1) {
  try {
    all.push(await measured());
  } finally {
    await Promise.all(running.splice(0).map((contestant) => contestant.stop()));
  }
}
report(all);

async function measured(): Promise<Measured> {
  const gateway = await script('gateway', 'stub-gateway.ts', {});
  const floor = await script(FLOOR, 'floor.ts', { BENCH_GATEWAY_URL: gateway.url });
  const service = await chatProbe(SERVICE, gateway, {});
  const silent = await chatProbe(SILENT, gateway, { CHATPROBE_LOG_LEVEL: 'silent' });
  const plain = await chatProbe(PLAIN, gateway, { CHATPROBE_CONFIG: WITHOUT_WATCH });
  const unseen = await chatProbe(UNSEEN, gateway, { CHATPROBE_CONFIG: WITHOUT_EVIDENCE });
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idleMb = service.rssMb();
  const rounds = await compete([floor, service, silent, plain, unseen]);
  return { rounds, idleMb, loadedMb: service.rssMb() };
}

function report(starts: readonly Measured[]): void {
  const medianOf = (name: string, pick: (round: TimedRound) => number): number =>
    median(starts.flatMap(({ rounds }) => rounds.get(name) ?? []).map(pick));
  const rateOf = (name: string): number => medianOf(name, ({ requestsPerSecond }) => requestsPerSecond);
  const timeOf = (name: string): number => medianOf(name, ({ eachUs }) => eachUs);
  const idleMb = Math.max(...starts.map((start) => start.idleMb));
  const loadedMb = Math.max(...starts.map((start) => start.loadedMb));
  const cost = 1 - rateOf(SERVICE) / rateOf(PLAIN);
  const ratio = rateOf(SERVICE) / rateOf(FLOOR);
  const timeRatio = timeOf(SERVICE) / timeOf(FLOOR);
  for (const name of [FLOOR, SERVICE, SILENT, PLAIN, UNSEEN]) {
    console.log(
      `median  ${name.padEnd(18)}  ${rateOf(name).toFixed(0).padStart(6)} requests/s  ${timeOf(name).toFixed(0)} µs of processor time each`,
    );
  }
  console.log(`memory: ${idleMb.toFixed(0)} MB idle before load, ${loadedMb.toFixed(0)} MB after it`);
  console.log(
    `processor time of a probe: ${timeRatio.toFixed(2)} of the floor's; ${(timeOf(SILENT) / timeOf(FLOOR)).toFixed(2)} without a log`,
  );
  console.log(`requests a second: ${ratio.toFixed(2)} of the floor; ${(rateOf(SILENT) / rateOf(FLOOR)).toFixed(2)} without a log`);
  console.log(
    `outage protection costs ${(100 * cost).toFixed(1)} % of the throughput without it, and ${(100 * (timeOf(SERVICE) / timeOf(PLAIN) - 1)).toFixed(1)} % more processor time`,
  );
  const kept = rateOf(SERVICE) / rateOf(UNSEEN);
  console.log(
    `with evidence ${(100 * kept).toFixed(1)} % of the throughput without it, and ${(100 * (timeOf(SERVICE) / timeOf(UNSEEN) - 1)).toFixed(1)} % more processor time`,
  );
  console.log(
    `targets: processor time <= ${TARGET_TIME} ${timeRatio <= TARGET_TIME ? 'met' : 'MISSED'}, rate >= ${TARGET_RATIO} ${ratio >= TARGET_RATIO ? 'met' : 'MISSED'}, idle < ${TARGET_IDLE_MB} MB ${idleMb < TARGET_IDLE_MB ? 'met' : 'MISSED'}, watch <= ${100 * TARGET_COST} % ${cost <= TARGET_COST ? 'met' : 'MISSED'}, evidence >= ${100 * TARGET_EVIDENCE} % ${kept >= TARGET_EVIDENCE ? 'met' : 'MISSED'}`,
  );
}

/** A round, and the processor time of each request in microseconds. */
interface TimedRound extends Round {
  readonly eachUs: number;
}

/** What each came to in each round, by name, after a warm-up. All the service's verdicts are checked. */
async function compete(contestants: readonly Contestant[]): Promise<ReadonlyMap<string, readonly TimedRound[]>> {
  const rounds = new Map<Contestant, TimedRound[]>(contestants.map((contestant) => [contestant, []]));
  for (const { url } of contestants) await load(url, WARM_UP_SECONDS);
  for (let round = 1; round <= ROUNDS; round += 1) {
    // In another order each time: what comes after what makes a difference that is nobody's merit.
    for (const contestant of [...contestants.slice(round % contestants.length), ...contestants.slice(0, round % contestants.length)]) {
      const usedMs = contestant.processorMs();
      const result = await load(contestant.url, SECONDS);
      const { requestsPerSecond, p99Ms, answers } = result;
      const eachUs = (1_000 * (contestant.processorMs() - usedMs)) / answers;
      rounds.get(contestant)?.push({ ...result, eachUs });
      console.log(
        `round ${round}  ${contestant.name.padEnd(18)}  ${requestsPerSecond.toFixed(0).padStart(6)} requests/s  p99 ${p99Ms} ms  ${eachUs.toFixed(0)} µs of processor time each`,
      );
    }
  }
  for (const [{ name, url }, results] of rounds) {
    if (name !== FLOOR)
      await checkVerdicts(
        url,
        results.reduce((sum, { answers }) => sum + answers, 0),
      );
  }
  return new Map([...rounds].map(([{ name }, results]) => [name, results]));
}

async function script(name: string, file: string, env: Readonly<Record<string, string>>): Promise<Contestant> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return started(await startContestant(name, ['--import', 'tsx', path], 'BENCH_PORT', { NODE_ENV: 'production', ...env }));
}

async function chatProbe(name: string, gateway: Contestant, env: Readonly<Record<string, string>>): Promise<Contestant> {
  const settings = {
    NODE_ENV: 'production',
    CHATPROBE_ADAPTER: 'gateway',
    CHATPROBE_GATEWAY_URL: gateway.url,
    CHATPROBE_HA: 'true',
    CHATPROBE_API_TOKEN: SAMPLE_TOKEN,
  };
  return started(await startContestant(name, ['dist/src/main.js'], 'CHATPROBE_PORT', { ...settings, ...env }));
}

function started(contestant: Contestant): Contestant {
  running.push(contestant);
  return contestant;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
