import { DRAINING } from '../probe/prober.ts';
import { createRoster, type Roster } from '../probe/roster.ts';
import type { StopController } from '../probe/stop-signal.ts';

/** The probes under way, so that they can be counted and, at the end of a drain, be asked for their verdicts. */
export interface InFlight {
  readonly count: number;
  /** Registers a probe by what ends it, and tells its place. */
  readonly enter: Roster<StopController>['join'];
  /** Call once it has settled. */
  readonly leave: Roster<StopController>['leave'];
  /** Asks every probe under way for a verdict at once: they answer `draining`. */
  cut(): void;
}

export function createInFlight(): InFlight {
  const controllers = createRoster<StopController>();
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
