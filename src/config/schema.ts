import Type, { type Static } from 'typebox';
import { ON_CHAT_SERVER_DOWN, ON_UNRECOGNISED } from '../probe/target.ts';
import { safetySchema } from '../resilience/settings.ts';
import { APP_NAME, flag, integer, NAME, number, STRICT, text } from '../schema-tree/schema-kinds.ts';
import { CALLER, PATH, STATUS_PAGE, STORE, TLS } from './access-schema.ts';
import { TOKEN } from './credentials.ts';
import { ID_KEYS, MESSAGE, PATTERNS } from './message-schema.ts';
import { BOUNDS, POLICY } from './policy-schema.ts';
import { TRACING } from './tracing-schema.ts';

/* THE settings: type, default, range and description of each, as docs/configuration.md tells them; times are in milliseconds. `envOnly` marks what only the environment may give. */

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const HOST = {
  pattern: '^[A-Za-z0-9_.:%-]{1,253}$',
  mustBe: 'must be a host name or an IP address without brackets',
} as const;
/** Of targets and of policies. Each target has metrics, memory and problems of its own. */
const MOST_NAMES = 256;

const EVIDENCE = {
  maxBytes: integer('Bytes kept of answered probes; the oldest make room, stops last.', 0, 1_073_741_824, 16_777_216),
  sharedRecords: integer(
    'Most probes of one target that the store keeps for all replicas, for a day; needs `server.store`. 0 shares none.',
    0,
    10_000_000,
    20_000,
  ),
};

const SERVER = Type.Object(
  {
    host: text(
      'Address to listen on; `localhost` is 127.0.0.1. Beyond loopback a token is needed, or `allowAnonymous`; and a named adapter.',
      { default: '127.0.0.1', ...HOST },
    ),
    port: integer('Port to listen on; 0 lets the system choose.', 0, 65_535, 8_080),
    apiToken: Type.Optional(text('Secret of the caller `default`, with the scope `probe`.', { ...TOKEN, envOnly: true })),
    apiTokenFile: Type.Optional(
      text(
        'File with the secrets, one a line, of the caller `default`, which has the scope `probe`. One can come from `CHATPROBE_API_TOKEN`, never from this file.',
        PATH,
      ),
    ),
    opsToken: Type.Optional(text('Secret of the caller `ops`, with the scope `ops`.', { ...TOKEN, envOnly: true })),
    opsTokenFile: Type.Optional(text('The same for the caller `ops`, which has the scope `ops`; and `CHATPROBE_OPS_TOKEN`.', PATH)),
    callers: Type.Record(Type.String(NAME), CALLER, { ...STRICT, description: 'Who may ask, by name: [callers](#callers).' }),
    tokenHeader: Type.Optional(
      text('One more header that can carry a secret, for callers that cannot set `Authorization`.', {
        pattern:
          '^(?!(?:authorization|content-type|content-length|transfer-encoding|host|connection|accept|cookie|expect)$)[a-z][a-z0-9-]{0,63}$',
        mustBe: 'must be a header name in lower case that HTTP has no use for, such as x-api-key',
      }),
    ),
    tls: TLS,
    allowAnonymous: flag('Allows to listen beyond loopback without a caller that has the scope `probe`.', false),
    logLevel: Type.Enum(LOG_LEVELS, { default: 'info', description: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.' }),
    drainMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3_600_000,
        description: 'Longest that probes go on after SIGTERM. Unless set: the longest permitted deadline + 2000.',
      }),
    ),
    maxInFlight: integer('Probes at once beyond which new ones are answered `overloaded`.', 1, 1_000_000, 20_000),
    replica: Type.Optional(text('Names this instance in evidence. Unless set: the name of its host.', NAME)),
    evidence: Type.Object(EVIDENCE, STRICT),
    store: STORE,
    statusPage: STATUS_PAGE,
    tracing: TRACING,
    maxEventLoopDelayMs: integer(
      'Longest delay of the event loop within the last second beyond which new probes are answered `overloaded`.',
      10,
      60_000,
      1_000,
    ),
    maxHeldBytes: Type.Optional(
      Type.Integer({
        minimum: 65_536,
        maximum: 1_099_511_627_776,
        description:
          'Bytes kept for waiting callers, their user data counted, beyond which new probes are answered `overloaded`. Unless set: a quarter of what the heap may grow to.',
      }),
    ),
    maxHeapShare: number('Of what the heap may grow to, the part in use beyond which new probes are answered `overloaded`.', 0.1, 1, 0.85),
    maxConnections: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'Most connections of callers; over it the one that has asked nothing for the longest time is closed. Unless set: what the limit of open files leaves beside those to gateways.',
      }),
    ),
  },
  STRICT,
);

const chatServers = (preset: readonly string[]) =>
  Type.Array(Type.String({ ...APP_NAME, description: 'One name.' }), {
    maxItems: 256,
    uniqueItems: true,
    default: preset,
    description: 'Chat Servers that metrics may name, and whose names are never taken for the slip of a program (`invalid_name`).',
  });

const adapter = <K extends 'simulator' | 'gateway' | 'workflow'>(kind: K) =>
  Type.Literal(kind, {
    default: kind,
    mustBe: 'must be simulator, gateway or workflow',
    description: '`gateway`, `workflow` or `simulator`.',
  });
const onChatServerDown = (preset: string) =>
  Type.Enum(ON_CHAT_SERVER_DOWN, {
    default: preset,
    description: 'Verdict for chats whose Chat Server is down: `stop`, `route` or `auto`.',
  });
const HA = 'Whether another Chat Server may restore a session after a crash. A gateway or workflow target must say.';
const SINGLE = 'Whether there is only one Chat Server.';

const ASKED_TARGET = {
  policy: text('Retry policy of requests that name none.', { ...NAME, default: 'inline' }),
  maxInFlight: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description:
        'Probes of this target at once beyond which new ones are answered `overloaded`. Unless set: `server.maxInFlight`, and half of it where there are several targets, so that one that is silent leaves room for another.',
    }),
  ),
  restoreWindowMs: integer(
    "How long after a crash a session can be restored: your Chat Servers' `flex-disconnect-timeout`, which [differs by release](genesys.md#high-availability). With `ha` always set it; `--check-config` warns where it is left out.",
    0,
    3_600_000,
    45_000,
  ),
  confirmAfterMs: integer('With `ha`: least time between the two bad answers that a stop rests on; else `unconfirmed`.', 0, 60_000, 1_000),
};

const EVERY_TARGET = {
  ...ASKED_TARGET,
  onUnrecognised: Type.Enum(ON_UNRECOGNISED, {
    default: 'route',
    description: 'Verdict for answers of Interaction Server that are not known: `route` or `stop`.',
  }),
  message: MESSAGE,
};

export const SIMULATOR_TARGET = Type.Object(
  {
    adapter: adapter('simulator'),
    seed: integer('Seed of the simulated chance.', 0, 4_294_967_295, 1),
    ha: flag(HA, true),
    singleChatServer: flag(SINGLE, true),
    chatServers: chatServers(['ChatServer_1', 'ChatServer_2', 'ChatServer_3']),
    onChatServerDown: onChatServerDown('stop'),
    ...EVERY_TARGET,
    ...safetySchema(false),
  },
  STRICT,
);

export const GATEWAY_TARGET = Type.Object(
  {
    adapter: adapter('gateway'),
    gateways: Type.Array(Type.String({ maxLength: 2_048, description: 'One base URL.' }), {
      default: [],
      maxItems: 16,
      description: 'Base URLs, the preferred one first; at least one is needed.',
    }),
    token: Type.Optional(text('Bearer token for the gateway.', { ...TOKEN, envOnly: true })),
    tokenFile: Type.Optional(
      text(
        'File with the bearer token for the gateway. The token itself can come from `CHATPROBE_GATEWAY_TOKEN`, never from this file.',
        PATH,
      ),
    ),
    caFile: Type.Optional(text('PEM file of the certificate authorities to trust instead of those of the system.', PATH)),
    certFile: Type.Optional(
      text('PEM file of the certificate to show the gateway, those of its authorities after it, for mutual TLS.', PATH),
    ),
    keyFile: Type.Optional(text('PEM file of its private key, without a passphrase.', PATH)),
    connectTimeoutMs: integer('Longest that opening a connection may take before the next URL is tried.', 10, 60_000, 700),
    maxConnections: integer('Most connections to each gateway.', 1, 10_000, 256),
    // No default: either guess hurts, see `targets.ts`.
    ha: Type.Optional(Type.Boolean({ description: HA })),
    singleChatServer: flag(SINGLE, false),
    chatServers: chatServers([]),
    onChatServerDown: onChatServerDown('auto'),
    ...EVERY_TARGET,
    ...safetySchema(true),
  },
  STRICT,
);

// Who sends nothing asks about no control chat.
const { controls: _, ...UNASKED } = safetySchema(true);

/** Of a target that sends nothing by itself. What it does not know it cannot be told to stop on, hence no `onUnrecognised`. */
export const WORKFLOW_TARGET = Type.Object(
  {
    adapter: adapter('workflow'),
    patterns: PATTERNS,
    // No default, as of a gateway target.
    ha: Type.Optional(Type.Boolean({ description: HA })),
    singleChatServer: flag(SINGLE, false),
    chatServers: chatServers([]),
    onChatServerDown: onChatServerDown('auto'),
    ...ASKED_TARGET,
    message: Type.Object({ idKeys: ID_KEYS }, STRICT),
    ...UNASKED,
  },
  STRICT,
);

/** The whole configuration file. */
export const SETTINGS = Type.Object(
  {
    server: SERVER,
    targets: Type.Record(Type.String(NAME), Type.Union([SIMULATOR_TARGET, GATEWAY_TARGET, WORKFLOW_TARGET]), {
      ...STRICT,
      maxProperties: MOST_NAMES,
    }),
    policies: Type.Record(Type.String(NAME), POLICY, { ...STRICT, maxProperties: MOST_NAMES }),
    bounds: BOUNDS,
  },
  STRICT,
);

export type Settings = Static<typeof SETTINGS>;
export type TargetSettings = Settings['targets'][string];
export type GatewaySettings = Static<typeof GATEWAY_TARGET>;
export type WorkflowSettings = Static<typeof WORKFLOW_TARGET>;
