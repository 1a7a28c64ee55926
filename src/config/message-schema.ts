import Type from 'typebox';
import { VISIBILITIES } from '../probe/esp.ts';
import { STRICT, text } from '../schema-tree/schema-kinds.ts';

const KEY = { pattern: '^(?!__proto__$)[\\x21-\\x7e]{1,64}$', mustBe: 'must be 1 to 64 visible ASCII characters' } as const;

export const ID_KEYS = Type.Array(Type.String({ ...KEY, description: 'One key.' }), {
  minItems: 1,
  maxItems: 16,
  uniqueItems: true,
  default: ['InteractionId', 'Id'],
  description: 'User-data keys that carry the interaction id.',
});

export const MESSAGE = Type.Object(
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
    idKeys: ID_KEYS,
  },
  STRICT,
);

const patterns = (meaning: string) =>
  Type.Array(text('One text.', { minLength: 1, maxLength: 512 }), { maxItems: 20, uniqueItems: true, default: [], description: meaning });

/** What the texts of a workflow engine mean, as its site has confirmed it. */
export const PATTERNS = Type.Object(
  {
    sessionNotFound: patterns(
      'Texts by which the workflow engine says that the session does not exist (fault 100), `*` in them for anything. Nothing is stopped for it while there are none.',
    ),
    chatServerNotFound: patterns('The same for a Chat Server that is not found. Nothing is stopped for it while there are none.'),
    delivered: patterns(
      'The same for a message that was delivered; a mere `*` for whatever came by the normal port and is neither of the others. While there are none, no chat counts as alive.',
    ),
  },
  STRICT,
);
