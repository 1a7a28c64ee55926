import type { FastifyInstance } from 'fastify';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config/load.ts';
import { createLogger } from '../src/observers/logger.ts';
import { createVirtualClock, type VirtualClock } from '../src/probe/virtual-clock.ts';
import { adapterThat, outcomeOf } from '../test/support/scripted-adapter.ts';

/** When the hour of the pictures ends. */
const END_MS = Date.UTC(2026, 10, 28, 3, 12);
const MINUTES = 62;
const LAST_MS = 2_000;
const MINUTE_MS = 60_000;
/** When `ChatServer_3` goes down, for good, and when `ChatServer_2` restarts. */
const DOWN_MINUTE = 45;
const RESTART_MINUTE = 17;
const RESTART_MINUTES = 1.5;
/** Of the chats one in so many is gone without any outage. */
const LOST_EVERY = 53;
/** How many chats of the server that is down go round and round. */
const GHOSTS = 45;
/** `inject` takes some turns of the event loop until the probe waits. */
const TURNS_OF_A_REQUEST = 10;

const CONFIG = `
server: { statusPage: true, replica: probe-1, maxEventLoopDelayMs: 60000 }
targets:
  default:
    adapter: gateway
    gateways: [http://127.0.0.1:1]
    ha: true
    restoreWindowMs: 45000
    chatServers: [ChatServer_1, ChatServer_2, ChatServer_3, ChatServer_4]
    guard: { requireDelivery: false }
`;

/** A service that has gone through an hour in which one of four Chat Servers was down for a while: always the same hour. */
export async function playedHour(): Promise<FastifyInstance> {
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'config.yaml' }, () => ({ ok: true, text: CONFIG }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const clock = createVirtualClock();
  const adapter = adapterThat(async (request) => {
    const minute = clock.nowMs() / MINUTE_MS;
    const isDown = request.appName === 'ChatServer_3' && minute >= DOWN_MINUTE;
    const isRestarting = request.appName === 'ChatServer_2' && minute >= RESTART_MINUTE && minute < RESTART_MINUTE + RESTART_MINUTES;
    if (isDown || isRestarting) return outcomeOf('orphaned', request);
    return outcomeOf(String(request.userData['InteractionId']).startsWith('02JH') ? 'dead' : 'delivered', request);
  });
  const { server } = await createApp(loaded.config, {
    logger: createLogger('silent', { write: () => undefined }),
    version: '0.1.0',
    nodeVersion: process.version,
    clock,
    wallNowMs: () => END_MS - MINUTES * MINUTE_MS - LAST_MS + clock.nowMs(),
    random: () => 0.5,
    makeAdapter: () => adapter,
  });
  await play(server, clock);
  return server;
}

async function play(server: FastifyInstance, clock: VirtualClock): Promise<void> {
  const asked: Promise<unknown>[] = [];
  /** Chats of the server that goes down, asked about while it was there. */
  const onThird: string[] = [];
  const ask = async (id: string, chatServer: string): Promise<void> => {
    asked.push(server.inject({ method: 'POST', url: `/interactions/${id}/probe?chatServerAppName=${chatServer}` }));
    for (let turn = 0; turn < TURNS_OF_A_REQUEST; turn += 1) await new Promise(setImmediate);
  };
  let chats = 0;
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const arriving = 36 + Math.round(12 * Math.sin(minute / 7)) + (minute % 5);
    for (let n = 0; n < arriving; n += 1) {
      chats += 1;
      if (minute === MINUTES - 1 && n === 0) await ask('02JH8H2FE3Q3T00E', 'ChatServer_1');
      const host = 1 + (chats % 4);
      const isAway = host === 3 && minute >= DOWN_MINUTE - 1;
      const id = idAt(minute, n);
      if (host === 3 && !isAway) onThird.push(id);
      const again = isAway ? onThird.slice(-GHOSTS)[chats % GHOSTS] : undefined;
      if (chats % LOST_EVERY === 0 && !isAway) await ask(`02JH${id.slice(4)}`, 'ChatServer_1');
      else await ask(again ?? id, `ChatServer_${isAway && again === undefined ? 4 : host}`);
      await clock.advance(MINUTE_MS / arriving);
    }
  }
  await Promise.all(asked);
}

/** Ids in the order in which their chats came. */
function idAt(minute: number, n: number): string {
  return `0006Ka9H${String(minute).padStart(3, '0')}R${String(n).padStart(4, '0')}`;
}
