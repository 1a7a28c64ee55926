import type { Target, TargetRules } from '../probe/target.ts';
import type { SafetySettings } from './settings.ts';

/** A target and what it guards itself with. */
export interface TargetToProtect {
  readonly target: Target;
  /** Names of its Chat Servers that the configuration knows. */
  readonly chatServers: readonly string[];
  readonly safety: SafetySettings;
}

/** What the mechanisms go by. They read it whenever they need it, and keep no copy: `reconfigure` puts other values into the same objects. */
export interface LiveSettings {
  readonly rules: TargetRules;
  readonly safety: SafetySettings;
}

export function liveSettings({ target: { rules }, safety: { outage, guard, controls, enforcement } }: TargetToProtect): LiveSettings {
  const safety = { outage: { ...outage }, guard: { ...guard }, controls: { ...controls }, enforcement: { ...enforcement } };
  return { rules: { ...rules }, safety };
}

export function replaceSettings({ rules, safety }: LiveSettings, changed: TargetToProtect): void {
  Object.assign(rules, changed.target.rules);
  Object.assign(safety.outage, changed.safety.outage);
  Object.assign(safety.guard, changed.safety.guard);
  Object.assign(safety.controls, changed.safety.controls);
  Object.assign(safety.enforcement, changed.safety.enforcement);
}
