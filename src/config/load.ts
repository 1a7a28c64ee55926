import { dirname } from 'node:path';
import { isObject } from '../json/json-object.ts';
import type { RetryPolicy } from '../probe/policy.ts';
import { BUILT_IN_POLICIES } from '../probe/policy.ts';
import { parseYamlTree, valueAt, withValueAt } from '../schema-tree/tree.ts';
import type { Bounds, Config } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { createConfigProblems } from './config-problems.ts';
import { DEFAULT_TARGET, PREFIX, TRACING_PREFIX, writtenAs } from './environment.ts';
import type { Environment } from './environment-reader.ts';
import { readEnvironment, textOf, variablesSet } from './environment-reader.ts';
import { withoutInjected } from './injected-variables.ts';
import { isLoopback } from './loopback.ts';
import type { Settings } from './schema.ts';
import type { FileSource, ReadTextFile } from './secret-files.ts';
import { bounded, unreadable } from './secret-files.ts';
import { longestDeadlineMs, serverConfig } from './server-config.ts';
import { checkSettings } from './settings-check.ts';
import { targetConfig } from './targets.ts';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  /** One line each, naming the setting as the operator wrote it; never with a secret, nor another value but the path of a file. */
  | { readonly ok: false; readonly problems: readonly string[] };

const CONFIG_VARIABLE = 'CHATPROBE_CONFIG';
/** Of another program's file each line is one. They are a single line of the log. */
const MOST_PROBLEMS = 100;

/**
 * Makes the configuration of the file that `CHATPROBE_CONFIG` names and of the other variables, which win.
 * Either everything fits or every problem is told: of the environment also where the file is bad. Reads nothing but through its arguments; never throws.
 *
 * Where nothing is wrong but OpenTelemetry's variables, no spans are made: a platform gives them to every process, whatever it speaks.
 */
export function loadConfig(variables: Environment, read: ReadTextFile): LoadedConfig {
  const loaded = loadWhole(variables, read);
  if (loaded.ok || !loaded.problems.every((problem) => problem.startsWith(TRACING_PREFIX))) return loaded;
  const others = loadWhole(Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith(TRACING_PREFIX))), read);
  if (!others.ok) return others;
  const { config } = others;
  const tracingProblems = wantsNoSpans(variables) ? [] : loaded.problems;
  return { ok: true, config: { ...config, server: { ...config.server, tracing: null }, tracingProblems } };
}

/** In any case, as OpenTelemetry has it. */
function wantsNoSpans(env: Environment): boolean {
  return textOf(env, 'OTEL_TRACES_EXPORTER') === 'none' || textOf(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
}

function loadWhole(variables: Environment, read: ReadTextFile): LoadedConfig {
  const readTextFile = bounded(read);
  const { given: env, ignored } = withoutInjected(variables, PREFIX);
  const file = readConfigFile(env, readTextFile);
  const problems = createConfigProblems(variablesSet(env), file.problems.length === 0);
  for (const problem of file.problems) problems.reportOf(CONFIG_VARIABLE, problem);
  const given = readEnvironment(env, problems);
  const tree = given.reduce<unknown>((whole, { path, value }) => withValueAt(whole, path, value), file.tree);
  const source = { problems, readTextFile, fileFolder: dirname(textOf(env, CONFIG_VARIABLE) ?? '') };
  const config = configOf(source, withSomeTarget(tree), namesNoAdapter(tree), ignored);
  checkAdaptersNamed(tree, file.tree, env, config, problems);
  const lines = problems.lines();
  if (lines.length === 0) return { ok: true, config };
  const told = lines.slice(0, MOST_PROBLEMS);
  return { ok: false, problems: lines.length > told.length ? [...told, `and ${lines.length - told.length} more`] : told };
}

function configOf(source: FileSource, tree: unknown, simulatorByDefault: boolean, ignoredVariables: readonly string[]): Config {
  const settings: Settings = checkSettings(tree, source.problems);
  const policies = retryPolicies(settings.policies, source.problems);
  const bounds = requestBounds(settings.bounds, source.problems);
  const targets = Object.entries(settings.targets).map(([name, target]) => {
    const restoreWindowByDefault = valueAt(tree, ['targets', name, 'restoreWindowMs']) === undefined;
    const maxInFlight = target.maxInFlight ?? placesFor(settings);
    return [name, { ...targetConfig(source, name, target, [...policies.keys()]), restoreWindowByDefault, maxInFlight }] as const;
  });
  const server = serverConfig(source, settings.server, longestDeadlineMs(bounds, policies), simulatorByDefault);
  return { server, targets: new Map(targets), policies, bounds, simulatorByDefault, ignoredVariables, tracingProblems: [] };
}

/** For each of several targets half of all, so that one that is silent leaves places for another. */
function placesFor({ server: { maxInFlight }, targets }: Settings): number {
  return Object.keys(targets).length > 1 ? Math.ceil(maxInFlight / 2) : maxInFlight;
}

/** The built-in policies and those of the settings, by name. What a policy leaves out comes from the built-in one of its name, else from `inline`. */
function retryPolicies(settings: Settings['policies'], problems: ConfigProblems): ReadonlyMap<string, RetryPolicy> {
  const policies = new Map<string, RetryPolicy>(Object.entries(BUILT_IN_POLICIES));
  for (const [name, given] of Object.entries(settings)) {
    const policy = { ...(policies.get(name) ?? BUILT_IN_POLICIES.inline), ...given };
    policies.set(name, policy);
    const attempt = ['policies', name, 'attemptTimeoutMs'];
    const deadline = ['policies', name, 'deadlineMs'];
    if (policy.attemptTimeoutMs <= policy.deadlineMs || !problems.isSound(attempt) || !problems.isSound(deadline)) continue;
    problems.report(attempt, `${policy.attemptTimeoutMs} ms is longer than ${problems.nameOf(deadline)} (${policy.deadlineMs} ms)`);
  }
  return policies;
}

/** What requests may ask for. */
function requestBounds(settings: Settings['bounds'], problems: ConfigProblems): Bounds {
  for (const name of ['deadlineMs', 'attempts'] as const) {
    const [low, high] = settings[name];
    const path = ['bounds', name];
    if (low <= high || !problems.isSound(path)) continue;
    problems.report([...path, 1], `${high} is below the lower bound, ${problems.nameOf([...path, 0])} (${low})`);
  }
  return settings;
}

/** The file's tree, and what is wrong with the file as a whole. Empty where no file is named, or none that can be read. */
interface ConfigFile {
  readonly tree: unknown;
  readonly problems: readonly string[];
}

function readConfigFile(env: Environment, readTextFile: ReadTextFile): ConfigFile {
  const path = textOf(env, CONFIG_VARIABLE);
  if (path === null) return { tree: {}, problems: [] };
  const read = readTextFile(path);
  if (!read.ok) return { tree: {}, problems: [unreadable(path, path, read.detail)] };
  const parsed = parseYamlTree(read.text);
  if (!parsed.ok) return { tree: {}, problems: parsed.problems };
  if (parsed.tree === null || isObject(parsed.tree)) return { tree: parsed.tree ?? {}, problems: [] };
  return { tree: {}, problems: ['names a file that is no mapping of names to settings'] };
}

function namesAny(targets: unknown): boolean {
  return isObject(targets) ? Object.keys(targets).length > 0 : targets !== undefined && targets !== null;
}

/** Told of no target at all, there is the default one. */
function withSomeTarget(tree: unknown): unknown {
  return namesAny(valueAt(tree, ['targets'])) ? tree : withValueAt(tree, ['targets'], { [DEFAULT_TARGET]: {} });
}

function namesNoAdapter(tree: unknown): boolean {
  const targets = valueAt(tree, ['targets']);
  return !isObject(targets) || Object.values(targets).every((target) => valueAt(target, ['adapter']) === undefined);
}

/**
 * Only where nothing names a target, outside production and on loopback, may the simulator stand in for one: beside a real
 * target, with settings of a gateway, or where a workflow can ask, its made-up verdicts would stop real chats.
 */
function checkAdaptersNamed(
  tree: unknown,
  fileTree: unknown,
  env: Environment,
  { targets, server }: Config,
  problems: ConfigProblems,
): void {
  const isProduction = env['NODE_ENV'] === 'production';
  for (const { name, adapter } of targets.values()) {
    const path = ['targets', name, 'adapter'];
    if (valueAt(tree, path) !== undefined) continue;
    const why = namesAny(valueAt(fileTree, ['targets']))
      ? 'where the file names targets'
      : adapter.kind === 'gateway'
        ? 'where settings for a gateway are given'
        : isProduction
          ? 'where NODE_ENV is production'
          : isLoopback(server.host)
            ? null
            : `where ${problems.nameOf(['server', 'host'])} is beyond loopback: made-up verdicts stay on this machine`;
    if (why !== null) problems.reportMissing(writtenAs(path), `must be set, to gateway, workflow or simulator, ${why}`);
  }
}
