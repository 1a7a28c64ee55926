import type { RetryPolicy } from '../probe/policy.ts';
import type { MessageTemplate, TargetRules } from '../probe/target.ts';
import type { SafetySettings } from '../resilience/settings.ts';
import type { Settings } from './schema.ts';

/** Everything the service was told, checked and complete: numbers, closed kinds and secrets, nothing left to parse. */
export interface Config {
  readonly server: ServerConfig;
  /** By name. At least one; `default` answers requests that name none. */
  readonly targets: ReadonlyMap<string, TargetConfig>;
  /** By name; `inline` and `ha` are always among them. */
  readonly policies: ReadonlyMap<string, RetryPolicy>;
  readonly bounds: Bounds;
  /** True if no adapter was named anywhere, so that the embedded simulator answers. */
  readonly simulatorByDefault: boolean;
  /** Names of variables that look like ours and are those that Kubernetes injects for a Service. */
  readonly ignoredVariables: readonly string[];
}

/** The settings of the server, but the token itself in place of its file: null lets everybody in. */
export type ServerConfig = Readonly<Omit<Settings['server'], 'apiToken' | 'apiTokenFile' | 'drainMs'>> & {
  readonly apiToken: string | null;
  readonly drainMs: number;
};

/** What a request may ask for instead of its policy's own; both ends included. */
export type Bounds = { readonly [K in keyof Settings['bounds']]: Readonly<Settings['bounds'][K]> };

export interface TargetConfig {
  readonly name: string;
  readonly adapter: AdapterConfig;
  readonly rules: TargetRules;
  /** True if nobody gave the restore window, so that it is our default, which need not be the site's. */
  readonly restoreWindowByDefault: boolean;
  readonly message: MessageTemplate;
  /** Policy of requests that name none. */
  readonly policy: string;
  /** Probes of it at once beyond which new ones are declined. */
  readonly maxInFlight: number;
  /** Names that metrics may show; nothing else depends on them. */
  readonly chatServers: readonly string[];
  readonly safety: SafetySettings;
}

export type AdapterConfig = SimulatorConfig | GatewayConfig;

export interface SimulatorConfig {
  readonly kind: 'simulator';
  readonly seed: number;
}

export interface GatewayConfig {
  readonly kind: 'gateway';
  /** Base URLs, the preferred one first; http or https, without credentials, query or fragment. At least one. */
  readonly urls: readonly string[];
  /** Bearer token for the gateway, null for none. */
  readonly token: string | null;
  /** PEM of the certificate authority to trust instead of the system's, null for the system's. */
  readonly ca: string | null;
  /** Longest that opening a connection may take before the next URL is tried. */
  readonly connectTimeoutMs: number;
  /** Most connections to each URL. */
  readonly maxConnections: number;
}
