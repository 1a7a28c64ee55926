import type { StopSignal } from '../../probe/stop-signal.ts';
import type { ServerPass } from './server-pass.ts';

/** The wait of one probe: over before it began, or told later. */
export interface ServerWait {
  readonly isOver: boolean;
  /** Ends it. Called once. */
  end(pass: ServerPass): void;
  /**
   * What it came to, at once if it has ended. Else it is waited for, and `leave` is called, which must end it, if
   * `signal` aborts meanwhile. Asked once.
   *
   * @param tellParked told that a wait began (1) and ended (-1).
   */
  outcome(signal: StopSignal, leave: () => void, tellParked: (by: 1 | -1) => void): ServerPass | Promise<ServerPass>;
}

/** @param sent told in the moment in which the wait ends with a pass to send. */
export function createServerWait(sent: () => void): ServerWait {
  let passed: ServerPass | null = null;
  let end = (pass: ServerPass): void => {
    passed = pass;
  };
  return {
    get isOver() {
      return passed !== null;
    },
    end(pass) {
      if (pass.kind === 'send') sent();
      end(pass);
    },
    outcome(signal, leave, tellParked) {
      if (passed !== null) return passed;
      tellParked(1);
      return new Promise((resolve) => {
        end = (pass) => {
          signal.removeEventListener('abort', leave);
          tellParked(-1);
          resolve(pass);
        };
        signal.addEventListener('abort', leave);
      });
    },
  };
}
