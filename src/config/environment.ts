import type { TreePath } from '../schema-tree/tree.ts';
import { dotted } from '../schema-tree/tree.ts';

export interface EnvironmentVariable {
  readonly name: string;
  /**
   * What its text stands for: `integer` is decimal digits, `number` may have a fraction, `boolean` `true` or `false`, `list` is separated by commas. `host` and `port`
   * are for what is no setting of the file, whose schema would say more.
   */
  readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'secret' | 'host' | 'port';
  /** The setting of the configuration file that it gives and wins over; null if it gives none. */
  readonly setting: TreePath | null;
  readonly description: string;
}

export const PREFIX = 'CHATPROBE_';
/** Of OpenTelemetry's own variables. */
export const TRACING_PREFIX = 'OTEL_';
/** Variables about a target mean this one. */
export const DEFAULT_TARGET = 'default';

const server = (...steps: readonly string[]): TreePath => ['server', ...steps];
const target = (...steps: readonly string[]): TreePath => ['targets', DEFAULT_TARGET, ...steps];

/**
 * THE table: every environment variable of the service and its simulator, but for NODE_ENV. Of two that give the same setting the later
 * one wins. OpenTelemetry's have its own names; others of its variables are no mistake here.
 */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  { name: 'CHATPROBE_CONFIG', kind: 'text', setting: null, description: 'Path of the configuration file (YAML).' },
  { name: 'CHATPROBE_HOST', kind: 'text', setting: server('host'), description: 'Address to listen on.' },
  { name: 'CHATPROBE_PORT', kind: 'integer', setting: server('port'), description: 'Port to listen on; 0 lets the system choose.' },
  { name: 'CHATPROBE_ADAPTER', kind: 'text', setting: target('adapter'), description: 'simulator, gateway or workflow.' },
  { name: 'CHATPROBE_GATEWAY_URL', kind: 'list', setting: target('gateways'), description: 'Base URLs, comma-separated, preferred first.' },
  { name: 'CHATPROBE_GATEWAY_TOKEN', kind: 'secret', setting: target('token'), description: 'Bearer token for the gateway.' },
  { name: 'CHATPROBE_GATEWAY_TOKEN_FILE', kind: 'text', setting: target('tokenFile'), description: 'File with that token.' },
  { name: 'CHATPROBE_GATEWAY_CA_FILE', kind: 'text', setting: target('caFile'), description: 'PEM file of the authorities to trust.' },
  {
    name: 'CHATPROBE_GATEWAY_CERT_FILE',
    kind: 'text',
    setting: target('certFile'),
    description: 'PEM file of the certificate to show it.',
  },
  { name: 'CHATPROBE_GATEWAY_KEY_FILE', kind: 'text', setting: target('keyFile'), description: 'PEM file of its private key.' },
  { name: 'CHATPROBE_HA', kind: 'boolean', setting: target('ha'), description: 'Whether sessions can be restored elsewhere.' },
  {
    name: 'CHATPROBE_SINGLE_CHAT_SERVER',
    kind: 'boolean',
    setting: target('singleChatServer'),
    description: 'Only one Chat Server exists.',
  },
  { name: 'CHATPROBE_POLICY', kind: 'text', setting: target('policy'), description: 'Retry policy of requests that name none.' },
  { name: 'CHATPROBE_ON_CHAT_SERVER_DOWN', kind: 'text', setting: target('onChatServerDown'), description: 'stop, route or auto.' },
  { name: 'CHATPROBE_ON_UNRECOGNISED', kind: 'text', setting: target('onUnrecognised'), description: 'route or stop.' },
  { name: 'CHATPROBE_SHADOW', kind: 'boolean', setting: target('shadow'), description: 'Answer route always, the verdict beside it.' },
  {
    name: 'CHATPROBE_ENFORCE_PERCENT',
    kind: 'integer',
    setting: target('enforcePercent'),
    description: 'Share of the interactions whose verdict is answered.',
  },
  {
    name: 'CHATPROBE_REQUIRE_DELIVERY',
    kind: 'boolean',
    setting: target('guard', 'requireDelivery'),
    description: 'Stop nothing before a message was delivered for the first time.',
  },
  { name: 'CHATPROBE_MESSAGE_TEXT', kind: 'text', setting: target('message', 'text'), description: 'Text of the hidden message.' },
  { name: 'CHATPROBE_VISIBILITY', kind: 'text', setting: target('message', 'visibility'), description: 'ALL, INT or VIP.' },
  { name: 'CHATPROBE_MAX_DEADLINE_MS', kind: 'integer', setting: ['bounds', 'deadlineMs', 1], description: 'Longest deadline to ask for.' },
  { name: 'CHATPROBE_MAX_ATTEMPTS', kind: 'integer', setting: ['bounds', 'attempts', 1], description: 'Most attempts to ask for.' },
  { name: 'CHATPROBE_DRAIN_MS', kind: 'integer', setting: server('drainMs'), description: 'Longest that probes go on after SIGTERM.' },
  { name: 'CHATPROBE_LOG_LEVEL', kind: 'text', setting: server('logLevel'), description: 'Least severe log lines that are written.' },
  { name: 'CHATPROBE_STATUS_PAGE', kind: 'boolean', setting: server('statusPage'), description: 'Serve the page /status.' },
  { name: 'CHATPROBE_API_TOKEN', kind: 'secret', setting: server('apiToken'), description: 'Secret that callers must show to ask.' },
  { name: 'CHATPROBE_API_TOKEN_FILE', kind: 'text', setting: server('apiTokenFile'), description: 'File with that secret.' },
  { name: 'CHATPROBE_OPS_TOKEN', kind: 'secret', setting: server('opsToken'), description: 'Secret that operators must show.' },
  { name: 'CHATPROBE_OPS_TOKEN_FILE', kind: 'text', setting: server('opsTokenFile'), description: 'File with that secret.' },
  { name: 'CHATPROBE_TOKEN_HEADER', kind: 'text', setting: server('tokenHeader'), description: 'One more header that can carry a secret.' },
  { name: 'CHATPROBE_TLS_CERT_FILE', kind: 'text', setting: server('tls', 'certFile'), description: 'PEM file of our certificate.' },
  { name: 'CHATPROBE_TLS_KEY_FILE', kind: 'text', setting: server('tls', 'keyFile'), description: 'PEM file of its private key.' },
  {
    name: 'CHATPROBE_TLS_CLIENT_CA_FILE',
    kind: 'text',
    setting: server('tls', 'clientCaFile'),
    description: 'PEM file of the authorities of callers.',
  },
  {
    name: 'CHATPROBE_ALLOW_ANONYMOUS',
    kind: 'boolean',
    setting: server('allowAnonymous'),
    description: 'Listen beyond loopback without a token.',
  },
  { name: 'CHATPROBE_STORE_URL', kind: 'text', setting: server('store', 'url'), description: 'Valkey or Redis that all replicas share.' },
  {
    name: 'CHATPROBE_STORE_PASSWORD',
    kind: 'secret',
    setting: server('store', 'password'),
    description: 'Password of the user in that URL.',
  },
  {
    name: 'CHATPROBE_STORE_PASSWORD_FILE',
    kind: 'text',
    setting: server('store', 'passwordFile'),
    description: 'File with that password.',
  },
  {
    name: 'CHATPROBE_STORE_CA_FILE',
    kind: 'text',
    setting: server('store', 'caFile'),
    description: 'PEM file of the authorities to trust.',
  },
  { name: 'CHATPROBE_STORE_PREFIX', kind: 'text', setting: server('store', 'prefix'), description: 'Begins all keys.' },
  {
    name: 'OTEL_SDK_DISABLED',
    kind: 'boolean',
    setting: server('tracing', 'disabled'),
    description: 'Makes no spans.',
  },
  { name: 'OTEL_TRACES_EXPORTER', kind: 'text', setting: server('tracing', 'exporter'), description: 'otlp or none.' },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    kind: 'text',
    setting: server('tracing', 'endpoint'),
    description: 'Base URL of the collector; /v1/traces is added.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    kind: 'text',
    setting: server('tracing', 'tracesEndpoint'),
    description: 'URL that spans go to, whole.',
  },
  { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', kind: 'text', setting: server('tracing', 'protocol'), description: 'http/json.' },
  { name: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', kind: 'text', setting: server('tracing', 'protocol'), description: 'The same; it wins.' },
  {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    kind: 'secret',
    setting: server('tracing', 'headers'),
    description: 'Headers for the collector, as name=value,name=value.',
  },
  { name: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', kind: 'secret', setting: server('tracing', 'headers'), description: 'The same; it wins.' },
  {
    name: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    kind: 'integer',
    setting: server('tracing', 'timeoutMs'),
    description: 'Longest that the collector may take.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT',
    kind: 'integer',
    setting: server('tracing', 'timeoutMs'),
    description: 'The same; it wins.',
  },
  { name: 'OTEL_SERVICE_NAME', kind: 'text', setting: server('tracing', 'serviceName'), description: 'service.name of the spans.' },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    kind: 'text',
    setting: server('tracing', 'resourceAttributes'),
    description: 'More about this instance, as name=value,name=value.',
  },
  { name: 'OTEL_TRACES_SAMPLER', kind: 'text', setting: server('tracing', 'sampler'), description: 'Which probes are traced.' },
  { name: 'OTEL_TRACES_SAMPLER_ARG', kind: 'number', setting: server('tracing', 'samplerArg'), description: 'Share that is traced.' },
  { name: 'CHATPROBE_SIM_HOST', kind: 'host', setting: null, description: 'Address that the separate simulator listens on.' },
  { name: 'CHATPROBE_SIM_PORT', kind: 'port', setting: null, description: 'Port that the separate simulator listens on.' },
];

/** The names in `names` that look like ours and are not. */
export function strangersAmong(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(PREFIX) && !ENVIRONMENT.some((variable) => variable.name === name));
}

/** A setting in every way it can be written, for where it is missing: `targets.default.ha (CHATPROBE_HA)`. */
export function writtenAs(setting: TreePath): string {
  const shown = dotted(setting);
  const variable = ENVIRONMENT.find((other) => other.setting !== null && dotted(other.setting) === shown);
  return variable === undefined ? shown : `${shown} (${variable.name})`;
}
