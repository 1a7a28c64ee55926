import { EMPTY_VALUE_WORDS } from '../probe/interaction-id.ts';

const QUOTE = '["\'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a]';
/** An apostrophe may end a name. */
const CLOSING_QUOTE = '["`\u201c\u201d\u201e\u201f\u00ab\u00bb]';

/**
 * What a program writes where it has no name, or has not put the name in yet. Each looks like no name that anybody gives: names may have
 * spaces, dots, brackets within and letters of any language.
 */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^[-+]?(?:${EMPTY_VALUE_WORDS.join('|')}|infinity|void 0|#?n/a|nullptr|undef)$`, 'i'), 'an empty value'],
  [/undefined|(?<![a-z])(?:null|NaN)(?![a-z])/, 'an empty value put together with something else'],
  [/^[^\p{L}\p{N}]+$/u, 'nothing but punctuation'],
  [
    /\[object\b|^object \w+$|^\[.*\]$|^\[[BCDFIJSZ]@|^\[?L?[\w$]+(?:\.[\w$]+)+;?@[0-9a-f]{4,}$/s,
    'an object or a list in place of its name',
  ],
  [/[{}]|<%|%>|\$\(|#\(|\[\[|\]\]|^<.*>$|^\$|^([%!@#]).*\1$/s, 'a placeholder, or code, that nothing was put in for'],
  [/^\(.*\)$|\(\)$|=>|^function\b|^Optional[.[]|^Symbol\(|\[["']/s, 'code in place of its result'],
  [new RegExp(`^(?:\\\\?${QUOTE})|\\\\?${CLOSING_QUOTE}$|^['\u2018\u2019].*['\u2018\u2019]$`, 's'), 'still in quotes'],
  [
    /%(?:[0-9a-f]{2}|u[0-9a-f]{4})|&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}/i,
    'still encoded, or encoded twice',
  ],
  [/chatserverappname/i, "the field's name in place of its value"],
];

/** How a name shows that a program slipped, in words, null if it does not. Sent, it would be a Chat Server that nobody finds. */
export function slipIn(name: string): string | null {
  return SLIPS.find(([slip]) => slip.test(name))?.[1] ?? null;
}
