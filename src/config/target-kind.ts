import type { TObject } from 'typebox';
import { GATEWAY_TARGET, SIMULATOR_TARGET } from './schema.ts';
import { isMapping, valueAt } from './setting-path.ts';

type Kind = 'simulator' | 'gateway';

const SCHEMA_OF: Readonly<Record<Kind, TObject>> = { simulator: SIMULATOR_TARGET, gateway: GATEWAY_TARGET };

/**
 * The kind of target that the settings describe: the named adapter's; where none is named or its name is wrong,
 * a gateway if any setting is for gateways only. Nobody who describes a gateway is to end up on the simulator.
 */
export function kindOf(found: unknown): Kind {
  const adapter = valueAt(found, ['adapter']);
  if (adapter === 'simulator' || adapter === 'gateway') return adapter;
  return isMapping(found) && Object.keys(found).some((key) => ownerOf(key) === 'gateway') ? 'gateway' : 'simulator';
}

export function schemaOf(kind: Kind): TObject {
  return SCHEMA_OF[kind];
}

/** The only kind of target that has the setting, null if both or neither have it. */
export function ownerOf(setting: string): Kind | null {
  const isSimulators = Object.hasOwn(SIMULATOR_TARGET.properties, setting);
  const isGateways = Object.hasOwn(GATEWAY_TARGET.properties, setting);
  if (isSimulators === isGateways) return null;
  return isGateways ? 'gateway' : 'simulator';
}
