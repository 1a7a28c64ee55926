import type { AskedAttempt } from '../../../src/probe/admission.ts';
import { createCancelController } from '../../../src/probe/cancel-signal.ts';
import { type Clock, createDueQueue } from '../../../src/probe/clock.ts';
import type { Reason } from '../../../src/probe/reasons.ts';
import type { TargetRules } from '../../../src/probe/target.ts';
import type { Permit } from '../../../src/resilience/chat-servers/chat-server.ts';
import { type ChatServers, createChatServers } from '../../../src/resilience/chat-servers/chat-servers.ts';
import type { ChatServerEvent } from '../../../src/resilience/events.ts';
import { NO_FLEET } from '../../../src/resilience/fleet.ts';
import { BUILT_IN_OUTAGE, type OutageSettings } from '../../../src/resilience/settings.ts';
import { attemptWith, RULES } from '../../support/samples.ts';

export const SETTINGS: OutageSettings = { ...BUILT_IN_OUTAGE, maxInFlightPerServer: 100, breakerFailures: 5 };

/** A clock that goes from timer to timer; what follows from promises is let happen after each. Cheaper than the virtual one. */
export interface StepClock extends Clock {
  /** Lets everything up to `byMs` from now happen. */
  advance(byMs: number): Promise<void>;
  /** Goes to the next timer. False if there is none. */
  step(): Promise<boolean>;
  /** Moves time on while nothing happens. */
  stall(byMs: number): void;
  pending(): number;
}

export function createStepClock(): StepClock {
  let nowMs = 0;
  const timers = createDueQueue<() => void>();
  const stepUntil = async (untilMs: number): Promise<boolean> => {
    const due = timers.first();
    if (due === null || due.dueMs > untilMs) return false;
    timers.takeFirst();
    nowMs = Math.max(nowMs, due.dueMs);
    due.item();
    await settled();
    return true;
  };
  return {
    nowMs: () => nowMs,
    schedule(delayMs, callback) {
      const timer = timers.add(nowMs + delayMs, callback);
      return () => timers.remove(timer);
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settled();
      while (await stepUntil(untilMs));
      nowMs = Math.max(nowMs, untilMs);
    },
    step: () => stepUntil(Number.POSITIVE_INFINITY),
    stall(byMs) {
      nowMs += byMs;
    },
    pending: () => timers.size,
  };
}

/** One turn is enough for a promise that is listened to directly; the second is for good measure. */
async function settled(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

/** What is asked about one attempt. */
interface ServerAsk extends AskedAttempt {
  readonly chatServer: string | null;
  readonly mayWait: boolean;
  readonly mayHurry: boolean;
}

/** What one attempt was told. */
export interface Told {
  readonly askedAtMs: number;
  readonly deadlineAtMs: number;
  /** Null while it waits. */
  pass: Permit | null;
  toldAtMs: number;
  times: number;
  /** Whether it was told without a promise. */
  readonly atOnce: boolean;
  /** In short: the role, or the reason and who served it, or `waits`. */
  readonly word: string;
  abort(): void;
  /** Tells what the message came to. */
  came(reason: Reason | null): void;
}

export interface DeskRig {
  readonly clock: StepClock;
  readonly servers: ChatServers;
  readonly events: ChatServerEvent[];
  /** The states that servers went to, in order. */
  readonly states: () => readonly string[];
  /** A probe of 8 s whose last moment is at 6 s and that starts now, unless told otherwise. */
  ask(fields?: Partial<ServerAsk>): Told;
}

export function serversRig(
  settings: Partial<OutageSettings> = {},
  rules: Partial<TargetRules> = {},
  chatServers: readonly string[] = [],
): DeskRig {
  const clock = createStepClock();
  const events: ChatServerEvent[] = [];
  const servers = createChatServers({
    clock,
    fleet: NO_FLEET,
    settings: { ...SETTINGS, ...settings },
    rules: { ...RULES, ...rules },
    chatServers,
    tell: (event) => events.push(event),
  });
  const ask = (fields: Partial<ServerAsk> = {}): Told => {
    const startedAtMs = fields.probeStartedAtMs ?? clock.nowMs();
    const asked: ServerAsk = {
      n: 1,
      confirms: false,
      probeStartedAtMs: startedAtMs,
      lastMomentAtMs: startedAtMs + 6_000,
      deadlineAtMs: startedAtMs + 8_000,
      chatServer: 'A',
      mayWait: true,
      mayHurry: true,
      ...fields,
    };
    const controller = createCancelController();
    const server = servers.use(asked.chatServer);
    const answer = server.admit(asked, asked, controller.signal);
    const told: Told = {
      askedAtMs: clock.nowMs(),
      deadlineAtMs: asked.deadlineAtMs,
      pass: answer instanceof Promise ? null : answer,
      toldAtMs: clock.nowMs(),
      times: answer instanceof Promise ? 0 : 1,
      atOnce: !(answer instanceof Promise),
      get word() {
        if (told.pass === null) return 'waits';
        return told.pass.kind === 'send' ? told.pass.role : `${told.pass.reason} by ${told.pass.servedBy}`;
      },
      abort: () => controller.abort(),
      came(reason) {
        if (told.pass?.kind !== 'send') throw new Error(`it was not sent: ${told.word}`);
        server.release(told.pass, reason === null ? null : attemptWith({ reason }));
      },
    };
    if (answer instanceof Promise)
      void answer.then((pass) => {
        told.pass = pass;
        told.toldAtMs = clock.nowMs();
        told.times += 1;
      });
    return told;
  };
  const states = () => events.flatMap((event) => (event.type === 'server_changed' ? [event.to] : []));
  return { clock, servers, events, states, ask };
}

/** One whose Chat Server A has just been found down, by a message admitted at 0 whose answer came at 10. */
export async function suspectRig(settings: Partial<OutageSettings> = {}, rules: Partial<TargetRules> = {}): Promise<DeskRig> {
  const rig = serversRig(settings, rules);
  const first = rig.ask();
  await rig.clock.advance(10);
  first.came('chat_server_not_found');
  return rig;
}

export function words(...told: readonly Told[]): readonly string[] {
  return told.map(({ word }) => word);
}

/** Most moments within any second: from each moment, up to but not including one second later. */
export function peakPerSecond(momentsMs: readonly number[]): number {
  const sorted = [...momentsMs].sort((one, other) => one - other);
  let peak = 0;
  let from = 0;
  for (const [n, atMs] of sorted.entries()) {
    while ((sorted[from] ?? 0) <= atMs - 1_000) from += 1;
    peak = Math.max(peak, n - from + 1);
  }
  return peak;
}
