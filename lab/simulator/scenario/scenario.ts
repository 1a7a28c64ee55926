import Type, { type Static } from 'typebox';
import { ON_CHAT_SERVER_DOWN, ON_UNRECOGNISED } from '../../../src/probe/target.ts';
import { NAME, STRICT } from '../../../src/schema-tree/schema-kinds.ts';
import { SCENARIO_EVENT } from './scenario-event.ts';
import { milliseconds, range, share } from './scenario-fields.ts';

/*
 * What a scenario file may say. Sources and assumptions: docs/world.md. A field with a `default` may be left out; of a
 * union, the member applies whose `marker` is there.
 */

/** Which chats are asked about again once they were routed. */
export const AGAIN = ['none', 'ghosts', 'all'] as const;
export type Again = (typeof AGAIN)[number];

export const MAX_ARRIVALS_PER_SECOND = 10_000;
/** What a scenario that does not speak of them has. */
export const QUEUE_MS = 5_000;
export const ARRIVE_FOR_MS = 3_600_000;
export const PROBES_WITHIN_MS = 60_000;

const CLIENTS = Type.Object(
  {
    returnMs: range(
      'From the crash until a web client has its session restored on another Chat Server; drawn for each chat.',
      2_000,
      8_000,
    ),
    retryMs: milliseconds('A client that found no Chat Server with room tries again after this.', { minimum: 1, default: 1_000 }),
    disconnectMs: milliseconds('A client is dropped after this time without a Chat Server (flex-disconnect-timeout).', { default: 45_000 }),
    sessionRestoreExtendBy: Type.Enum(['none', 'esp'], {
      default: 'none',
      description: 'Whether a message by ESP restores a session (session-restore-extend-by).',
    }),
    staleMs: range('How long after a move the interaction still shows the old ChatServerAppName; drawn for each move.', 0, 1_000),
    leaveShare: share('Of the customers whose Chat Server crashes, those who leave at once and never return.', 0),
  },
  STRICT,
);

const UNIFORM = Type.Object(
  { least: milliseconds('Least.'), most: milliseconds('Most.') },
  { ...STRICT, marker: 'least', description: 'Every whole number of milliseconds is as likely.' },
);

const LOG_NORMAL = Type.Object(
  { median: milliseconds('Half of the messages take less.', { minimum: 1 }), p99: milliseconds('One in a hundred takes more.') },
  { ...STRICT, marker: 'median', description: 'Log-normal, rounded to whole milliseconds.' },
);

const CHATS = Type.Object(
  {
    onlineShare: share('Of all chats, those whose IsOnline is 1; the others were closed cleanly.', 1),
    staleShare: share('Of all chats, those that say so although an earlier restart has lost them.', 0),
    arrivePerSecond: Type.Number({
      minimum: 0,
      maximum: MAX_ARRIVALS_PER_SECOND,
      default: 0,
      description: 'How many customers open a chat each second; 0: all chats are there when the world begins.',
    }),
    arriveForMs: milliseconds('How long they do in a rehearsal that is not told how many chats there are.', { default: ARRIVE_FOR_MS }),
    queueMs: milliseconds('A chat that arrives is first asked about within this time; drawn for each chat.', { default: QUEUE_MS }),
  },
  STRICT,
);

const AGENTS = Type.Object(
  {
    again: Type.Enum(AGAIN, {
      default: 'none',
      description: 'Which chats go back and are asked about again after they were routed: none, those whose customer is gone, or all.',
    }),
    handleMs: milliseconds('How long an agent has a chat whose customer is gone.', { default: 60_000 }),
    returnMs: milliseconds('From there until it is asked about again.', { default: 5_000 }),
    forMs: milliseconds('A chat is asked about again until so long after its first question.', { default: 3_600_000 }),
  },
  { ...STRICT, description: 'What agents do with the chats that are routed to them.' },
);

const PROBES = Type.Object(
  {
    fromMs: milliseconds('The first question about a chat comes not before this.', { default: 0 }),
    withinMs: milliseconds('Length of the window in which its moment is drawn.', { minimum: 1, default: PROBES_WITHIN_MS }),
    byName: Type.Boolean({ default: true, description: 'Whether the callers name the Chat Server that the interaction shows.' }),
    doubledShare: share('Of all questions, those that two callers ask.', 0),
    doubledWithinMs: milliseconds('The second one comes within this time; drawn for each.', { default: 1_000 }),
    deafShare: share('Of all chats, those that are asked about again although they were stopped, where chats come back at all.', 0),
  },
  STRICT,
);

const TARGET = Type.Object(
  {
    ha: Type.Boolean({ description: 'Whether another Chat Server may restore a session after a crash.' }),
    singleChatServer: Type.Boolean({ default: false, description: 'Whether there is only one Chat Server.' }),
    onChatServerDown: Type.Enum(ON_CHAT_SERVER_DOWN, { default: 'auto', description: 'Verdict for chats whose Chat Server is down.' }),
    restoreWindowMs: milliseconds('How long after a crash a session can be restored.', { default: 45_000 }),
    confirmAfterMs: milliseconds('With ha: least time between the two bad answers that a stop rests on.', { default: 1_000 }),
    onUnrecognised: Type.Enum(ON_UNRECOGNISED, { default: 'route', description: 'Verdict for answers that are not known.' }),
    requireDelivery: Type.Boolean({ default: true, description: 'Whether nothing is stopped before a message was delivered.' }),
  },
  { ...STRICT, description: 'How a site would configure Chat Probe for this world.' },
);

const OPERATOR = Type.Object(
  {
    releaseGuardAtMs: Type.Array(milliseconds('One moment.'), {
      maxItems: 100,
      default: [],
      description: 'When somebody releases the guard against mass stops, each time for 10 minutes.',
    }),
  },
  { ...STRICT, description: 'What the person on call does.' },
);

const SERVICE = Type.Object(
  {
    stalls: Type.Array(
      Type.Object({ atMs: milliseconds('When it begins.'), forMs: milliseconds('How long it lasts.', { minimum: 1 }) }, STRICT),
      { maxItems: 100, default: [], description: 'When the whole process of the service stands still, in order of time.' },
    ),
  },
  { ...STRICT, description: 'What happens to the service itself.' },
);

/** One scenario file. */
export const SCENARIO = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9-]{1,64}$', mustBe: 'must be 1 to 64 small letters, digits or "-"', description: 'Its name.' }),
    description: Type.String({ minLength: 1, maxLength: 1_000, description: 'What happens, in one or two sentences.' }),
    seed: Type.Integer({ minimum: 0, maximum: 4_294_967_295, default: 1, description: 'Seed of all chance.' }),
    highAvailability: Type.Enum(['none', 'n+1', 'primary-backup'], {
      description: 'What becomes of the sessions of a Chat Server that crashes.',
    }),
    chatServers: Type.Array(Type.String({ ...NAME, description: 'One name.' }), {
      minItems: 1,
      maxItems: 64,
      description: 'The Chat Servers, backups included. All are up when the world begins.',
    }),
    backups: Type.Record(Type.String(NAME), Type.String({ ...NAME, description: 'The backup.' }), {
      ...STRICT,
      default: {},
      description: 'Primary to backup, for primary-backup only.',
    }),
    switchOverMs: milliseconds('From the crash of a primary until its backup has taken over.', { default: 3_000 }),
    connectMs: milliseconds('From the start of a Chat Server until Interaction Server is connected to it.', { default: 0 }),
    clients: CLIENTS,
    byType: Type.Enum(['balanced', 'first'], {
      default: 'balanced',
      description: 'Which connected Chat Server gets a message sent by type: any, or the first in the list of chatServers.',
    }),
    latencyMs: Type.Union([UNIFORM, LOG_NORMAL], { default: { least: 1, most: 5 }, description: 'How long a message travels.' }),
    interactionServer: Type.Object(
      { reconnectMs: milliseconds('From its coming up until the Chat Servers are connected to it again.', { default: 2_000 }) },
      STRICT,
    ),
    chats: CHATS,
    events: Type.Array(SCENARIO_EVENT, { maxItems: 10_000, default: [], description: 'What happens, in order of time.' }),
    agents: AGENTS,
    probes: PROBES,
    target: TARGET,
    operator: OPERATOR,
    service: SERVICE,
  },
  STRICT,
);

/** Read-only all the way down: a scenario is shared by whoever plays it. */
type Fixed<T> = T extends object ? { readonly [K in keyof T]: Fixed<T[K]> } : T;

/** A checked scenario: complete, and every event in it can happen. All times are milliseconds since the world began. */
export type Scenario = Fixed<Static<typeof SCENARIO>>;
