/**
 * Ten thousand callers at once, all asking about chats of a Chat Server that is down, then all while the gateway is gone.
 * Client, service and simulator are processes of their own. Exits with 1 where a bound is not kept. CROWD_CALLERS (10000), and
 * CROWD_NODE_FLAGS, which Node.js runs the service with (none).
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { Contestant } from './contestant.ts';
import { startContestant } from './contestant.ts';

const CALLERS = Number(process.env['CROWD_CALLERS'] ?? 10_000);
const NODE_FLAGS = process.env['CROWD_NODE_FLAGS']?.split(' ') ?? [];
const DEADLINE_MS = 8_000;
const BOUNDS = { latestMs: DEADLINE_MS + 100, grownMb: 150, longestDelayMs: 500 };

interface Caller {
  readonly tookMs: number;
  readonly body: string;
}

const simulator = await startContestant('simulator', ['dist/lab/simulator/main.js'], 'CHATPROBE_SIM_PORT', {});
const service = await startContestant('chat-probe', [...NODE_FLAGS, 'dist/src/main.js'], 'CHATPROBE_PORT', {
  NODE_ENV: 'production',
  CHATPROBE_ADAPTER: 'gateway',
  CHATPROBE_GATEWAY_URL: simulator.url,
  CHATPROBE_HA: 'true',
});
try {
  await crowd('Chat Server down');
  await simulator.stop();
  await crowd('gateway gone');
} finally {
  await Promise.all([service.stop(), simulator.stop()]);
}

async function crowd(name: string): Promise<void> {
  const beforeMb = service.rssMb();
  let peakMb = beforeMb;
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, service.rssMb());
  }, 50);
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const callers = await Promise.all(Array.from({ length: CALLERS }, (_, n) => call(agent, `${name.replaceAll(' ', '-')}-${n}`)));
  clearInterval(watch);
  const lagMs = await longestDelayMs(service);

  const tookMs = callers.map((caller) => caller.tookMs).sort((a, b) => a - b);
  const latestMs = tookMs.at(-1) ?? 0;
  const grownMb = peakMb - beforeMb;
  console.log(
    `${name}: ${CALLERS} callers at once, answers after ${at(tookMs, 0.5)} ms (half), ${at(tookMs, 0.99)} ms (99 of 100), ${latestMs.toFixed(0)} ms (all)`,
  );
  console.log(
    `  memory ${beforeMb.toFixed(0)} MB before, ${peakMb.toFixed(0)} MB at most; longest event-loop delay ${lagMs.toFixed(0)} ms`,
  );
  for (const [answer, count] of counted(callers)) console.log(`  ${String(count).padStart(6)}  ${answer}`);
  bound('every answer within the deadline + 100 ms', latestMs <= BOUNDS.latestMs);
  bound(
    'every answer a 200 with a verdict',
    callers.every(({ body }) => body.includes('"verdict":"')),
  );
  bound(`memory grows by at most ${BOUNDS.grownMb} MB`, grownMb <= BOUNDS.grownMb);
  bound(`longest event-loop delay at most ${BOUNDS.longestDelayMs} ms`, lagMs <= BOUNDS.longestDelayMs);
}

function bound(promise: string, isKept: boolean): void {
  console.log(`  ${isKept ? 'kept  ' : 'MISSED'}  ${promise}`);
  if (!isKept) process.exitCode = 1;
}

/** Times one caller from the moment its connection stands: how long this process takes to open ten thousand is not the service's. */
async function call(agent: Agent, id: string): Promise<Caller> {
  let startedMs = performance.now();
  const sent = request(`${service.url}/interactions/${id.slice(0, 60)}/probe`, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.once('socket', (socket) =>
    socket.once('connect', () => {
      startedMs = performance.now();
    }),
  );
  sent.end('{"chatServerAppName":"ChatServer_2"}');
  const [answer] = await once(sent, 'response');
  let body = '';
  for await (const chunk of answer) body += chunk;
  return { tookMs: performance.now() - startedMs, body: answer.statusCode === 200 ? body : `status ${answer.statusCode}` };
}

/** The longest delay of the event loop in the last minute. */
async function longestDelayMs({ url }: Contestant): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^chatprobe_event_loop_delay_max_seconds (\S+)$/m.exec(text)?.[1]) * 1_000;
}

function counted(callers: readonly Caller[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { body } of callers) {
    const { verdict, reason, servedBy } = body.startsWith('{') ? JSON.parse(body) : { verdict: body, reason: '', servedBy: '' };
    const answer = `${verdict} ${reason} (${servedBy})`;
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(0);
}
