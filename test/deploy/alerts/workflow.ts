import { setTimeout as sleep } from 'node:timers/promises';

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

/** Asks about each chat before it is routed, as a workflow does; one whose customer is gone comes back until it is stopped. */
export function startWorkflow(simulator: string, service: string): Workflow {
  const due: { readonly id: string; readonly atMs: number; readonly round: number }[] = [];
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let [seen, probes, stops, isStopped] = [0, 0, 0, false];

  async function look(): Promise<void> {
    for (;;) {
      const { sessions } = await getJson<{ readonly sessions: readonly Session[] }>(`${simulator}/sim/sessions?limit=${PAGE}&offset=${seen}`);
      const withinMs = seen === 0 || sessions.length === PAGE ? BACKLOG_MS : QUEUE_MS;
      // Evenly, and not in the order in which they came.
      for (const [n, { id }] of sessions.entries()) due.push({ id, atMs: Date.now() + ((n * 0.618034) % 1) * withinMs, round: 1 });
      seen += sessions.length;
      if (sessions.length < PAGE) return;
    }
  }

  async function ask(id: string, round: number): Promise<void> {
    const { truth, userData } = await getJson<Session>(`${simulator}/sim/sessions/${id}`);
    const { ChatServerAppName: chatServerAppName, IsOnline: isOnline } = userData;
    const response = await fetch(`${service}/interactions/${id}/probe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chatServerAppName, isOnline }),
    });
    const answer = await response.text();
    probes += 1;
    if (response.status !== 200) failures.push(`${response.status} ${answer}`);
    if (answer.includes('"verdict":"stop"')) stops += 1;
    else if (truth.customer === 'gone' || round < ROUTED_AT_MOST) due.push({ id, atMs: Date.now() + AGENT_MS, round: round + 1 });
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
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** fetch hides why it failed. */
function reasonOf(fault: unknown): string {
  return fault instanceof Error && fault.cause !== undefined ? `${fault}: ${String(fault.cause)}` : String(fault);
}
