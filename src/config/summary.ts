import type { RetryPolicy } from '../probe/policy.ts';
import type { AdapterConfig, Config, ServerConfig, TargetConfig } from './config.ts';
import { safetyLines } from './safety-summary.ts';
import { configWarnings } from './warnings.ts';

/** What runs, in one line: the version, and each target with its adapter and policy. */
export function headline({ targets }: Config, version: string): string {
  const shown = [...targets.values()].map(({ name, adapter, policy }) => `${name} (${adapter.kind}, policy ${policy})`);
  return `chat-probe ${version}, ${targets.size === 1 ? 'target' : 'targets'} ${shown.join(', ')}`;
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
  const { host, port, apiToken, logLevel, drainMs, maxInFlight, maxEventLoopDelayMs } = server;
  return [
    `listens on ${host.includes(':') ? `[${host}]` : host}:${port}, ${apiToken === null ? 'open to callers without a token' : 'callers must show a token'}`,
    `log level ${logLevel}; drains for up to ${drainMs} ms; overloaded beyond ${maxInFlight} probes or ${maxEventLoopDelayMs} ms of event-loop delay`,
  ];
}

function targetLines({ name, adapter, rules, message, policy, chatServers, safety }: TargetConfig): readonly string[] {
  return [
    `target ${name}: ${adapterText(adapter)}`,
    `target ${name}: high availability ${rules.ha ? 'yes' : 'no'}, single Chat Server ${rules.singleChatServer ? 'yes' : 'no'}, policy ${policy}`,
    `target ${name}: Chat Server down: ${rules.onChatServerDown} (restore window ${rules.restoreWindowMs} ms${rules.ha ? `, two answers ${rules.confirmAfterMs} ms apart` : ''}), unrecognised answers: ${rules.onUnrecognised}`,
    `target ${name}: message ${JSON.stringify(message.text)}, type ${JSON.stringify(message.type)}, visible to ${message.visibility}, id in ${message.idKeys.join(', ')}`,
    `target ${name}: Chat Servers in metrics: ${chatServers.length === 0 ? 'none by name' : chatServers.join(', ')}`,
    ...safetyLines(safety).map((line) => `target ${name}: ${line}`),
  ];
}

function adapterText(adapter: AdapterConfig): string {
  if (adapter.kind === 'simulator') return `embedded simulator, seed ${adapter.seed}`;
  const { urls, token, ca, connectTimeoutMs, maxConnections } = adapter;
  const trust = ca === null ? 'system certificates' : 'own certificate authority';
  return `gateway ${urls.join(', then ')} (${token === null ? 'no token' : 'with a token'}, ${trust}, ${connectTimeoutMs} ms to connect, ${maxConnections} connections)`;
}

function policyLine(name: string, policy: RetryPolicy): string {
  const { attempts, attemptTimeoutMs, pauseMs, backoff, maxPauseMs, jitter, deadlineMs } = policy;
  return `policy ${name}: ${attempts} attempts of up to ${attemptTimeoutMs} ms, pauses from ${pauseMs} to ${maxPauseMs} ms (backoff ${backoff}, jitter ${jitter}), deadline ${deadlineMs} ms`;
}
