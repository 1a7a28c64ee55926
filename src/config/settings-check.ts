import type { TObject, TSchema } from 'typebox';
import { type JsonObject, own } from '../json/json-object.ts';
import { checkTree } from '../schema-tree/check-tree.ts';
import { nearestName } from '../schema-tree/nearest-name.ts';
import { dotted, type TreePath, valueAt } from '../schema-tree/tree.ts';
import type { ConfigProblems } from './config-problems.ts';
import { writtenAs } from './environment.ts';
import { GATEWAY_TARGET, SETTINGS, type Settings, SIMULATOR_TARGET, WORKFLOW_TARGET } from './schema.ts';

/**
 * Checks a tree of settings against the schema and reports every deviation. What is not given, and what was refused,
 * comes back as its default, so that rules over several settings can still be checked; ask `isSound` first.
 */
export function checkSettings(tree: unknown, problems: ConfigProblems): Settings {
  const rules = {
    isNullLeftOut: false,
    memberOf: (_targets: unknown, given: JsonObject) => TARGETS[kindOf(given)],
    unknownKey,
    refusal: (setting: TSchema, path: TreePath) =>
      isEnvOnly(setting) && !problems.isFromEnvironment(path)
        ? `is a secret and not taken from here: use ${dotted(path)}File or the environment`
        : null,
  };
  return checkTree(SETTINGS, tree, rules, problems);
}

const KINDS = ['simulator', 'gateway', 'workflow'] as const;
type Kind = (typeof KINDS)[number];

const TARGETS: Readonly<Record<Kind, TObject>> = { simulator: SIMULATOR_TARGET, gateway: GATEWAY_TARGET, workflow: WORKFLOW_TARGET };

/**
 * The kind of target that the settings describe: the named adapter's; where none is named or its name is wrong,
 * a gateway if any setting is for gateways only. Nobody who describes a gateway is to end up on the simulator.
 */
function kindOf(given: JsonObject): Kind {
  const adapter = own(given, 'adapter');
  const named = KINDS.find((kind) => kind === adapter);
  if (named !== undefined) return named;
  const owners = Object.keys(given).map(ownerOf);
  return KINDS.find((kind) => kind !== 'simulator' && owners.includes(kind)) ?? 'simulator';
}

/** The only kind of target that has the setting, null if several or none have it. */
function ownerOf(setting: string): Kind | null {
  const [owner = null, ...others] = KINDS.filter((kind) => Object.hasOwn(TARGETS[kind].properties, setting));
  return others.length === 0 ? owner : null;
}

function unknownKey({ properties }: TObject, key: string, path: TreePath): string {
  const owner = Object.hasOwn(properties, 'adapter') ? ownerOf(key) : null;
  if (owner !== null) return `is for a ${owner} target only: set ${writtenAs([...path, 'adapter'])} to ${owner} or leave this out`;
  const inFile = Object.keys(properties).filter((known) => !isEnvOnly(properties[known]));
  const nearest = nearestName(key, inFile);
  return nearest === null ? 'is not known' : `is not known; did you mean ${nearest}?`;
}

/** Marks in the schema what only the environment may give. */
function isEnvOnly(setting: unknown): boolean {
  return valueAt(setting, ['envOnly']) === true;
}
