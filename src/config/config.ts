import type { RetryPolicy } from '../probe/policy.ts';
import type { MessageTemplate, TargetRules } from '../probe/target.ts';
import type { SafetySettings } from '../resilience/settings.ts';
import type { SCOPES } from './access-schema.ts';
import type { Settings } from './schema.ts';
import type { SecretHash } from './secret-hash.ts';
import type { TracingSettings } from './tracing-schema.ts';

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
  /** What is wrong with OpenTelemetry's variables, so that no spans are made; one line each, without a value. */
  readonly tracingProblems: readonly string[];
}

type FromFiles =
  | 'apiToken'
  | 'apiTokenFile'
  | 'opsToken'
  | 'opsTokenFile'
  | 'callers'
  | 'tls'
  | 'tokenHeader'
  | 'drainMs'
  | 'store'
  | 'tracing'
  | 'statusPage';

/** The settings of the server, but what its files hold in place of their names. */
export type ServerConfig = Readonly<Omit<Settings['server'], FromFiles>> & {
  /** Who may ask, each by a name of its own. Nobody at all lets everybody in. */
  readonly callers: readonly Caller[];
  /** Name in lower case of one more header that can carry a secret, null for none. */
  readonly tokenHeader: string | null;
  /** Null for plain HTTP. */
  readonly tls: ListenerTls | null;
  readonly drainMs: number;
  /** What all replicas share; null where each is alone. */
  readonly store: StoreConfig | null;
  /** Whether there is the page `/status`. */
  readonly statusPage: boolean;
  /** Null where no spans are made. */
  readonly tracing: TracingConfig | null;
};

/** Valkey or Redis. */
export interface StoreConfig {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  /** Null for the default user. */
  readonly username: string | null;
  readonly password: string | null;
  /** Null for a plain connection; texts are PEM, null for the system's authorities and for no certificate of our own. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null } | null;
  /** Of all keys. */
  readonly prefix: string;
}

/** Where spans go, and which are made. */
export interface TracingConfig {
  /** Whole, without credentials. */
  readonly url: string;
  /** By name; a value may be a token. */
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: TracingSettings['sampler'];
  /** Share from 0 to 1, for the samplers that have one. */
  readonly samplerArg: number;
}

export type Scope = (typeof SCOPES)[number];

/** One who may ask, and how it is known. */
export interface Caller {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Each is valid, so that one can follow another without a gap. */
  readonly secrets: readonly string[];
  readonly hashes: readonly SecretHash[];
}

/** All texts are PEM. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
  /** Authorities whose certificates callers must have, null to ask for none. */
  readonly clientCa: string | null;
  /** Whether no connection is taken without such a certificate; otherwise no request that needs a scope is. */
  readonly requireClientCert: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

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

export type AdapterConfig = SimulatorConfig | GatewayConfig | WorkflowConfig;

/** Workflows send by themselves, and tell what came of it. What their engine's texts mean is among the rules. */
export interface WorkflowConfig {
  readonly kind: 'workflow';
}

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
  /** What we show a gateway that asks for a certificate; PEM, null for none. */
  readonly identity: { readonly cert: string; readonly key: string } | null;
  /** Longest that opening a connection may take before the next URL is tried. */
  readonly connectTimeoutMs: number;
  /** Most connections to each URL. */
  readonly maxConnections: number;
}
