import Type from 'typebox';
import { INTERACTION_ID_PATTERN, INTERACTION_ID_RULE } from '../../../src/probe/probe-order.ts';
import { STRICT } from '../../../src/schema-tree/schema-kinds.ts';
import { MAX_CHATS, MAX_SEED } from '../play-order.ts';
import { MAX_EXTRA_MS, MAX_FLAPS, MAX_SESSIONS } from '../scenario/scenario-fields.ts';

const DAY_MS = 86_400_000;
const MAX_PAGE = 1_000;

/** Of a command that has nothing to say. */
export const Nothing = Type.Object({}, STRICT);

export const ServerPath = Type.Object({ name: Type.String({ description: 'Name of a Chat Server.', examples: ['ChatServer_1'] }) });
export const SessionPath = Type.Object({ id: Type.String({ description: 'Interaction id.', examples: ['chat-000001'] }) });

export const Page = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 100, description: 'Most sessions to tell.' })),
    offset: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'Sessions to pass over, in the order of their beginning.' })),
  },
  STRICT,
);

export const OpenSession = Type.Object(
  {
    id: Type.String({
      pattern: INTERACTION_ID_PATTERN,
      description: `Interaction id, ${INTERACTION_ID_RULE}; new to this world.`,
      examples: ['my-chat-1'],
    }),
    chatServer: Type.String({ description: 'Name of the Chat Server to run it.', examples: ['ChatServer_1'] }),
  },
  STRICT,
);

export const Start = Type.Object(
  {
    sessions: Type.Optional(
      Type.Enum(['lost', 'restored'], {
        type: 'string',
        default: 'lost',
        description: 'What becomes of the sessions that it ran when it went down.',
      }),
    ),
  },
  STRICT,
);

export const Slow = Type.Object(
  {
    extraMs: Type.Union([Type.Integer({ minimum: 0, maximum: MAX_EXTRA_MS }), Type.Null()], {
      description: 'Milliseconds that each message to it takes longer; null ends that.',
      examples: [3_000],
    }),
  },
  STRICT,
);

export const Flap = Type.Object(
  {
    downMs: Type.Integer({ minimum: 1, maximum: DAY_MS, description: 'Milliseconds that it is down each time.' }),
    upMs: Type.Integer({ minimum: 1, maximum: DAY_MS, description: 'Milliseconds that it is up in between.' }),
    times: Type.Integer({ minimum: 1, maximum: MAX_FLAPS, description: 'How often it goes down.' }),
  },
  STRICT,
);

export const Limit = Type.Object(
  {
    maxSessions: Type.Union([Type.Integer({ minimum: 0, maximum: MAX_SESSIONS }), Type.Null()], {
      description: 'Most sessions that it takes; null lifts the limit. Those it has stay.',
      examples: [10],
    }),
  },
  STRICT,
);

export const UpOrDown = Type.Object({ state: Type.Enum(['up', 'down'], { type: 'string', description: 'What it shall be.' }) }, STRICT);

export const Link = Type.Object(
  { state: Type.Enum(['up', 'down'], { type: 'string', description: 'What the link to Interaction Server shall be.' }) },
  STRICT,
);

export const Misconfiguration = Type.Object(
  {
    answer: Type.Enum(['chat_server_not_found', 'session_not_found', 'nothing'], {
      type: 'string',
      description: 'What every message is answered, whatever the truth, as with a wrong tenant; `nothing` ends that.',
    }),
  },
  STRICT,
);

export const Advance = Type.Object(
  { byMs: Type.Integer({ minimum: 1, maximum: DAY_MS, description: 'Milliseconds to move time on.', examples: [5_000] }) },
  STRICT,
);

export const Reset = Type.Object(
  {
    scenario: Type.Optional(Type.String({ description: 'Name of a scenario, or `demo`. The one being played unless given.' })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_SEED, description: 'The same seed gives the same world.' })),
    chats: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_CHATS, description: 'How many chats there are; not for `demo`.' })),
  },
  STRICT,
);
