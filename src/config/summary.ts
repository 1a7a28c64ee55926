import { createHash } from 'node:crypto';
import { isObject } from '../json/json-object.ts';
import { PATTERN_NAMES } from '../probe/observation.ts';
import type { RetryPolicy } from '../probe/policy.ts';
import type { OutcomePatterns } from '../probe/target.ts';
import type { SafetySettings } from '../resilience/settings.ts';
import { dotted, type TreePath, valueAt } from '../schema-tree/tree.ts';
import type { AdapterConfig, Caller, Config, ListenerTls, ServerConfig, TargetConfig } from './config.ts';
import { GATEWAY_TARGET, SETTINGS, SIMULATOR_TARGET } from './schema.ts';
import { configWarnings } from './warnings.ts';

/** What runs, in one line: the version, and each target with its adapter and policy. */
export function headline({ targets }: Config, version: string): string {
  const shown = [...targets.values()].map(({ name, adapter, policy }) => `${name} (${adapter.kind}, policy ${policy})`);
  return `chat-probe ${version}, ${targets.size === 1 ? 'target' : 'targets'} ${shown.join(', ')}`;
}

const HASH_CHARACTERS = 12;
const SECRETS = /token|secret|password|passphrase|^key$|pem$/i;

/**
 * Names the configuration in force, in a few characters: the same for the same settings, from a file or from variables and in whatever
 * order, whichever instance has them. Of secrets it tells only whether there are any, so that nobody can try them out against it.
 */
export function configurationHash({ server, targets, policies, bounds }: Config): string {
  const plain = (key: string, value: unknown): unknown => {
    // Whether it was written or is the default changes nothing.
    if (key === 'restoreWindowByDefault') return undefined;
    if (SECRETS.test(key)) return value === null || value === undefined ? null : 'set';
    const tree = value instanceof Map ? Object.fromEntries(value) : value;
    if (!isObject(tree)) return tree;
    return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return createHash('sha256')
    .update(JSON.stringify({ server: { ...server, replica: null }, targets, policies, bounds }, plain))
    .digest('hex')
    .slice(0, HASH_CHARACTERS);
}

/** The configuration in plain lines for the operator's terminal, warnings first. Shows gateway URLs, never a secret. */
export function describeConfig(config: Config): readonly string[] {
  const { server, targets, policies, bounds, ignoredVariables } = config;
  return [
    ...configWarnings(config).map(({ targets: about, text }) => `WARNING: ${text}${about.length === 0 ? '' : ` (${about.join(', ')})`}`),
    ...(ignoredVariables.length > 0 ? [`ignored, as injected by Kubernetes: ${ignoredVariables.join(', ')}`] : []),
    ...serverLines(server),
    ...[...targets.values()].flatMap(targetLines),
    ...[...policies].map(([name, policy]) => policyLine(name, policy)),
    `requests may ask for deadlines of ${bounds.deadlineMs.join(' to ')} ms and ${bounds.attempts.join(' to ')} attempts`,
  ];
}

function serverLines(server: ServerConfig): readonly string[] {
  const { host, port, callers, tls } = server;
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return [
    `listens on ${where}, ${callers.length === 0 ? 'open to callers without a token' : 'callers must show a token'}, ${tls === null ? 'plain HTTP' : tlsText(tls)}`,
    ...callers.map(callerLine),
    tracingLine(server.tracing),
    settingsOf(SETTINGS.properties.server, { ...server, callers: null, tls: null, tracing: null }, ['server'])
      .map(shown)
      .join(', '),
  ];
}

/** How many headers there are, never one of them. */
function tracingLine(tracing: ServerConfig['tracing']): string {
  if (tracing === null) return 'traces: none of our own';
  const { url, sampler, samplerArg, serviceName, secretHeaders, timeoutMs } = tracing;
  return `traces: to ${url} as ${serviceName}, sampler ${sampler} (${samplerArg}), headers: ${Object.keys(secretHeaders).length}, ${timeoutMs} ms for a batch`;
}

function tlsText({ clientCa, requireClientCert, minVersion }: ListenerTls): string {
  const certificates = requireClientCert ? 'every connection needs a certificate' : 'what needs a scope needs a certificate';
  return `TLS from ${minVersion}${clientCa === null ? '' : `, ${certificates}`}`;
}

/** How many secrets there are, never one of them. */
function callerLine({ name, scopes, secrets, hashes }: Caller): string {
  return `caller ${name}: scopes ${scopes.join(', ')}; secrets: ${secrets.length}, hashes: ${hashes.length}`;
}

function targetLines({ name, adapter, rules, message, policy, maxInFlight, chatServers, safety }: TargetConfig): readonly string[] {
  return [
    `target ${name}: ${adapterText(adapter)}`,
    `target ${name}: high availability ${rules.ha ? 'yes' : 'no'}, single Chat Server ${rules.singleChatServer ? 'yes' : 'no'}, policy ${policy}, at most ${maxInFlight} probes at once`,
    `target ${name}: Chat Server down: ${rules.onChatServerDown} (restore window ${rules.restoreWindowMs} ms${rules.ha ? `, two answers ${rules.confirmAfterMs} ms apart` : ''}), unrecognised answers: ${rules.onUnrecognised}`,
    ...patternLines(rules.patterns).map((line) => `target ${name}: ${line}`),
    `target ${name}: message ${JSON.stringify(message.text)}, type ${JSON.stringify(message.type)}, visible to ${message.visibility}, id in ${message.idKeys.join(', ')}`,
    `target ${name}: Chat Servers in metrics: ${chatServers.length === 0 ? 'none by name' : chatServers.join(', ')}`,
    ...safetyLines(adapter.kind, safety).map((line) => `target ${name}: ${line}`),
  ];
}

function adapterText(adapter: AdapterConfig): string {
  if (adapter.kind === 'simulator') return `embedded simulator, seed ${adapter.seed}`;
  if (adapter.kind === 'workflow') return 'workflows send by themselves, and tell what came of it';
  const { urls, token, ca, identity, connectTimeoutMs, maxConnections } = adapter;
  const trust = ca === null ? 'system certificates' : 'own certificate authority';
  const shows = identity === null ? '' : ', with a certificate';
  return `gateway ${urls.join(', then ')} (${token === null ? 'no token' : 'with a token'}${shows}, ${trust}, ${connectTimeoutMs} ms to connect, ${maxConnections} connections)`;
}

/** What the site has confirmed that its workflow engine says, and what it has not. */
function patternLines(patterns: OutcomePatterns | undefined): readonly string[] {
  if (patterns === undefined) return [];
  return PATTERN_NAMES.map((meaning) => {
    const texts = patterns[meaning];
    return texts.length === 0
      ? `patterns.${meaning} NOT CONFIRMED YET: ${UNCONFIRMED[meaning]}`
      : `patterns.${meaning} ${texts.map((text) => JSON.stringify(text)).join(', ')}`;
  });
}

const UNCONFIRMED = {
  sessionNotFound: 'no chat is stopped because its session is gone',
  chatServerNotFound: 'no chat is stopped because its Chat Server is down',
  delivered: 'no chat counts as alive, and guard.requireDelivery lets nothing be stopped',
} as const satisfies Record<keyof OutcomePatterns, string>;

function policyLine(name: string, policy: RetryPolicy): string {
  const { attempts, attemptTimeoutMs, pauseMs, backoff, maxPauseMs, jitter, deadlineMs } = policy;
  return `policy ${name}: ${attempts} attempts of up to ${attemptTimeoutMs} ms, pauses from ${pauseMs} to ${maxPauseMs} ms (backoff ${backoff}, jitter ${jitter}), deadline ${deadlineMs} ms`;
}

/** How a target guards itself: every setting, then each that is not as by default, with what it does. */
function safetyLines(adapter: AdapterConfig['kind'], safety: SafetySettings): readonly string[] {
  const { outage, guard, controls, shadow, enforcePercent } = (adapter === 'simulator' ? SIMULATOR_TARGET : GATEWAY_TARGET).properties;
  const sections = [
    settingsOf({ properties: { shadow, enforcePercent } }, safety.enforcement, []),
    settingsOf(guard, safety.guard, ['guard']),
    settingsOf(outage, safety.outage, ['outage']),
    settingsOf(controls, safety.controls, ['controls']),
  ];
  const changed = sections.flat().filter(({ value, preset }) => value !== preset);
  return [
    ...sections.map((settings) => settings.map(shown).join(', ')),
    ...changed.map((setting) => `${shown(setting)}, by default ${JSON.stringify(setting.preset) ?? 'not set'}: ${setting.description}`),
  ];
}

interface SettingInForce {
  readonly path: TreePath;
  readonly value: unknown;
  /** Undefined where there is none. */
  readonly preset: unknown;
  readonly description: string;
}

function shown({ path, value }: SettingInForce): string {
  return `${dotted(path)} ${JSON.stringify(value)}`;
}

/** The settings below a section that have a value, but for secrets, in the order of the schema. */
function settingsOf(schema: unknown, values: unknown, path: TreePath): readonly SettingInForce[] {
  const properties = valueAt(schema, ['properties']);
  if (isObject(properties))
    return Object.entries(properties).flatMap(([key, inner]) => settingsOf(inner, valueAt(values, [key]), [...path, key]));
  const isSecret = valueAt(schema, ['envOnly']) === true;
  if (isSecret || values === undefined || values === null) return [];
  return [
    {
      path,
      value: values,
      preset: valueAt(schema, ['default']),
      description: String(valueAt(schema, ['description'])).replaceAll('`', ''),
    },
  ];
}
