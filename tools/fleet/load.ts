import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallerGot, post } from '../../test/support/http-caller.ts';
import type { Span } from './judge.ts';
import type { World } from './world.ts';

/** One question, and what became of it. */
export interface Question {
  readonly id: string;
  readonly chatServer: string;
  readonly begunMs: number;
  readonly endedMs: number;
  /** Asked about by two callers at once. */
  readonly isTwin: boolean;
  /** Whether its chat was gone before the answer. */
  readonly isGhost: boolean;
  /** What went wrong instead of an answer, null if nothing did. */
  readonly failure: string | null;
  readonly verdict: string | null;
  readonly evidence: string | null;
  readonly probeId: string | null;
}

/** Callers who ask about chats before they are routed, some of them two at once; a chat that is gone comes back until it is stopped. */
export interface Load {
  /** Where they ask. */
  port: number;
  readonly questions: readonly Question[];
  /** Times at which this process, and so the machine, stood still for a while. */
  readonly stalls: readonly Span[];
  readonly ghosts: { readonly known: number; readonly stopped: number };
  /** Crashes it, and knows its chats to be gone. They are those of whom nothing can be restored. */
  crash(chatServer: string): Promise<void>;
  start(chatServer: string): Promise<void>;
  /** A question of its own, beside the others. */
  ask(chat: Pick<Question, 'id' | 'chatServer'>): Promise<Question>;
  /** Resolves when whoever asked before now has an answer. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface Chat {
  readonly id: string;
  readonly chatServer: string;
  asked: number;
  askedAtMs: number;
  isGhost: boolean;
  isStopped: boolean;
}

const LIVING = 120;
/** Then its agent is done with it. The service lets a chat have ten messages. */
const ASKED_AT_MOST = 5;
const GHOST_AGAIN_MS = 1_500;
/** One of so many questions is about a ghost, where there are some. */
const GHOST_EVERY = 3;
/** One of so many living chats is asked about by two at once. */
const TWIN_EVERY = 3;
/** One of so many questions comes by a connection of its own. */
const FRESH_EVERY = 4;
/** Picks evenly, and in no step with four replicas that are asked in turn. */
const GOLDEN = 0.618_034;
const TICK_MS = 10;
const STALL_MS = 50;
const PATIENCE_MS = 30_000;

export function startLoad(world: World, chatServers: readonly string[], port: number, perSecond: number, token: string): Load {
  return new Callers(world, chatServers, port, perSecond, token);
}

class Callers implements Load {
  port: number;
  readonly questions: Question[] = [];
  readonly stalls: Span[] = [];
  readonly #world: World;
  readonly #perSecond: number;
  readonly #headers: Readonly<Record<string, string>>;
  // Each connection in its turn: one that nobody used for 10 s is closed by HAProxy, perhaps as we ask.
  readonly #kept = new Agent({ keepAlive: true, maxFreeSockets: 8, scheduling: 'fifo' });
  readonly #up: Set<string>;
  #living: Chat[] = [];
  readonly #all: Chat[] = [];
  /** Those who come back. */
  readonly #ghosts: Chat[] = [];
  readonly #waiting = new Set<Promise<unknown>>();
  #opened = 0;
  #turn = 0;
  #opening = 0;
  #isOver = false;
  readonly #running: Promise<void>;

  constructor(world: World, chatServers: readonly string[], port: number, perSecond: number, token: string) {
    this.#world = world;
    this.#up = new Set(chatServers);
    this.port = port;
    this.#perSecond = perSecond;
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    this.#running = this.#run();
  }

  get ghosts() {
    return { known: this.#ghosts.length, stopped: this.#ghosts.filter(({ isStopped }) => isStopped).length };
  }

  async crash(chatServer: string): Promise<void> {
    this.#up.delete(chatServer);
    const gone = this.#living.filter((chat) => chat.chatServer === chatServer);
    this.#living = this.#living.filter((chat) => chat.chatServer !== chatServer);
    await this.#world.crash(chatServer);
    for (const chat of this.#all) if (chat.chatServer === chatServer) chat.isGhost = true;
    this.#ghosts.push(...gone);
  }

  async start(chatServer: string): Promise<void> {
    await this.#world.start(chatServer);
    this.#up.add(chatServer);
  }

  ask(chat: Pick<Question, 'id' | 'chatServer'>): Promise<Question> {
    return this.#ask({ ...chat, asked: 0, askedAtMs: 0, isGhost: false, isStopped: false }, false);
  }

  async settled(): Promise<void> {
    await Promise.race([Promise.all(this.#waiting), sleep(PATIENCE_MS, undefined, { ref: false })]);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await this.settled();
    this.#kept.destroy();
  }

  async #run(): Promise<void> {
    let dueAtMs = performance.now();
    let beforeMs = dueAtMs;
    while (!this.#isOver) {
      const nowMs = performance.now();
      if (nowMs - beforeMs > TICK_MS + STALL_MS) this.stalls.push({ fromMs: beforeMs, toMs: nowMs });
      beforeMs = nowMs;
      // After a stall nobody asks for all that time at once.
      dueAtMs = Math.max(dueAtMs, nowMs - 200);
      for (; dueAtMs <= nowMs; dueAtMs += 1_000 / this.#perSecond) this.#next();
      if (this.#living.length + this.#opening < LIVING) void this.#open();
      await sleep(TICK_MS);
    }
  }

  async #open(): Promise<void> {
    const names = [...this.#up];
    this.#opened += 1;
    const chatServer = names[this.#opened % names.length] ?? '';
    const id = `fleet-${this.#opened}`;
    this.#opening += 1;
    try {
      await this.#world.open(id, chatServer);
      const chat = { id, chatServer, asked: 0, askedAtMs: 0, isGhost: false, isStopped: false };
      if (this.#up.has(chatServer)) this.#living.push(chat);
      this.#all.push(chat);
    } catch {
      // It crashed meanwhile.
    }
    this.#opening -= 1;
  }

  #next(): void {
    this.#turn += 1;
    const ghost = this.#turn % GHOST_EVERY === 0 ? this.#dueGhost() : undefined;
    if (ghost !== undefined) return void this.#ask(ghost, false);
    const chat = this.#living.shift();
    if (chat === undefined) return;
    chat.asked += 1;
    if (chat.asked < ASKED_AT_MOST) this.#living.push(chat);
    const isTwin = (this.#turn * GOLDEN) % 1 < 1 / TWIN_EVERY;
    void this.#ask(chat, isTwin);
    if (isTwin) void this.#ask(chat, true);
  }

  #dueGhost(): Chat | undefined {
    const nowMs = performance.now();
    return this.#ghosts.find(({ isStopped, askedAtMs }) => !isStopped && nowMs - askedAtMs >= GHOST_AGAIN_MS);
  }

  #ask(chat: Chat, isTwin: boolean): Promise<Question> {
    const asking = this.#asked(chat, isTwin, (this.questions.length * GOLDEN) % 1 < 1 / FRESH_EVERY ? false : this.#kept);
    this.#waiting.add(asking);
    void asking.finally(() => this.#waiting.delete(asking));
    return asking;
  }

  async #asked(chat: Chat, isTwin: boolean, agent: Agent | false): Promise<Question> {
    const { id, chatServer } = chat;
    const begunMs = performance.now();
    chat.askedAtMs = Number.POSITIVE_INFINITY;
    const body = JSON.stringify({ chatServerAppName: chatServer });
    const got = await post(this.port, `/interactions/${id}/probe`, agent, this.#headers, body);
    const endedMs = performance.now();
    chat.askedAtMs = endedMs;
    const answered = answerOf(got);
    const isStop = answered.verdict === 'stop';
    // Two who must agree: what we crashed, and what the simulator says.
    const isGhost = chat.isGhost && (!isStop || (await this.#world.truthOf(id)) === 'gone');
    if (isStop) chat.isStopped = true;
    const question = { id, chatServer, begunMs, endedMs, isTwin, isGhost, ...answered };
    this.questions.push(question);
    return question;
  }
}

function answerOf(got: CallerGot): Pick<Question, 'failure' | 'verdict' | 'evidence' | 'probeId'> {
  const nothing = { verdict: null, evidence: null, probeId: null };
  if ('broken' in got) return { failure: got.broken, ...nothing };
  if (got.status !== 200) return { failure: String(got.status), ...nothing };
  const { verdict, evidence, probeId } = JSON.parse(got.body) as Record<'verdict' | 'evidence' | 'probeId', string>;
  return { failure: null, verdict, evidence, probeId };
}
