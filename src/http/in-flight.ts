import { DRAINING } from '../probe/prober.ts';
import { createRoster } from '../probe/roster.ts';
import type { StopController } from '../probe/stop-signal.ts';
import { createStopController } from '../probe/stop-signal.ts';

/** The probes under way, so that they can be counted and, at the end of a drain, be asked for their verdicts. */
export interface InFlight {
  readonly count: number;
  /** Registers a probe. Call `leave` once it has settled. */
  enter(): { readonly controller: StopController; readonly leave: () => void };
  /** Asks every probe under way for a verdict at once: they answer `draining`. */
  cut(): void;
}

export function createInFlight(): InFlight {
  const controllers = createRoster<StopController>();
  return {
    get count() {
      return controllers.size;
    },
    enter() {
      const controller = createStopController();
      return { controller, leave: controllers.join(controller) };
    },
    cut() {
      for (const controller of controllers.members()) controller.abort(DRAINING);
    },
  };
}
