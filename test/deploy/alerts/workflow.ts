import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, fetch } from 'undici';

/** What the callers came to so far. */
export interface Asked {
  readonly probes: number;
  readonly stops: number;
  /** Answers that are no verdict. */
  readonly failures: readonly string[];
}

export interface Workflow {
  asked(): Asked;
  /** Asks no more, and resolves when the last answer is there. */
  stop(): Promise<void>;
}

interface Session {
  readonly id: string;
  readonly truth: { readonly customer: string };
  readonly userData: { readonly ChatServerAppName: string; readonly IsOnline: string };
}

const PAGE = 1_000;
const LOOK_EVERY_MS = 1_000;
const TICK_MS = 50;
/** The chats that were there before the workflow began are asked about within this time. */
const BACKLOG_MS = 100_000;
/** A new chat is asked about within this time. */
const QUEUE_MS = 5_000;
/** How long an agent has a chat. */
const AGENT_MS = 65_000;
/** How often a living chat is routed, transfers included. */
const ROUTED_AT_MOST = 3;
/** Of every so many chats that are routed one is told about; of those that are stopped each. */
const FEEDBACK_EVERY = 10;

/** A connection each: one that was kept may just be closing, and a busy machine notices late. */
const dispatcher = new Agent({ pipelining: 0 });

/** Asks the instances in turn about each chat before it is routed, as workflows do; one whose customer is gone comes back until it is stopped. */
export function startWorkflow(simulator: string, services: readonly string[]): Workflow {
  const due: { readonly id: string; readonly atMs: number; readonly round: number }[] = [];
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let [seen, probes, stops, isBacklog, isStopped] = [0, 0, 0, true, false];

  async function look(): Promise<void> {
    for (;;) {
      const { sessions } = await getJson<{ readonly sessions: readonly Session[] }>(
        `${simulator}/sim/sessions?limit=${PAGE}&offset=${seen}`,
      );
      const [withinMs, round] = isBacklog ? [BACKLOG_MS, ROUTED_AT_MOST] : [QUEUE_MS, 1];
      // Evenly, and not in the order in which they came.
      for (const [n, { id }] of sessions.entries()) due.push({ id, atMs: Date.now() + ((n * 0.618034) % 1) * withinMs, round });
      seen += sessions.length;
      if (sessions.length < PAGE) break;
    }
    isBacklog = false;
  }

  async function ask(id: string, round: number): Promise<void> {
    const { truth, userData } = await getJson<Session>(`${simulator}/sim/sessions/${id}`);
    const { ChatServerAppName: chatServerAppName, IsOnline: isOnline } = userData;
    const service = services[probes % services.length] ?? '';
    const response = await fetch(`${service}/interactions/${id}/probe`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chatServerAppName, isOnline }),
    });
    probes += 1;
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const { verdict, probeId } = (await response.json()) as { readonly verdict: string; readonly probeId: string };
    const isStop = verdict === 'stop';
    if (isStop) stops += 1;
    if (isStop || probes % FEEDBACK_EVERY === 0) await tell(`${service}/probes/${probeId}`, truth.customer);
    if (isStop) return;
    if (truth.customer === 'gone' || round < ROUTED_AT_MOST) due.push({ id, atMs: Date.now() + AGENT_MS, round: round + 1 });
  }

  /** What an agent's desktop would say afterwards. */
  async function tell(probe: string, customer: string): Promise<void> {
    const response = await fetch(`${probe}/feedback`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ truth: customer === 'gone' ? 'dead' : 'alive' }),
    });
    if (!response.ok) throw new Error(`feedback: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }

  async function run(): Promise<void> {
    let lookedMs = Number.NEGATIVE_INFINITY;
    while (!isStopped) {
      if (Date.now() - lookedMs >= LOOK_EVERY_MS) {
        lookedMs = Date.now();
        await look();
      }
      for (const chat of takeDue(due)) {
        const asking = ask(chat.id, chat.round)
          .catch((fault: unknown) => void failures.push(reasonOf(fault)))
          .finally(() => underWay.delete(asking));
        underWay.add(asking);
      }
      await sleep(TICK_MS);
    }
  }

  const running = run().catch((fault: unknown) => void failures.push(reasonOf(fault)));
  return {
    asked: () => ({ probes, stops, failures }),
    async stop() {
      isStopped = true;
      await running;
      await Promise.all(underWay);
    },
  };
}

/** Those whose time has come, which are then no longer there. */
function takeDue<Chat extends { readonly atMs: number }>(due: Chat[]): readonly Chat[] {
  const nowMs = Date.now();
  const taken = due.filter(({ atMs }) => atMs <= nowMs);
  if (taken.length > 0) due.splice(0, due.length, ...due.filter(({ atMs }) => atMs > nowMs));
  return taken;
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { dispatcher });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** fetch hides why it failed. */
function reasonOf(fault: unknown): string {
  return fault instanceof Error && fault.cause !== undefined ? `${fault}: ${String(fault.cause)}` : String(fault);
}
