/** Enough for a request and its answer in full, but for bodies that were made long. */
const MOST_CHARACTERS = 1_500;

const STRUCK_OUT = '[struck out]';

/**
 * Bytes as text for a report: secrets struck out, what is no printable ASCII escaped (but for the ends of lines), and cut.
 *
 * @param secrets struck out wherever they stand, plain or as JSON and URLs write them.
 * @param most characters that are left.
 */
export function printable(bytes: Buffer, secrets: readonly string[], most = MOST_CHARACTERS): string {
  // First the secrets, then the cut: half a secret must not be left at the end.
  const clean = withoutSecrets(bytes.toString('latin1'), secrets);
  const cut = clean.length - most;
  return cut > 0 ? `${escaped(clean.slice(0, most))}[and ${cut} more bytes]` : escaped(clean);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, inJson(secret), inJson(inJson(secret)), encodeURIComponent(secret)]);
  return forms.filter((form) => form !== '').reduce((clean, form) => clean.replaceAll(form, STRUCK_OUT), text);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escaped(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[^\n\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
