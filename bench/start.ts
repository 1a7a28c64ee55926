/**
 * From the start of a process to its first verdict, and what it holds when it has done nothing for 5 s: the service, and Fastify and undici
 * with nothing around them. BENCH_STARTS (5), and START_NODE_FLAGS, which Node.js runs both with (none).
 */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contestant, type Program, spawnContestant } from './contestant.ts';
import { atMost, median, printTable, printTargets } from './figures.ts';
import { PROBE_HEADERS, probePath, SAMPLE_REQUEST } from './samples.ts';
import { flagsFrom, inWords } from './settings.ts';
import { bareFastify, chatProbe, GATEWAY, withContestants } from './stage.ts';

const STARTS = Number(process.env['BENCH_STARTS'] ?? 5);
const NODE_FLAGS = flagsFrom('START_NODE_FLAGS') ?? [];
const IDLE_MS = 5_000;
const RETRY_MS = 2;
const GIVE_UP_MS = 30_000;
const TARGET_FIRST_MS = 1_000;
const TARGET_IDLE_MB = 90;

interface Started {
  readonly firstAnswerMs: number;
  readonly idleMb: number;
}

console.log(`Node.js ${process.version} with ${inWords(NODE_FLAGS)}, ${STARTS} starts of each`);
await withContestants(async (start) => {
  const gateway = await start(GATEWAY);
  const programs = [chatProbe('chat-probe', gateway, {}, NODE_FLAGS), bareFastify('bare Fastify', gateway, NODE_FLAGS)] as const;
  const starts = new Map<Program, Started[]>(programs.map((program) => [program, []]));
  for (let turn = 1; turn <= STARTS; turn += 1) {
    for (const program of programs) starts.get(program)?.push(await started(program));
  }
  const rows = programs.map((program) => ({
    name: program.name,
    firstAnswerMs: median((starts.get(program) ?? []).map(({ firstAnswerMs }) => firstAnswerMs)),
    idleMb: median((starts.get(program) ?? []).map(({ idleMb }) => idleMb)),
  }));
  const head = ['medians', 'first answer after, ms', 'idle memory, MB'];
  printTable(
    head,
    rows.map(({ name, firstAnswerMs, idleMb }) => [name, firstAnswerMs.toFixed(0), idleMb.toFixed(0)]),
  );
  const [{ firstAnswerMs, idleMb } = { firstAnswerMs: Number.NaN, idleMb: Number.NaN }] = rows;
  printTargets([atMost('first answer', firstAnswerMs, TARGET_FIRST_MS, ' ms'), atMost('idle memory', idleMb, TARGET_IDLE_MB, ' MB')]);
});

async function started(program: Program): Promise<Started> {
  const contestant = await spawnContestant(program);
  try {
    const firstAnswerMs = await firstAnswer(contestant);
    await sleep(IDLE_MS);
    const idleMb = contestant.rssMb();
    console.log(`${program.name.padEnd(14)}  first answer after ${firstAnswerMs.toFixed(0)} ms, ${idleMb.toFixed(0)} MB idle`);
    return { firstAnswerMs, idleMb };
  } finally {
    await contestant.stop();
  }
}

/** Asks for a probe again and again. Resolves with the time from the start of the process to the first 200. */
async function firstAnswer(contestant: Contestant): Promise<number> {
  for (;;) {
    const status = await probed(contestant);
    const tookMs = performance.now() - contestant.startedMs;
    if (status === 200) return tookMs;
    if (contestant.exitCode() !== null || tookMs > GIVE_UP_MS) throw new Error(`${contestant.name} answers with ${status}`);
    await sleep(RETRY_MS);
  }
}

/** The status of the answer; 0 where nobody listens. */
function probed({ name, url }: Contestant): Promise<number> {
  return new Promise((resolve) => {
    const id = `${name.replaceAll(' ', '-')}-first`;
    const sent = request(url + probePath(id), { agent: false, method: 'POST', headers: PROBE_HEADERS }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', () => resolve(0));
    sent.end(SAMPLE_REQUEST);
  });
}
