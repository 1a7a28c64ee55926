import type { CancelController } from '../probe/cancel-signal.ts';
import { DRAINING } from '../probe/prober.ts';
import { createSlotSet, type SlotSet } from '../probe/slot-set.ts';

/**
 * Where the process is in its life: `serving`; `leaving`, told to stop, so not ready, but still taking probes until
 * everybody who routes to us has noticed; `closing`, taking no more.
 */
export type Phase = 'serving' | 'leaving' | 'closing';

export interface Lifecycle {
  phase: Phase;
}

/** The probes under way, so that they can be counted and, at the end of a drain, be asked for their verdicts. */
export interface InFlight {
  readonly count: number;
  /** Registers a probe by what ends it, and tells its place. */
  readonly enter: SlotSet<CancelController>['join'];
  /** Call once it has settled. */
  readonly leave: SlotSet<CancelController>['leave'];
  /** Asks every probe under way for a verdict at once: they answer `draining`. */
  cut(): void;
}

export function createInFlight(): InFlight {
  const controllers = createSlotSet<CancelController>();
  return {
    get count() {
      return controllers.size;
    },
    enter: controllers.join,
    leave: controllers.leave,
    cut() {
      for (const controller of controllers.members()) controller.abort(DRAINING);
    },
  };
}

/** What new probes depend on. */
export interface Load {
  readonly lifecycle: Lifecycle;
  readonly inFlight: Pick<InFlight, 'count'>;
  /** Probes at once beyond which new ones are declined. */
  readonly maxInFlight: () => number;
  readonly pressure: Pick<Pressure, 'isHigh'>;
}

/** Why a new probe is declined, which is to answer it at once and without sending; null while it is not. */
export function whyDeclined({ lifecycle, inFlight, maxInFlight, pressure }: Load): 'draining' | 'overloaded' | null {
  if (lifecycle.phase === 'closing') return 'draining';
  return inFlight.count >= maxInFlight() || pressure.isHigh ? 'overloaded' : null;
}

/** The library measures once a second, from before we listen: after two of its seconds nothing of the start is in it any more. */
const START_UP_MS = 2_000;

/** Whether the event loop is so late that new probes had better be declined. */
export interface Pressure {
  /** We listen from now on. */
  begin(): void;
  readonly isHigh: boolean;
}

/**
 * Leaves out what was measured while the process started: a busy loop is all that a cold start is, and the first callers would be
 * declined for it.
 *
 * @param isUnderPressure as measured.
 */
export function createPressure(isUnderPressure: () => boolean, nowMs: () => number): Pressure {
  let countsFromMs = Number.POSITIVE_INFINITY;
  return {
    begin() {
      countsFromMs = nowMs() + START_UP_MS;
    },
    get isHigh() {
      return nowMs() >= countsFromMs && isUnderPressure();
    },
  };
}
