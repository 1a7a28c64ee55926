/** Variables of a process by name, as Node.js has them. */
type Variables = Readonly<Record<string, string | undefined>>;

/** The variables that are the operator's, and the names of those that are not. */
export interface OperatorsVariables {
  readonly given: Variables;
  readonly ignored: readonly string[];
}

const NAMED = /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const ADDRESS = /^(tcp|udp|sctp):\/\//;

/**
 * Sets aside what Kubernetes injects into every container for each Service of its namespace, docker's old links in other words: the
 * variables of a Service named `chatprobe` begin like ours, and one of them, its address, even has the name of our port.
 */
export function withoutInjected(env: Variables, prefix: string): OperatorsVariables {
  const isInjected = ([name, value = '']: [string, string | undefined]): boolean =>
    name.startsWith(prefix) && (NAMED.test(name) || (name.endsWith('_PORT') && ADDRESS.test(value)));
  const entries = Object.entries(env).filter(([, value]) => value !== undefined);
  return {
    given: Object.fromEntries(entries.filter((entry) => !isInjected(entry))),
    ignored: entries.filter(isInjected).map(([name]) => name),
  };
}
