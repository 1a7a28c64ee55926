/** HTML that is safe to send: what was put into it stands there as text. Only `html` makes it. */
class SafeHtml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Html = SafeHtml;
/** Nothing is written for `null` and `false`. */
export type HtmlValue = Html | readonly Html[] | string | number | null | false;

/**
 * A template whose values are escaped. They can stand in text and in attributes in double quotes, and nowhere else; HTML itself only in
 * text. Throws for a template that has one elsewhere: a fault of ours, met by whoever first renders it.
 */
export function html(literal: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const places = placesIn(literal);
  return new SafeHtml(literal.map((part, at) => (at < values.length ? part + written(values[at] ?? null, places[at]) : part)).join(''));
}

function written(value: HtmlValue, place: Place | undefined): string {
  if (value === null || value === false) return '';
  if (typeof value !== 'object') return escaped(String(value));
  if (place !== 'text') throw new Error('HTML stands in an attribute');
  return value instanceof SafeHtml ? value.text : value.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
/**
 * What nobody sees but what changes how the rest is read: control characters, halves of characters, and what turns the direction of a
 * text, by which one fault could be made to look like another.
 */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

function escaped(text: string): string {
  return text
    .replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** Where the text of a page stands while it is read. */
type Place = 'text' | 'tag' | 'attribute';

/** Those of templates that were looked at. One is always the same object. */
const known = new WeakMap<readonly string[], readonly Place[]>();
/** What begins a text that is read as something else: a script, a style, a comment. */
const NO_TEXT = /<(?:script|style|iframe|noembed|noframes|noscript|xmp|plaintext)\b[^>]*>[^<]*$|<!--(?:(?!-->).)*$/is;
const URLS = /\s(?:href|src|srcdoc|action|formaction|style|on\w+)="$/i;

function placesIn(literal: readonly string[]): readonly Place[] {
  const before = known.get(literal);
  if (before !== undefined) return before;
  const places: Place[] = [];
  let place: Place = 'text';
  for (const part of literal.slice(0, -1)) {
    place = placeAfter(part, place);
    if (place === 'tag' || NO_TEXT.test(part)) throw new Error(`a value stands where HTML has no text: ...${part.slice(-40)}`);
    // Its beginning says where it leads: `javascript:` would be no less dangerous for being escaped. And code is no text either.
    if (place === 'attribute' && URLS.test(part)) throw new Error(`a value begins a URL, or is code: ...${part.slice(-40)}`);
    places.push(place);
  }
  known.set(literal, places);
  return places;
}

function placeAfter(part: string, before: Place): Place {
  let place = before;
  for (const character of part) {
    if (place === 'text' && character === '<') place = 'tag';
    else if (place === 'tag' && character === '>') place = 'text';
    else if (place === 'tag' && character === '"') place = 'attribute';
    else if (place === 'attribute' && character === '"') place = 'tag';
  }
  return place;
}
