import Type from 'typebox';
import { VISIBILITIES } from '../../../src/probe/esp.ts';

/** Whole: a moment is told only when it has come. */
const Ms = (description: string) => Type.Integer({ description: `${description}, in milliseconds since the world began.` });

export const Truth = Type.Object(
  {
    customer: Type.Enum(['present', 'gone'], {
      type: 'string',
      description: 'Whether somebody is there. A living chat is one whose customer is.',
    }),
    session: Type.Enum(['running', 'restorable', 'none'], {
      type: 'string',
      description: 'Whether a Chat Server runs it, could have it restored, or nothing is left of it.',
    }),
    since: Ms('When it became so'),
    why: Type.String({ description: 'What made it so.' }),
  },
  { $id: 'Truth', description: 'What is the case, whatever anybody is told.' },
);

export const Session = Type.Object(
  {
    id: Type.String({ description: 'Interaction id.' }),
    host: Type.Union([Type.String(), Type.Null()], { description: 'Chat Server that runs it; null if none does.' }),
    status: Type.Enum(['live', 'interrupted', 'closed', 'lost'], {
      type: 'string',
      description:
        '`live`: a Chat Server runs it. `interrupted`: it can still be restored. `closed`: it ended cleanly. `lost`: gone, although its interaction says that it is online.',
    }),
    truth: Type.Ref('Truth'),
    userData: Type.Record(Type.String(), Type.Unknown(), {
      description: 'What a workflow would read now. After a fail-over it may still name the old Chat Server.',
    }),
    messages: Type.Integer({ description: 'Messages in its transcript, which keeps the last 1,000.' }),
  },
  { $id: 'Session', description: 'One chat.' },
);

export const SessionPage = Type.Object({
  total: Type.Integer({ description: 'Sessions of this world, those that have ended included.' }),
  sessions: Type.Array(Type.Ref('Session')),
});

export const Transcript = Type.Object({
  id: Type.String({ description: 'Interaction id.' }),
  messages: Type.Array(
    Type.Object({
      atMs: Ms('When it was delivered'),
      text: Type.String(),
      type: Type.Union([Type.String(), Type.Null()], { description: '`MessageType`; null if the message had none.' }),
      visibility: Type.Enum([...VISIBILITIES], { type: 'string', description: 'Who sees it.' }),
    }),
    { description: 'Every message that reached the session, in order; the last 1,000.' },
  ),
});

export const Server = Type.Object(
  {
    name: Type.String(),
    status: Type.Enum(['up', 'down'], { type: 'string' }),
    connected: Type.Boolean({ description: 'Whether Interaction Server can reach it.' }),
    sessions: Type.Integer({ description: 'Sessions that it runs.' }),
    latencyMs: Type.Union([Type.Number(), Type.Null()], { description: 'Milliseconds that a message takes longer; null if none.' }),
    maxSessions: Type.Union([Type.Integer(), Type.Null()], { description: 'Most sessions that it takes; null without a limit.' }),
  },
  { $id: 'Server', description: 'One Chat Server.' },
);

export const Servers = Type.Object({ servers: Type.Array(Type.Ref('Server')) });

export const Clock = Type.Object(
  {
    nowMs: Type.Integer({ description: 'Milliseconds since the world began.' }),
    frozen: Type.Boolean({ description: 'Whether time stands still.' }),
  },
  { $id: 'Clock', description: 'The time of the world.' },
);

export const Play = Type.Object(
  {
    name: Type.String({ description: 'Name of the scenario, or `demo`.' }),
    seed: Type.Integer(),
    chats: Type.Integer({ description: 'Chats that there were at the beginning.' }),
    scenario: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: 'The scenario whole, with what it leaves to defaults; null for the demo world.',
    }),
    known: Type.Array(Type.String(), { description: 'All there is to play.' }),
  },
  { $id: 'Play', description: 'What is being played.' },
);
