import { stringify } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import type { Environment } from '../../src/config/environment-reader.ts';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { searchFor } from '../support/leak-tap.ts';

/** Loads from a file given as text or as a tree, variables, and whatever other files exist. */
export function load(file: unknown, env: Environment = {}, files: Readonly<Record<string, string>> = {}): LoadedConfig {
  const text = typeof file === 'string' ? file : stringify(file);
  const all: Readonly<Record<string, string>> = { ...files, 'the-config': text };
  const named = file === null ? env : { CHATPROBE_CONFIG: 'the-config', ...env };
  const loaded = loadConfig(named, (path) => {
    const found = Object.hasOwn(all, path) ? all[path] : undefined;
    return found === undefined ? { ok: false, detail: 'ENOENT' } : { ok: true, text: found };
  });
  if (!loaded.ok) searchFor('problems of a configuration', loaded.problems.join('\n'));
  return loaded;
}

/** The configuration; fails the test, with the problems, where there is none. */
export function configFrom(...given: Parameters<typeof load>): Config {
  const loaded = load(...given);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

/** What is wrong; empty if nothing is. */
export function problemsFrom(...given: Parameters<typeof load>): readonly string[] {
  const loaded = load(...given);
  return loaded.ok ? [] : loaded.problems;
}

/** The least that a gateway target needs. */
export const GATEWAY = { adapter: 'gateway', gateways: ['http://gw-1:9190'], ha: true };
/** The same by variables. */
export const GATEWAY_ENV = { CHATPROBE_ADAPTER: 'gateway', CHATPROBE_GATEWAY_URL: 'http://gw-1:9190', CHATPROBE_HA: 'true' };

/** A configuration file with the one target `default`. */
export function withTarget(target: Readonly<Record<string, unknown>>): { readonly targets: { readonly default: unknown } } {
  return { targets: { default: target } };
}
