import type { TargetRules } from '../probe/target.ts';
import type { Control } from '../resilience/events.ts';

/** Label of Chat Servers that the configuration does not name: callers choose names, metrics must not grow by them. */
const OTHER = 'other';

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

/** The values that the label `chat_server` can have. */
export interface ServerLabels {
  /** Every value, for one target. */
  all(target: MeteredTarget): readonly string[];
  /** The value for a name that a caller gave; `other` as well where none was (null). */
  of(target: string, chatServer: string | null): string;
}

export function createServerLabels(targets: readonly MeteredTarget[]): ServerLabels {
  const named = new Map(targets.map(({ name, chatServers }) => [name, new Set(chatServers)]));
  return {
    all: ({ chatServers }) => [...chatServers, OTHER],
    of: (target, chatServer) => (chatServer !== null && named.get(target)?.has(chatServer) === true ? chatServer : OTHER),
  };
}
