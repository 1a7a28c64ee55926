/**
 * Compares the service with the least that any service in its place must do (floor.ts), and with others who could stand there (peers.ts),
 * on this machine, in alternating rounds. settings.ts has what makes it longer or shorter.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestant.ts';
import { CONNECTIONS, load, type Page, type Round } from './load.ts';
import { blackbox, blackboxPage, canRunBlackbox, canRunHour, hour } from './peers.ts';
import { BLACKBOX, FLOOR, HOUR, type Measured, PLAIN, report, SERVICE, SILENT, type TimedRound, UNSEEN } from './report.ts';
import { ROUNDS, SECONDS, STARTS, WARM_UP_SECONDS } from './settings.ts';
import { chatProbe, floor, GATEWAY, type Start, withContestants } from './stage.ts';
import { type Check, hourCheck, noCheck, serviceCheck } from './verdict-check.ts';

const IDLE_MS = 5_000;

/** A configuration in which every mechanism of src/resilience is switched off. */
const WITHOUT_WATCH = fileURLToPath(new URL('without-watch.yaml', import.meta.url));
/** One in which nothing is kept of answered probes. */
const WITHOUT_EVIDENCE = fileURLToPath(new URL('without-evidence.yaml', import.meta.url));

/** One who competes, and what it is asked for: a page, or null for probes that are posted. */
interface Entrant {
  readonly contestant: Contestant;
  readonly page: Page | null;
  readonly check: Check;
}

const withHour = canRunHour();
const withBlackbox = canRunBlackbox();
console.log(
  `Node.js ${process.version}, ${cpus().length} cores, ${CONNECTIONS} connections; ${STARTS} times started, ${ROUNDS} rounds of ${SECONDS} s each`,
);
const all: Measured[] = [];
for (let start = 1; start <= STARTS; start += 1) all.push(await withContestants(measured));
report(all);

async function measured(start: Start): Promise<Measured> {
  const gateway = await start(GATEWAY);
  const service = await start(chatProbe(SERVICE, gateway));
  const entrants: Entrant[] = [
    { contestant: await start(floor(FLOOR, gateway)), page: null, check: noCheck },
    { contestant: service, page: null, check: serviceCheck },
  ];
  const enter = async (name: string, env: Readonly<Record<string, string>>): Promise<void> => {
    entrants.push({ contestant: await start(chatProbe(name, gateway, env)), page: null, check: serviceCheck });
  };
  await enter(SILENT, { CHATPROBE_LOG_LEVEL: 'silent' });
  await enter(PLAIN, { CHATPROBE_CONFIG: WITHOUT_WATCH });
  await enter(UNSEEN, { CHATPROBE_CONFIG: WITHOUT_EVIDENCE });
  if (withHour) entrants.push({ contestant: await start(hour(HOUR, gateway)), page: null, check: hourCheck });
  if (withBlackbox) entrants.push({ contestant: await start(blackbox(BLACKBOX)), page: blackboxPage(gateway), check: noCheck });
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idleMb = service.rssMb();
  const rounds = await compete(entrants);
  return { rounds, idleMb, loadedMb: service.rssMb() };
}

/** What each came to in each round, by name, after a warm-up. All verdicts are checked. */
async function compete(entrants: readonly Entrant[]): Promise<ReadonlyMap<string, readonly TimedRound[]>> {
  const rounds = new Map<Entrant, TimedRound[]>(entrants.map((entrant) => [entrant, []]));
  for (const { contestant, page } of entrants) await load(contestant.url, WARM_UP_SECONDS, page);
  for (let round = 1; round <= ROUNDS; round += 1) {
    // In another order each time: what comes after what makes a difference that is nobody's merit.
    for (const entrant of [...entrants.slice(round % entrants.length), ...entrants.slice(0, round % entrants.length)]) {
      const result = await timed(entrant);
      rounds.get(entrant)?.push(result);
      console.log(
        `round ${round}  ${entrant.contestant.name.padEnd(18)}  ${result.requestsPerSecond.toFixed(0).padStart(6)} requests/s  p99 ${result.p99Ms} ms  ${result.eachUs.toFixed(0)} µs of processor time each`,
      );
    }
  }
  for (const [{ contestant, check }, results] of rounds) await check(contestant.url, answersOf(results));
  return new Map([...rounds].map(([{ contestant }, results]) => [contestant.name, results]));
}

async function timed({ contestant, page }: Entrant): Promise<TimedRound> {
  const usedMs = contestant.processorMs();
  const result = await load(contestant.url, SECONDS, page);
  return { ...result, eachUs: (1_000 * (contestant.processorMs() - usedMs)) / result.answers };
}

function answersOf(rounds: readonly Round[]): number {
  return rounds.reduce((sum, { answers }) => sum + answers, 0);
}
