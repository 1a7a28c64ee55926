/**
 * Ten thousand callers at once, all asking about chats of a Chat Server that is down, then all while the gateway is gone; and what a bare
 * `node:http` server takes that holds as many for as long. Client, service and simulator are processes of their own. Exits with 1 where a
 * bound is not kept. CROWD_CALLERS (10000), and CROWD_NODE_FLAGS, which Node.js runs the service with (those of the systemd unit).
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { percentile } from '../lab/rehearsal/percentile.ts';
import { type Contestant, nodeProgram } from './contestant.ts';
import { atMost, median, printTable, printTargets } from './figures.ts';
import { probePath } from './samples.ts';
import { flagsFrom, inWords } from './settings.ts';
import { bareCrowd, recommendedFlags, withContestants } from './stage.ts';

const CALLERS = Number(process.env['CROWD_CALLERS'] ?? 10_000);
const NODE_FLAGS = flagsFrom('CROWD_NODE_FLAGS') ?? recommendedFlags();
const DEADLINE_MS = 8_000;
const BOUNDS = { latestMs: DEADLINE_MS + 100, grownMb: 150, longestDelayMs: 500 };
/** Of what the bare server grows by. */
const TARGETS = { defaultFlags: 1.1, sameFlags: 1.3 };

interface Caller {
  readonly tookMs: number;
  readonly body: string;
}

interface Crowd {
  readonly callers: readonly Caller[];
  readonly beforeMb: number;
  readonly peakMb: number;
  /** Callers who waited at the same time, at most: fewer than all where the machine is too busy to let them in at once. */
  readonly mostWaiting: number;
}

console.log(`Node.js ${process.version}, the service with ${inWords(NODE_FLAGS)}`);
const ofService = await crowdsOfService();
const holdMs = median(ofService.callers.map(({ tookMs }) => tookMs));
const byDefault = await crowdOfBare([], holdMs);
const bySame = NODE_FLAGS.length === 0 ? byDefault : await crowdOfBare(NODE_FLAGS, holdMs);
compare(ofService, byDefault, bySame);

/** Resolves with the first. */
function crowdsOfService(): Promise<Crowd> {
  return withContestants(async (start) => {
    const simulator = await start(nodeProgram('simulator', ['dist/lab/simulator/main.js'], 'CHATPROBE_SIM_PORT', {}));
    const settings = { CHATPROBE_ADAPTER: 'gateway', CHATPROBE_GATEWAY_URL: simulator.url, CHATPROBE_HA: 'true' };
    const env = { NODE_ENV: 'production', ...settings };
    const service = await start(nodeProgram('chat-probe', [...NODE_FLAGS, 'dist/src/main.js'], 'CHATPROBE_PORT', env));
    const first = await judgedCrowd(service, 'Chat Server down');
    await simulator.stop();
    await judgedCrowd(service, 'gateway gone');
    return first;
  });
}

function crowdOfBare(flags: readonly string[], forMs: number): Promise<Crowd> {
  return withContestants(async (start) => crowd(await start(bareCrowd('bare node:http', forMs, flags)), 'held'));
}

function compare(service: Crowd, bareByDefault: Crowd, bareBySame: Crowd): void {
  const grownMb = ({ beforeMb, peakMb }: Crowd): number => peakMb - beforeMb;
  const row = (name: string, flags: readonly string[], of: Crowd): readonly string[] => {
    const cells = [of.mostWaiting, of.beforeMb, of.peakMb, grownMb(of)].map((figure) => figure.toFixed(0));
    return [`${name}, ${inWords(flags)}`, ...cells];
  };
  printTable(
    ['memory', 'waiting at once', 'MB before', 'MB at most', 'grown by'],
    [
      row('chat-probe', NODE_FLAGS, service),
      row('bare node:http', [], bareByDefault),
      ...(NODE_FLAGS.length === 0 ? [] : [row('bare node:http', NODE_FLAGS, bareBySame)]),
    ],
  );
  printTargets([
    atMost('growth, in that of a bare server under default flags', grownMb(service) / grownMb(bareByDefault), TARGETS.defaultFlags),
    atMost('growth, in that of a bare server under the same flags', grownMb(service) / grownMb(bareBySame), TARGETS.sameFlags),
  ]);
}

async function crowd(server: Contestant, name: string): Promise<Crowd> {
  const beforeMb = server.rssMb();
  let peakMb = beforeMb;
  let waiting = 0;
  let mostWaiting = 0;
  const count = (by: 1 | -1): void => {
    waiting += by;
    mostWaiting = Math.max(mostWaiting, waiting);
  };
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, server.rssMb());
  }, 50);
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const callers = await Promise.all(
    Array.from({ length: CALLERS }, (_, n) => call(agent, server.url + probePath(`${name.replaceAll(' ', '-')}-${n}`.slice(0, 60)), count)),
  );
  clearInterval(watch);
  return { callers, beforeMb, peakMb, mostWaiting };
}

async function judgedCrowd(service: Contestant, name: string): Promise<Crowd> {
  const come = await crowd(service, name);
  const { callers, beforeMb, peakMb } = come;
  const lagMs = await longestDelayMs(service);

  const tookMs = callers.map((caller) => caller.tookMs).sort((a, b) => a - b);
  const at = (share: number): string => percentile(tookMs, share).toFixed(0);
  const latestMs = tookMs.at(-1) ?? 0;
  const grownMb = peakMb - beforeMb;
  console.log(`${name}: ${CALLERS} callers at once, answers after ${at(0.5)} ms (half), ${at(0.99)} ms (99 of 100), ${at(1)} ms (all)`);
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
  return come;
}

function bound(promise: string, isKept: boolean): void {
  console.log(`  ${isKept ? 'kept  ' : 'MISSED'}  ${promise}`);
  if (!isKept) process.exitCode = 1;
}

/** Times one caller from the moment its connection stands: how long this process takes to open ten thousand is not the service's. */
async function call(agent: Agent, url: string, count: (by: 1 | -1) => void): Promise<Caller> {
  let startedMs = performance.now();
  const sent = request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json' } });
  sent.once('socket', (socket) =>
    socket.once('connect', () => {
      startedMs = performance.now();
      count(1);
    }),
  );
  sent.end('{"chatServerAppName":"ChatServer_2"}');
  const [answer] = await once(sent, 'response');
  count(-1);
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
