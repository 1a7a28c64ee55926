import type { CancelSignal } from '../../probe/cancel-signal.ts';
import type { Clock } from '../../probe/clock.ts';
import { MIN_ATTEMPT_MS } from '../../probe/policy.ts';
import { identityOf, type ProbeOrder } from '../../probe/probe-order.ts';
import { REASONS } from '../../probe/reasons.ts';
import { referenceTo, type SpanReference } from '../../probe/trace-context.ts';
import type { ProbeResult } from '../../probe/verdict.ts';
import type { OutageEvent } from '../events.ts';
import type { OutageSettings } from '../settings.ts';
import { type Chat, type ChatLock, createChatLock, createChats, NO_LOCK, ownCopy } from './chats.ts';
import {
  AdaptersInUse,
  addSharedProbe,
  complete,
  createSharedProbe,
  Joiner,
  joinable,
  removeSharedProbe,
  type SharedProbe,
} from './shared-probe.ts';
import { bareResult, brokenResult, coalescedResult, recentResult, type SharedResult } from './shared-result.ts';

/** Probes a chat. Resolves with null if its signal aborted and nobody waits. */
export type Run = (order: ProbeOrder, signal: CancelSignal, lock: ChatLock) => Promise<ProbeResult | null>;

/** What one request is to be answered, before anything that speaks against stops is asked. */
export interface Found {
  /** The request; with the rest of its time where it asked on after the run of another. */
  readonly order: ProbeOrder;
  readonly result: ProbeResult;
  /** The probe that found it out, and when that began. */
  readonly probeId: string;
  readonly startedAtMs: number;
  /** The span of the request whose probe it is; left out where there is none. */
  readonly span?: SpanReference | undefined;
  /** True if the run was the chat's first, or began soon after it. */
  readonly isNewcomer: boolean;
  /** True for the request whose run it was: the others learn the same. */
  readonly isOwn: boolean;
  /** What is remembered of the chat; null for a request that was over before it began. */
  readonly chat: Pick<Chat, 'stops' | 'heldAtMs'> | null;
}

export type SingleFlightSettings = Pick<OutageSettings, 'coalesce' | 'reuseAliveMs' | 'messageLimit' | 'messageWindowMs'>;

export interface SingleFlightParts {
  readonly clock: Clock;
  readonly settings: SingleFlightSettings;
  readonly run: Run;
  /** How long a chat counts as new. */
  readonly newcomerMs: number;
  /** Told of each chat that is asked about by a Chat Server's name for the first time. */
  readonly newcomer: (chatServer: string) => void;
  readonly observe: (event: Extract<OutageEvent, { type: 'message_saved' | 'answer_shared' }>) => void;
}

/** How long a chat is remembered at least: one whose agent could not reach it is asked about again in about a minute, and is not new. */
const LEAST_MEMORY_MS = 120_000;

/** Lets those who ask about the same chat at the same time share one run. Whatever a run breaks with, everybody is answered. */
export class SingleFlight {
  readonly #parts: SingleFlightParts;
  readonly chats: ReturnType<typeof createChats>;
  readonly adapters = new AdaptersInUse();
  /** Runs under way that may send. */
  size = 0;

  constructor(parts: SingleFlightParts) {
    this.#parts = parts;
    this.chats = createChats(memoryMs(parts.settings));
  }

  /** The settings have changed: what is known of chats is kept, from now on for as long as they say. */
  reconfigured(): void {
    this.chats.keepFor(memoryMs(this.#parts.settings));
  }

  /** Never rejects. Settles as the run does, or for who joined one by the policy's deadline; at once with null when the caller goes. */
  ask(order: ProbeOrder, signal: CancelSignal): Promise<Found | null> {
    const { clock, settings } = this.#parts;
    const nowMs = clock.nowMs();
    if (order.isOffline || signal.aborted) return this.#askWithoutMessage(order, signal, nowMs);
    const chat = this.chats.get(order.interactionId, nowMs);
    if (chat.aliveVia === order.chatServer && nowMs - chat.aliveAtMs < settings.reuseAliveMs) {
      const { aliveAtMs: startedAtMs, aliveProbeId: probeId, aliveSpan: span } = chat;
      return Promise.resolve(this.#shared(order, recentResult(order), { probeId, startedAtMs, span, isNewcomer: false, chat }));
    }
    const joined = settings.coalesce ? joinable(chat, order.chatServer) : null;
    return joined === null ? this.#start(chat, order, signal, nowMs) : this.#join(chat, joined, order, signal, nowMs);
  }

  #askWithoutMessage(order: ProbeOrder, signal: CancelSignal, startedAtMs: number): Promise<Found | null> {
    const chat = signal.aborted ? null : this.chats.get(order.interactionId, startedAtMs);
    if (chat !== null) {
      // Nothing is sent, but its stop is counted: from now on it is remembered as long as any other.
      this.chats.enter(chat);
      this.chats.leave(chat, startedAtMs);
    }
    const found = (result: ProbeResult | null): Found | null => ownFound({ order, startedAtMs, isNewcomer: false }, chat, result);
    return begin(this.#parts.run, order, signal, NO_LOCK).then(found, () => found(brokenResult(order)));
  }

  /** For a question whose messages are sent elsewhere; to be left when it is over. */
  enter(order: ProbeOrder, nowMs: number): { readonly chat: Chat; readonly lock: ChatLock } {
    const chat = this.chats.get(order.interactionId, nowMs);
    this.chats.enter(chat);
    return { chat, lock: this.#lockOf(chat, order, nowMs) };
  }

  /** What one question may do with its chat. Tells of the first that names a Chat Server. */
  #lockOf(chat: Chat, order: ProbeOrder, askedAtMs: number): ChatLock {
    const { clock, settings, newcomer, newcomerMs } = this.#parts;
    const lock = createChatLock(clock, settings, chat, newcomerMs);
    if (chat.firstNamedAtMs === null && order.chatServer !== null) {
      chat.firstNamedAtMs = askedAtMs;
      newcomer(order.chatServer);
    }
    return lock;
  }

  #start(chat: Chat, order: ProbeOrder, signal: CancelSignal, startedAtMs: number): Promise<Found | null> {
    const lock = this.#lockOf(chat, order, startedAtMs);
    const shared = createSharedProbe(order, startedAtMs, lock.isNewcomer);
    const found = new Promise<Found | null>((resolve) => {
      new Joiner(shared, signal, (result) => resolve(ownFound(shared, chat, result)));
    });
    addSharedProbe(chat, shared);
    this.chats.enter(chat);
    this.adapters.enter(order.target.adapter);
    this.size += 1;
    void begin(this.#parts.run, order, shared.controller.signal, lock).then(
      (result) => this.#completed(chat, shared, lock, result),
      () => this.#completed(chat, shared, lock, brokenResult(shared.order)),
    );
    return found;
  }

  /** Waits for the run of another, with a deadline of one's own. Asks on where that run was less patient and found no life. */
  #join(chat: Chat, shared: SharedProbe, order: ProbeOrder, signal: CancelSignal, askedAtMs: number): Promise<Found | null> {
    this.adapters.enter(order.target.adapter);
    return new Promise((resolve) => {
      const joiner = new Joiner(shared, signal, (result) => {
        cancel();
        const elapsedMs = this.#parts.clock.nowMs() - askedAtMs;
        const leftMs = order.policy.deadlineMs - elapsedMs;
        if (result === null) resolve(null);
        else if (leftMs < MIN_ATTEMPT_MS || !mayAskOn(order, shared.order, result)) {
          const { startedAtMs, isNewcomer, order: of } = shared;
          const by = { probeId: of.probeId, startedAtMs, span: referenceTo(of.trace), isNewcomer, chat };
          resolve(this.#shared(order, coalescedResult(order, result, elapsedMs), by));
        } else
          void this.ask({ ...order, policy: { ...order.policy, deadlineMs: leftMs } }, signal).then((found) =>
            resolve(found === null ? null : later(found, elapsedMs)),
          );
        // Not before: who asks on asks by the same.
        this.adapters.leave(order.target.adapter);
      });
      const cancel = this.#parts.clock.schedule(order.policy.deadlineMs, () => joiner.leave(bareResult(order, 'deadline')));
    });
  }

  #completed(chat: Chat, shared: SharedProbe, lock: ChatLock, result: ProbeResult | null): void {
    // A run that broke must not lock its chat.
    lock.release();
    const nowMs = this.#parts.clock.nowMs();
    removeSharedProbe(chat, shared);
    this.chats.leave(chat, nowMs);
    this.adapters.leave(shared.order.target.adapter);
    this.size -= 1;
    if (result?.evidence === 'alive') rememberAlive(chat, shared.order, nowMs);
    complete(shared, result);
  }

  /** Tells that a request is answered by what the probe of another found out, or was about to. */
  #shared(order: ProbeOrder, result: SharedResult, by: Pick<Found, 'probeId' | 'startedAtMs' | 'span' | 'isNewcomer' | 'chat'>): Found {
    const { observe } = this.#parts;
    const { servedBy } = result;
    observe({ type: 'message_saved', target: order.target.name, by: servedBy });
    observe({ type: 'answer_shared', request: identityOf(order), probeId: by.probeId, servedBy });
    return { order, result, ...by, isOwn: false };
  }
}

function memoryMs({ reuseAliveMs, messageWindowMs }: SingleFlightSettings): number {
  return Math.max(reuseAliveMs, messageWindowMs, LEAST_MEMORY_MS);
}

/** What the request whose run it was is answered, null if nobody waits for it. */
function ownFound(
  { order, startedAtMs, isNewcomer }: Pick<SharedProbe, 'order' | 'startedAtMs' | 'isNewcomer'>,
  chat: Found['chat'],
  result: ProbeResult | null,
): Found | null {
  return result === null ? null : { order, result, probeId: order.probeId, startedAtMs, isNewcomer, isOwn: true, chat };
}

function begin(run: Run, order: ProbeOrder, signal: CancelSignal, lock: ChatLock): Promise<ProbeResult | null> {
  try {
    return run(order, signal, lock);
  } catch (fault) {
    return Promise.reject(fault);
  }
}

function later(found: Found, byMs: number): Found {
  return { ...found, result: { ...found.result, elapsedMs: found.result.elapsedMs + byMs } };
}

function rememberAlive(chat: Chat, order: ProbeOrder, nowMs: number): void {
  chat.aliveAtMs = nowMs;
  chat.aliveVia = order.chatServer === null ? null : ownCopy(order.chatServer);
  chat.aliveProbeId = order.probeId;
  chat.aliveSpan = referenceTo(order.trace);
}

/** Whether this caller would have gone on where that run gave up with this. */
function mayAskOn({ policy }: ProbeOrder, run: ProbeOrder, { evidence, reason }: ProbeResult): boolean {
  const hasEnded = REASONS[reason].origin !== 'service' || reason === 'deadline' || reason === 'unconfirmed';
  const isMorePatient = policy.deadlineMs > run.policy.deadlineMs || policy.attempts > run.policy.attempts;
  return evidence !== 'alive' && hasEnded && isMorePatient;
}
