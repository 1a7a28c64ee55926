import type { CancelController } from '../probe/cancel-signal.ts';
import { DRAINING } from '../probe/prober.ts';
import { createSlotSet, type SlotSet } from '../probe/slot-set.ts';

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
