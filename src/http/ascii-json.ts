const NOT_ASCII = /[\u007f-\uffff]/g;

/** JSON in ASCII only, other characters escaped: old workflow engines `eval` what they get (docs/genesys.md, "The callers"). */
export function asciiJson(value: unknown): string {
  const text = JSON.stringify(value);
  // As many bytes as characters: ASCII, but perhaps with the one of its characters that is escaped too. Cheaper than to search.
  if (Buffer.byteLength(text) === text.length && !text.includes('\u007f')) return text;
  return text.replace(NOT_ASCII, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
