/** Label of Chat Servers that the configuration does not name: callers choose names, metrics must not grow by them. */
const OTHER = 'other';

/** What is configured of a target's Chat Servers. */
interface NamedServers {
  readonly name: string;
  readonly chatServers: readonly string[];
}

/** The values that the label `chat_server` can have. */
export interface ServerLabels {
  /** Every value, for one target. */
  all(target: NamedServers): readonly string[];
  /** The value for a name that a caller gave; `other` as well where none was (null). */
  of(target: string, chatServer: string | null): string;
}

export function createServerLabels(targets: readonly NamedServers[]): ServerLabels {
  const named = new Map(targets.map(({ name, chatServers }) => [name, new Set(chatServers)]));
  return {
    all: ({ chatServers }) => [...chatServers, OTHER],
    of: (target, chatServer) => (chatServer !== null && named.get(target)?.has(chatServer) === true ? chatServer : OTHER),
  };
}
