/**
 * Asks the built service for a long time, through every fault that a gateway can show, with callers who hang up, and holds it to what
 * must not change with time: the heap, the descriptors, that every request is counted and answered. `--help` tells how to ask for it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CLOSED_PORT } from '../test/support/scripted-gateway.ts';
import { createProgress, type Progress } from './progress.ts';
import type { CallerCounts, CallerOrder } from './soak/callers.ts';
import { ASKED_EVERY_S, KINDS } from './soak/chats.ts';
import type { FarEndCounts } from './soak/far-end.ts';
import { judgeSoak, type Measured } from './soak/judge.ts';

const USAGE = `npm run soak -- [--seconds N] [--rate N] [--seed N] [--plant leak]

  --seconds N   how long, the warm-up included (1800; at least 50)
  --rate N      probes a second (300)
  --seed N      plays the same chats again
  --plant leak  makes the service leak, to see that the soak finds it

Ends with 1 if something broke, and says what.
`;
const EXIT_USAGE = 64;
/** The least in which every chat is asked about, and all of the service has run. */
const WARM_UP_S = ASKED_EVERY_S + 5;
/** Less than the record of any probe takes, so that evidence is full when the warm-up ends: what grows after that is a leak. */
const EVIDENCE_BYTES_EACH = 400;
/** Connections that nobody uses are closed within 5 s, by callers and by the service. */
const SETTLE_MS = 7_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1800' },
    rate: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    plant: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
const [seconds, rate, seed] = [Number(values.seconds), Number(values.rate), Number(values.seed)];
if (values.help) process.stdout.write(USAGE);
else if (!(seconds >= 2 * WARM_UP_S && rate > 0 && Number.isInteger(seed)) || !['', 'leak'].includes(values.plant)) {
  console.error(USAGE);
  process.exitCode = EXIT_USAGE;
} else await soak();

async function soak(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-soak-'));
  const children: ChildProcess[] = [];
  const start = (path: string, args: readonly string[], options: Parameters<typeof fork>[2]): ChildProcess => {
    const child = fork(fileURLToPath(new URL(path, import.meta.url)), args, options);
    children.push(child);
    return child;
  };
  try {
    const farEnd = start('soak/far-end.ts', [], { execArgv: ['--import', 'tsx'] });
    const [gateway] = (await once(farEnd, 'message')) as [string];
    const config = join(folder, 'config.yaml');
    writeFileSync(config, await configFor(gateway));
    const service = start('../dist/src/main.js', [], {
      execArgv: ['--expose-gc', '--import', new URL('soak/heap-reader.mjs', import.meta.url).href],
      env: { PATH: process.env['PATH'] ?? '', CHATPROBE_CONFIG: config, CHATPROBE_PORT: '0', SOAK_PLANT: values.plant },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const url = await urlOf(service);
    const callers = start('soak/callers.ts', [url, String(rate), String(seed)], { execArgv: ['--import', 'tsx'] });
    await once(callers, 'message');
    console.log(`${rate} probes a second for ${seconds} s, ${KINDS} kinds of fault, seed ${seed}`);
    await judged({ url, service, callers, farEnd });
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

interface Parties {
  readonly url: string;
  readonly service: ChildProcess;
  readonly callers: ChildProcess;
  readonly farEnd: ChildProcess;
}

async function judged(parties: Parties): Promise<void> {
  const startedMs = performance.now();
  const progress = createProgress(seconds, process.stdout, () => performance.now());
  await load(parties, progress, startedMs, startedMs + WARM_UP_S * 1_000);
  const warm = await measureAtRest(parties);
  await load(parties, progress, startedMs, startedMs + seconds * 1_000);
  const end = await measureAtRest(parties);
  console.log(line(startedMs, end));
  const complaints = judgeSoak(warm, end);
  for (const complaint of complaints) console.error(`BROKEN: ${complaint}`);
  if (complaints.length > 0) process.exitCode = 1;
  else
    console.log(
      `all kept: heap ${warm.heapMb.toFixed(1)} -> ${end.heapMb.toFixed(1)} MB, descriptors ${warm.descriptors} -> ${end.descriptors}`,
    );
}

/** Lets the callers ask until then, and tells how it goes. */
async function load(parties: Parties, progress: Progress, startedMs: number, untilMs: number): Promise<void> {
  const { service, callers } = parties;
  await answerOf<CallerCounts>(callers, 'go' satisfies CallerOrder);
  while (performance.now() < untilMs && service.exitCode === null) {
    await sleep(Math.min(1_000, Math.max(0, untilMs - performance.now())));
    await progress.tell((performance.now() - startedMs) / 1_000, async () => line(startedMs, await measured(parties, 'tell')));
  }
  progress.clear();
}

async function measureAtRest(parties: Parties): Promise<Measured> {
  await answerOf<CallerCounts>(parties.callers, 'pause' satisfies CallerOrder);
  await sleep(SETTLE_MS);
  return measured(parties, 'tell');
}

async function measured({ url, service, callers, farEnd }: Parties, order: CallerOrder): Promise<Measured> {
  const counted = await answerOf<CallerCounts>(callers, order);
  const page = await (await fetch(`${url}/metrics`)).text();
  const total = (name: string): number =>
    [...page.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
  return {
    ...counted,
    ...(await answerOf<FarEndCounts>(farEnd, 'tell')),
    heapMb: (await answerOf<number>(service, 'tell')) / 2 ** 20,
    descriptors: readdirSync(`/proc/${service.pid}/fd`).length,
    answers: total('chatprobe_requests_total'),
    cancelled: total('chatprobe_probes_cancelled_total'),
    inFlight: total('chatprobe_probes_in_flight'),
  };
}

/** What a child answers to this. Rejects if it ends instead. */
function answerOf<T>(child: ChildProcess, order: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null): void => {
      reject(new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${code ?? signal}`));
    };
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer as T);
    });
    child.send(order, (fault) => fault !== null && reject(fault));
  });
}

function line(startedMs: number, { asked, answered, hungUp, heapMb, descriptors, latestMs }: Measured): string {
  const passed = Math.round((performance.now() - startedMs) / 1_000);
  return `${passed} s: ${asked} asked, ${answered} answered, ${hungUp} hung up, the latest after ${latestMs.toFixed(0)} ms; heap ${heapMb.toFixed(1)} MB, ${descriptors} descriptors`;
}

/** Every stop that is found out is answered, so that a wrong one shows; messages and stops are counted for as long as a chat is not asked about again. */
async function configFor(gateway: string): Promise<string> {
  const outage = { messageWindowMs: 1_000 * ASKED_EVERY_S };
  const target = (...gateways: string[]) => ({
    adapter: 'gateway',
    gateways,
    ha: false,
    policy: 'quick',
    outage,
    guard: { massStop: false },
  });
  return JSON.stringify({
    server: { evidence: { maxBytes: EVIDENCE_BYTES_EACH * rate * WARM_UP_S } },
    targets: { default: target(gateway), 'failing-over': target(`http://127.0.0.1:${CLOSED_PORT}`, gateway) },
    policies: { quick: { attempts: 2, attemptTimeoutMs: 1_000, pauseMs: 50, deadlineMs: 2_000 } },
  });
}

/** Where the service listens, by its log; which is read on to the end, as whoever runs it would. */
function urlOf(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    service.once('exit', () => reject(new Error(`the service did not listen:\n${text}`)));
    service.stdout?.on('data', (chunk: Buffer) => {
      if (text.length < 100_000) text += chunk;
      const [, url] = /listening on (http:\/\/[\d.]+:\d+)/.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
}
