/**
 * Compares the service with the least that any service in its place must do (floor.ts), on this machine, in alternating
 * rounds. BENCH_ROUNDS (3) and BENCH_SECONDS (5) make it longer or shorter.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestant.ts';
import { startContestant } from './contestant.ts';
import { CONNECTIONS, load, type Round } from './load.ts';
import { checkVerdicts } from './verdict-check.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const WARM_UP_SECONDS = 2;
const IDLE_MS = 5_000;

const TARGET_RATIO = 0.6;
const TARGET_IDLE_MB = 120;
const TARGET_COST = 0.05;

/** A configuration in which every mechanism of src/outage is switched off. */
const WITHOUT_WATCH = fileURLToPath(new URL('without-watch.yaml', import.meta.url));

const running: Contestant[] = [];
try {
  await bench();
} finally {
  await Promise.all(running.map((contestant) => contestant.stop()));
}

async function bench(): Promise<void> {
  console.log(`Node.js ${process.version}, ${cpus().length} cores, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s each`);
  const gateway = await script('gateway', 'stub-gateway.ts', {});
  const floor = await script('floor', 'floor.ts', { BENCH_GATEWAY_URL: gateway.url });
  const service = await chatProbe('chat-probe', gateway, {});
  const silent = await chatProbe('chat-probe, silent', gateway, { CHATPROBE_LOG_LEVEL: 'silent' });
  const plain = await chatProbe('chat-probe, plain', gateway, { CHATPROBE_CONFIG: WITHOUT_WATCH });

  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idleMb = service.rssMb();
  const rounds = await compete([floor, service, silent, plain]);
  const rateOf = (contestant: Contestant): number =>
    median((rounds.get(contestant) ?? []).map(({ requestsPerSecond }) => requestsPerSecond));
  const timeOf = (contestant: Contestant): number => median((rounds.get(contestant) ?? []).map(({ eachUs }) => eachUs));

  const cost = 1 - rateOf(service) / rateOf(plain);
  const ratio = rateOf(service) / rateOf(floor);
  console.log(`memory: ${idleMb.toFixed(0)} MB idle before load, ${service.rssMb().toFixed(0)} MB after it`);
  console.log(`ratio of the medians: ${ratio.toFixed(2)} of the floor; ${(rateOf(silent) / rateOf(floor)).toFixed(2)} without a log`);
  console.log(
    `the watch over outages costs ${(100 * cost).toFixed(1)} % of the throughput without it, and ${(100 * (timeOf(service) / timeOf(plain) - 1)).toFixed(1)} % more processor time`,
  );
  console.log(
    `targets: ratio >= ${TARGET_RATIO} ${ratio >= TARGET_RATIO ? 'met' : 'MISSED'}, idle < ${TARGET_IDLE_MB} MB ${idleMb < TARGET_IDLE_MB ? 'met' : 'MISSED'}, watch <= ${100 * TARGET_COST} % ${cost <= TARGET_COST ? 'met' : 'MISSED'}`,
  );
}

/** A round, and the processor time of each request in microseconds. */
interface TimedRound extends Round {
  readonly eachUs: number;
}

/** What each came to in each round, after a warm-up. All the service's verdicts are checked. */
async function compete(contestants: readonly Contestant[]): Promise<ReadonlyMap<Contestant, readonly TimedRound[]>> {
  const rounds = new Map<Contestant, TimedRound[]>(contestants.map((contestant) => [contestant, []]));
  for (const { url } of contestants) await load(url, WARM_UP_SECONDS);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contestant of contestants) {
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
    if (name !== 'floor')
      await checkVerdicts(
        url,
        results.reduce((sum, { answers }) => sum + answers, 0),
      );
  }
  return rounds;
}

async function script(name: string, file: string, env: Readonly<Record<string, string>>): Promise<Contestant> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return started(await startContestant(name, ['--import', 'tsx', path], 'BENCH_PORT', { NODE_ENV: 'production', ...env }));
}

async function chatProbe(name: string, gateway: Contestant, env: Readonly<Record<string, string>>): Promise<Contestant> {
  const settings = { NODE_ENV: 'production', CHATPROBE_ADAPTER: 'gateway', CHATPROBE_GATEWAY_URL: gateway.url, CHATPROBE_HA: 'true' };
  return started(await startContestant(name, ['dist/main.js'], 'CHATPROBE_PORT', { ...settings, ...env }));
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
