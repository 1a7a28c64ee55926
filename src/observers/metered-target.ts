import type { TargetRules } from '../probe/target.ts';
import type { Control } from '../resilience/events.ts';

/** What decides which series a target can ever have. */
export interface MeteredTarget {
  readonly name: string;
  readonly adapter: string;
  readonly rules: TargetRules;
  readonly chatServers: readonly string[];
  /** Control probes that are configured. */
  readonly controls: readonly Control[];
  /** Share of the interactions whose verdict is answered, 0 to 100; 0 in shadow mode. */
  readonly enforcePercent: number;
}
