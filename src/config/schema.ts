import Type, { type Static } from 'typebox';
import { VISIBILITIES } from '../probe/esp.ts';
import { ON_CHAT_SERVER_DOWN, ON_UNRECOGNISED } from '../probe/target.ts';
import { safetySchema } from '../resilience/settings.ts';
import { APP_NAME, flag, integer, NAME, STRICT, text } from '../schema-tree/schema-kinds.ts';
import { TOKEN } from './credentials.ts';

/* THE settings: type, default, range and description of each, as docs/configuration.md tells them; times are in milliseconds. `envOnly` marks what only the environment may give. */

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const HOST = {
  pattern: '^[A-Za-z0-9_.:%-]{1,253}$',
  mustBe: 'must be a host name or an IP address without brackets',
} as const;
const KEY = { pattern: '^(?!__proto__$)[\\x21-\\x7e]{1,64}$', mustBe: 'must be 1 to 64 visible ASCII characters' } as const;
const PATH = { minLength: 1, maxLength: 4_096 } as const;

const SERVER = Type.Object(
  {
    host: text('Address to listen on. Beyond loopback a token is needed, or `allowAnonymous`; and a named adapter.', {
      default: '127.0.0.1',
      ...HOST,
    }),
    port: integer('Port to listen on; 0 lets the system choose.', 0, 65_535, 8_080),
    apiToken: Type.Optional(text('Bearer token that callers must show.', { ...TOKEN, envOnly: true })),
    apiTokenFile: Type.Optional(
      text(
        'File with the bearer token that callers must show. The token itself can come from `CHATPROBE_API_TOKEN`, never from this file.',
        PATH,
      ),
    ),
    allowAnonymous: flag('Allows to listen beyond loopback without a token.', false),
    logLevel: Type.Enum(LOG_LEVELS, { default: 'info', description: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.' }),
    drainMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3_600_000,
        description: 'Longest that probes go on after SIGTERM. Unless set: the longest permitted deadline + 2000.',
      }),
    ),
    maxInFlight: integer('Probes at once beyond which new ones are answered `overloaded`.', 1, 1_000_000, 20_000),
    replica: Type.Optional(
      text('Names this instance in evidence. Unless set: the name of its host.', {
        pattern: '^[\\x21-\\x7e]{1,64}$',
        mustBe: 'must be 1 to 64 visible ASCII characters',
      }),
    ),
    evidence: Type.Object(
      {
        maxBytes: integer(
          'Memory for what is kept of answered probes; the oldest make room, stops last. 0 keeps nothing.',
          0,
          1_073_741_824,
          16_777_216,
        ),
      },
      STRICT,
    ),
    maxEventLoopDelayMs: integer('Mean event-loop delay beyond which new probes are answered `overloaded`.', 10, 60_000, 1_000),
  },
  STRICT,
);

const MESSAGE = Type.Object(
  {
    text: text('`MessageText` of the hidden message.', {
      default: '[probe]',
      pattern: '\\S',
      maxLength: 1_024,
      mustBe: 'must not be empty',
    }),
    type: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      minLength: 1,
      maxLength: 256,
      default: null,
      description: '`MessageType`; `null` leaves it out.',
    }),
    visibility: Type.Enum(VISIBILITIES, { default: 'VIP', description: 'Who sees the message: `ALL`, `INT` or `VIP`.' }),
    idKeys: Type.Array(Type.String({ ...KEY, description: 'One key.' }), {
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
      default: ['InteractionId', 'Id'],
      description: 'User-data keys that carry the interaction id.',
    }),
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

const adapter = <K extends 'simulator' | 'gateway'>(kind: K) =>
  Type.Literal(kind, { default: kind, mustBe: 'must be simulator or gateway', description: '`gateway` or `simulator`.' });
const onChatServerDown = (preset: string) =>
  Type.Enum(ON_CHAT_SERVER_DOWN, {
    default: preset,
    description: 'Verdict for chats whose Chat Server is down: `stop`, `route` or `auto`.',
  });
const HA = 'Whether another Chat Server may restore a session after a crash. A gateway target must say.';
const SINGLE = 'Whether there is only one Chat Server.';

const EVERY_TARGET = {
  policy: text('Retry policy of requests that name none.', { ...NAME, default: 'inline' }),
  restoreWindowMs: integer(
    "How long after a crash a session can be restored: your Chat Servers' `flex-disconnect-timeout`, which [differs by release](genesys.md#high-availability). With `ha` always set it; `--check-config` warns where it is left out.",
    0,
    3_600_000,
    45_000,
  ),
  confirmAfterMs: integer('With `ha`: least time between the two bad answers that a stop rests on; else `unconfirmed`.', 0, 60_000, 1_000),
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
    gateways: Type.Array(Type.String({ description: 'One base URL.' }), {
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

/** What is not given comes from the built-in policy of the same name, else from `inline`. */
const POLICY = Type.Partial(
  Type.Object({
    attempts: Type.Integer({ minimum: 1, maximum: 100, description: 'Most sends, the first included.' }),
    attemptTimeoutMs: Type.Integer({
      minimum: 50,
      maximum: 60_000,
      description: 'Longest that one attempt may take; not longer than `deadlineMs`.',
    }),
    pauseMs: Type.Integer({ minimum: 0, maximum: 60_000, description: 'Pause before the second attempt.' }),
    backoff: Type.Number({ minimum: 1, maximum: 10, description: 'Factor from one pause to the next; 1 keeps them equal.' }),
    maxPauseMs: Type.Integer({ minimum: 0, maximum: 600_000, description: 'Longest pause.' }),
    jitter: Type.Number({ minimum: 0, maximum: 1, description: 'Fraction by which chance may shorten a pause.' }),
    deadlineMs: Type.Integer({ minimum: 100, maximum: 600_000, description: 'Longest that the whole probe may take.' }),
  }),
  STRICT,
);

const bound = (minimum: number, maximum: number, low: number, high: number, description: string) =>
  Type.Tuple([integer('Least.', minimum, maximum, low), integer('Most.', minimum, maximum, high)], { description });

const BOUNDS = Type.Object(
  {
    deadlineMs: bound(100, 600_000, 100, 60_000, 'Deadlines.'),
    attempts: bound(1, 100, 2, 10, 'Numbers of attempts. Under `ha` one is never enough for a stop.'),
  },
  STRICT,
);

/** The whole configuration file. */
export const SETTINGS = Type.Object(
  {
    server: SERVER,
    targets: Type.Record(Type.String(NAME), Type.Union([SIMULATOR_TARGET, GATEWAY_TARGET]), STRICT),
    policies: Type.Record(Type.String(NAME), POLICY, STRICT),
    bounds: BOUNDS,
  },
  STRICT,
);

export type Settings = Static<typeof SETTINGS>;
export type TargetSettings = Settings['targets'][string];
export type GatewaySettings = Static<typeof GATEWAY_TARGET>;
