import type { CancelController } from '../probe/cancel-signal.ts';
import type { UserData, UserDataValue } from '../probe/esp.ts';
import { DRAINING } from '../probe/prober.ts';
import { createSlotSet } from '../probe/slot-set.ts';
import type { ShedCause } from '../resilience/events.ts';
import type { LoadGauge } from './load-gauge.ts';

/**
 * Where the process is in its life: `serving`; `leaving`, told to stop, so not ready, but still taking probes until
 * everybody who routes to us has noticed; `closing`, taking no more.
 */
export type Phase = 'serving' | 'leaving' | 'closing';

export interface Lifecycle {
  phase: Phase;
}

/** A caller who waits for a verdict. */
export interface WaitingCaller {
  readonly controller: CancelController;
  /** Null for one of whom nobody knows yet who it is: it is waited for, and takes no room from those who are known. */
  readonly target: string | null;
  /** What is kept for him until then: see `bytesHeldFor`. */
  readonly heldBytes: number;
}

/** The probes under way, so that they can be counted and, at the end of a drain, be asked for their verdicts. */
export interface InFlight {
  readonly count: number;
  /** Of one target; null for those whose secret is still being compared. */
  countOf(target: string | null): number;
  readonly heldBytes: number;
  /** Registers a probe, and tells its place. */
  enter(caller: WaitingCaller): number;
  /** Call once it has settled. */
  leave(caller: WaitingCaller, place: number): void;
  /** Asks every probe under way for a verdict at once: they answer `draining`. */
  cut(): void;
}

export function createInFlight(): InFlight {
  const callers = createSlotSet<WaitingCaller>();
  const byTarget = new Map<string | null, number>();
  let heldBytes = 0;
  const countOf = (target: string | null): number => byTarget.get(target) ?? 0;
  return {
    get count() {
      return callers.size;
    },
    countOf,
    get heldBytes() {
      return heldBytes;
    },
    enter(caller) {
      byTarget.set(caller.target, countOf(caller.target) + 1);
      heldBytes += caller.heldBytes;
      return callers.join(caller);
    },
    leave(caller, place) {
      byTarget.set(caller.target, countOf(caller.target) - 1);
      heldBytes -= caller.heldBytes;
      callers.leave(place);
    },
    cut() {
      for (const { controller } of callers.members()) controller.abort(DRAINING);
    },
  };
}

/** What a new probe of one target depends on. */
export interface Load {
  readonly phase: Phase;
  readonly inFlight: number;
  readonly inFlightOfTarget: number;
  /** For all who wait, the newcomer among them. */
  readonly heldBytes: number;
  readonly eventLoopDelayMs: number;
  readonly heap: ReturnType<LoadGauge['heap']>;
}

/** Beyond these new probes are declined. */
export interface LoadLimits {
  readonly maxInFlight: number;
  /** Of the target. */
  readonly maxInFlightOfTarget: number;
  readonly maxHeldBytes: number;
  readonly maxEventLoopDelayMs: number;
  /** Of the heap's limit. */
  readonly maxHeapShare: number;
}

/** Why a new probe is declined, which is to answer it at once and without sending; null while it is not. */
export function whyDeclined(load: Load, limits: LoadLimits): 'draining' | ShedCause | null {
  if (load.phase === 'closing') return 'draining';
  if (load.inFlight >= limits.maxInFlight) return 'in_flight';
  if (load.inFlightOfTarget >= limits.maxInFlightOfTarget) return 'target_in_flight';
  if (load.heldBytes > limits.maxHeldBytes) return 'held_bytes';
  if (load.heap.usedBytes > load.heap.limitBytes * limits.maxHeapShare) return 'heap';
  return load.eventLoopDelayMs > limits.maxEventLoopDelayMs ? 'event_loop' : null;
}

/** Request and reply, connection and parser, and the probe itself. */
const BYTES_FOR_EACH = 12_288;
/** User data are kept as an object and, while a message is under way, as its text and as what is written of it. */
const COPIES = 4;
const BYTES_FOR_KEY = 24;

/**
 * About what is kept of the heap for one caller until he has his verdict.
 *
 * @param headBytes of the URL and the headers, which Node.js keeps.
 */
export function bytesHeldFor(userData: UserData, headBytes: number): number {
  return BYTES_FOR_EACH + headBytes + COPIES * sizeOf(userData);
}

function sizeOf(value: UserDataValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'number') return 8;
  return Object.entries(value).reduce((sum, [key, inner]) => sum + BYTES_FOR_KEY + key.length + sizeOf(inner), 0);
}
