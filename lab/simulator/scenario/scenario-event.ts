import Type, { type Static, type TProperties } from 'typebox';
import { NAME, STRICT } from '../../../src/schema-tree/schema-kinds.ts';
import { integerOrNull, MAX_EXTRA_MS, MAX_FLAPS, MAX_SESSIONS, milliseconds } from './scenario-fields.ts';

const SERVER = Type.String({ ...NAME, description: 'Name of the Chat Server.' });

/** One kind of event; `marker` is the key by which it is told from the others. */
const event = <P extends TProperties>(marker: keyof P & string, properties: P, description: string) =>
  Type.Object({ atMs: milliseconds('When it happens.'), ...properties }, { ...STRICT, marker, description });

/** Everything that can happen to the world from outside. */
export const SCENARIO_EVENT = Type.Union([
  event('crash', { crash: SERVER }, 'A Chat Server crashes.'),
  event(
    'start',
    {
      start: SERVER,
      sessions: Type.Enum(['lost', 'restored'], { default: 'lost', description: 'Whether it comes back with the sessions that it had.' }),
    },
    'A Chat Server that is down starts.',
  ),
  event(
    'slow',
    { slow: SERVER, extraMs: integerOrNull('What its messages take longer, in ms; null as before.', MAX_EXTRA_MS) },
    'A Chat Server becomes slow.',
  ),
  event(
    'flap',
    {
      flap: SERVER,
      downMs: milliseconds('How long it is down each time.', { minimum: 1 }),
      upMs: milliseconds('How long it is up in between.', { minimum: 1 }),
      times: Type.Integer({ minimum: 1, maximum: MAX_FLAPS, description: 'How often it crashes.' }),
    },
    'A Chat Server crashes and starts empty, again and again.',
  ),
  event(
    'limit',
    { limit: SERVER, maxSessions: integerOrNull('Most sessions; null for no limit.', MAX_SESSIONS) },
    'A Chat Server takes no more sessions than these.',
  ),
  event(
    'link',
    { link: SERVER, state: Type.Enum(['down', 'up'], { description: 'What becomes of the link.' }) },
    'The link between Interaction Server and one Chat Server is lost, or there again. The Chat Server goes on.',
  ),
  event(
    'interactionServer',
    { interactionServer: Type.Enum(['down', 'up'], { description: 'What becomes of it.' }) },
    'Interaction Server goes down or comes up.',
  ),
  event('gateway', { gateway: Type.Enum(['down', 'up'], { description: 'What becomes of it.' }) }, 'The gateway goes down or comes up.'),
  event(
    'misconfigure',
    {
      misconfigure: Type.Enum(['chat_server_not_found', 'session_not_found', 'nothing'], {
        description: 'What every message is answered from now on, whatever is the case; nothing ends it.',
      }),
    },
    'The target is misconfigured, as with a wrong tenant.',
  ),
]);

type Member<T> = T extends object ? Readonly<T> : never;

/** One thing that happens at `atMs`, in milliseconds since the world began. */
export type ScenarioEvent = Member<Static<typeof SCENARIO_EVENT>>;
