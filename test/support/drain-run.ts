import { Agent } from 'node:http';
import { freePort } from './free-port.ts';
import { post } from './http-caller.ts';
import { type RunningProcess, startProcess, untilAnswers } from './running-process.ts';

/** Callers who ask again and again, each from one connection that it keeps. */
const KEPT_CONNECTIONS = 120;
/** Callers who open a connection for each question. */
const NEW_CONNECTIONS = 40;
const MOST_PAUSE_MS = 200;
const BEFORE_THE_SIGNAL_MS = 1_500;
const ENTRY = new URL('../../dist/src/main.js', import.meta.url).pathname;
/** A busy machine must not make the service answer `overloaded`. */
const PATIENT = new URL('../fixtures/patient.yaml', import.meta.url).pathname;
const LIVE_CHAT = '0006Ka9HFHRR0T2B';
/** Asked about for six seconds before its verdict. */
const LOST_CHAT = '02JH8H2FE3Q3T00E';

export interface DrainRun {
  /** Answered with 200, and of those with a new connection for it. */
  readonly answers: number;
  readonly onNewConnections: number;
  /** Turned away once the listener was closed, as anybody is where nothing listens. */
  readonly refused: number;
  /** What became of all others, and when after the signal: none should be. */
  readonly failures: readonly string[];
  readonly exit: number | string;
  readonly drainedMs: number;
}

/** Sends the built service SIGTERM under load. Everybody goes on asking until nothing listens any more. */
export async function drainUnderLoad(): Promise<DrainRun> {
  const port = await freePort();
  const running = startProcess({
    command: [process.execPath, ENTRY],
    cwd: '.',
    env: { CHATPROBE_CONFIG: PATIENT, CHATPROBE_PORT: String(port), CHATPROBE_DRAIN_MS: '12000', CHATPROBE_LOG_LEVEL: 'warn' },
    uid: null,
  });
  await untilAnswers(running, `http://127.0.0.1:${port}/livez`, 20_000);
  const load = startLoad(port);
  await new Promise((resolve) => setTimeout(resolve, BEFORE_THE_SIGNAL_MS));
  return endOf(running, load);
}

async function endOf(running: RunningProcess, load: ReturnType<typeof startLoad>): Promise<DrainRun> {
  const signalledAtMs = performance.now();
  const exit = await running.stop('SIGTERM', 30_000);
  const drainedMs = performance.now() - signalledAtMs;
  await load.over;
  const failures = load.failures.map(({ what, atMs }) => `${what}, ${Math.round(atMs - signalledAtMs)} ms after the signal`);
  return { ...load.count, failures, exit, drainedMs };
}

function startLoad(port: number) {
  const count = { answers: 0, onNewConnections: 0, refused: 0 };
  const failures: { what: string; atMs: number }[] = [];
  const caller = async (agent: Agent | false, id: string): Promise<void> => {
    for (;;) {
      const came = await ask(port, agent, id);
      if (came === 'ECONNREFUSED') break;
      if (came === '200') {
        count.answers += 1;
        if (agent === false) count.onNewConnections += 1;
      } else failures.push({ what: `${agent === false ? 'new' : 'kept'}: ${came}`, atMs: performance.now() });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_PAUSE_MS));
    }
    count.refused += 1;
    if (agent !== false) agent.destroy();
  };
  const kept = Array.from({ length: KEPT_CONNECTIONS }, (_, n) =>
    caller(new Agent({ keepAlive: true, maxSockets: 1 }), n % 12 === 0 ? LOST_CHAT : LIVE_CHAT),
  );
  const fresh = Array.from({ length: NEW_CONNECTIONS }, () => caller(false, LIVE_CHAT));
  return { count, failures, over: Promise.all([...kept, ...fresh]) };
}

/** The status, or the code of what broke. */
async function ask(port: number, agent: Agent | false, id: string): Promise<string> {
  const got = await post(port, `/interactions/${id}/probe?ChatServerAppName=ChatServer_1`, agent);
  return 'broken' in got ? got.broken : String(got.status);
}
