/**
 * The callers of the soak, in a process of their own: node callers.ts URL RATE SEED. Asks so many times a second while it is told to;
 * every message from its parent is answered once nobody waits any more, with what was counted.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { ASKED_EVERY_S, isPossible, seededRandom, soakChats } from './chats.ts';
import type { Measured } from './judge.ts';

export type CallerCounts = Pick<
  Measured,
  'asked' | 'answered' | 'hungUp' | 'failed' | 'firstFailure' | 'wrongVerdicts' | 'firstWrong' | 'latestMs'
>;
/** `go` begins, `pause` ends, `tell` changes nothing. */
export type CallerOrder = 'go' | 'pause' | 'tell';

const HANG_UPS = 0.03;
/** One of so many chats is asked about by two at once. */
const SHARED = 50;
/** One of so many is asked about at the target whose first gateway is gone. */
const FAILING_OVER = 10;
const LONGEST_STAY_MS = 600;
const TICK_MS = 10;
/** The longest policy takes 2 s; a busy machine may take longer. */
const PATIENCE_MS = 60_000;

const [url = '', rateText = '', seedText = ''] = process.argv.slice(2);
const rate = Number(rateText);
const random = seededRandom(Number(seedText));
const chats = soakChats(rate * ASKED_EVERY_S, random);
// What nobody uses is closed soon, whatever the service promises: at rest only its own descriptors count.
const agent = new Agent({ connections: 2_000, keepAliveTimeout: 2_000, keepAliveMaxTimeout: 2_000 });
const counts = {
  asked: 0,
  answered: 0,
  hungUp: 0,
  failed: 0,
  firstFailure: null as string | null,
  wrongVerdicts: 0,
  firstWrong: null as string | null,
  latestMs: 0,
};
let waiting = 0;
let turn = 0;
let isGoing = false;

process.on('message', (order: CallerOrder) => void obey(order));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function obey(order: CallerOrder): Promise<void> {
  if (order === 'go') void go();
  if (order === 'pause') {
    isGoing = false;
    const untilMs = performance.now() + PATIENCE_MS;
    while (waiting > 0 && performance.now() < untilMs) await sleep(TICK_MS);
  }
  process.send?.({ ...counts } satisfies CallerCounts);
}

async function go(): Promise<void> {
  isGoing = true;
  let dueAtMs = performance.now();
  while (isGoing) {
    for (; dueAtMs <= performance.now(); dueAtMs += 1_000 / rate) askNext();
    await sleep(TICK_MS);
  }
}

function askNext(): void {
  const id = chats[turn % chats.length] ?? '';
  turn += 1;
  if (random() < HANG_UPS) return void count(hangUpOn(id));
  void count(ask(id));
  if (turn % SHARED === 0) void count(ask(id));
}

async function count(asking: Promise<void>): Promise<void> {
  counts.asked += 1;
  waiting += 1;
  try {
    await asking;
  } catch (fault) {
    counts.failed += 1;
    counts.firstFailure ??= String(fault);
  }
  waiting -= 1;
}

const pathOf = (id: string): string => `/interactions/${id}/probe`;
const bodyOf = (id: string): string =>
  JSON.stringify({
    // One for each fault: a gateway that calls a Chat Server down is believed for all its chats.
    chatServerAppName: `ChatServer_${id.split('-')[0]}`,
    target: turn % FAILING_OVER === 0 ? 'failing-over' : 'default',
    userData: { Customer: id.repeat(20) },
  });

async function ask(id: string): Promise<void> {
  const startedMs = performance.now();
  const headers = { 'content-type': 'application/json' };
  const { statusCode, body } = await request(url + pathOf(id), { method: 'POST', dispatcher: agent, headers, body: bodyOf(id) });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${id}: ${statusCode} ${text.slice(0, 200)}`);
  const { verdict, evidence } = JSON.parse(text) as { verdict: unknown; evidence: unknown };
  counts.answered += 1;
  counts.latestMs = Math.max(counts.latestMs, performance.now() - startedMs);
  if (isPossible(id, verdict, evidence)) return;
  counts.wrongVerdicts += 1;
  counts.firstWrong ??= text;
}

/** Sends a whole request, so that the service counts it, and leaves after a while, which may be before the answer or after it. */
function hangUpOn(id: string): Promise<void> {
  const body = bodyOf(id);
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST ${pathOf(id)} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      setTimeout(() => socket.destroy(), TICK_MS + random() * LONGEST_STAY_MS);
    });
    socket.on('error', reject).on('close', () => {
      counts.hungUp += 1;
      resolve();
    });
    // Read, so that the connection ends with a FIN: a reset could take the request with it.
    socket.resume();
  });
}
