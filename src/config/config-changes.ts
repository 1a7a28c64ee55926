import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../json/json-object.ts';
import type { Config } from './config.ts';

/**
 * What of another configuration cannot be had without a restart, a line for each; none if it can be put in place of the present one.
 * It says why, in names alone: values may be secrets.
 */
export function restartsNeeded(present: Config, next: Config): readonly string[] {
  // The file was emptied, perhaps by a full disk: nobody has asked for made-up verdicts, nor for what comes with the demo.
  const losesAll = next.simulatorByDefault && !present.simulatorByDefault;
  const fixed: readonly (readonly [string, (config: Config) => unknown, string])[] = [
    ['server.host', ({ server }) => server.host, 'the service listens there'],
    ['server.port', ({ server }) => server.port, 'the service listens there'],
    ['server.maxConnections', ({ server }) => server.maxConnections, 'connections are counted from the start on'],
    ['server.tokenHeader', ({ server }) => server.tokenHeader, "it stands in the API's description"],
    ['server.tls', ({ server: { tls } }) => tls && [tls.clientCa !== null, tls.requireClientCert], 'the listener is made for it'],
    ['server.evidence', ({ server }) => server.evidence, 'what is kept is bounded by it'],
    ['server.statusPage', ({ server }) => server.statusPage || losesAll, 'its routes and its history begin with the start'],
    ['server.replica', ({ server }) => server.replica, 'records are named by it'],
    ['server.store', ({ server }) => server.store, 'what replicas tell each other goes by it'],
    ['server.tracing', ({ server }) => server.tracing, 'its exporter is made at the start'],
    ['bounds', ({ bounds }) => bounds, "they stand in the API's description"],
  ];
  const kinds = [...next.targets.values()].filter(({ name, adapter }) => {
    const kind = present.targets.get(name)?.adapter.kind;
    return kind !== undefined && kind !== adapter.kind;
  });
  return [
    ...(losesAll ? ['targets need a restart to go, all of them: the simulator would take their place'] : []),
    ...fixed
      .filter(([, valueIn]) => !isDeepStrictEqual(valueIn(present), valueIn(next)))
      .map(([name, , why]) => `${name} needs a restart to change: ${why}`),
    ...kinds.map(
      ({ name }) => `targets.${name}.adapter needs a restart to change: nothing learned of made-up chats may be used for real ones`,
    ),
  ];
}

/** Parts of the configuration that stand for no step in the path of a setting. */
const UNWRITTEN = new Set(['adapter', 'rules', 'safety', 'enforcement']);
/** What follows from settings and is none. */
const UNSET = new Set(['restoreWindowByDefault', 'simulatorByDefault', 'ignoredVariables', 'tracingProblems']);
/** What is named otherwise where it is written. */
const WRITTEN: Readonly<Record<string, string>> = { urls: 'gateways', ca: 'caFile' };

/** The settings that differ, by their paths in the file, for whoever wants to know what a change came to. Without their values. */
export function changedSettings(present: Config, next: Config): readonly string[] {
  return [...new Set(differences(present, next, []))];
}

function differences(one: unknown, other: unknown, path: readonly string[]): readonly string[] {
  if (isDeepStrictEqual(one, other)) return [];
  const [from, to] = [branches(one), branches(other)];
  if (from === null || to === null) return [path.map((step) => WRITTEN[step] ?? step).join('.')];
  const steps = new Set([...from.keys(), ...to.keys()]);
  return [...steps].flatMap((step) =>
    UNSET.has(step) ? [] : differences(from.get(step), to.get(step), UNWRITTEN.has(step) ? path : [...path, step]),
  );
}

function branches(value: unknown): ReadonlyMap<string, unknown> | null {
  if (value instanceof Map) return value;
  return isObject(value) ? new Map(Object.entries(value)) : null;
}
