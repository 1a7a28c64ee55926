import { X509Certificate } from 'node:crypto';

/** What a bearer token looks like: it goes into a header. */
export const TOKEN = { pattern: '^[\\x21-\\x7e]+$', mustBe: 'must be visible ASCII characters without white space' } as const;

/** Tells whether a word can be sent as a bearer token. */
export function isToken(word: string): boolean {
  return new RegExp(TOKEN.pattern).test(word);
}

/** Whether a word is like a generated token, which has letters and digits in long runs. */
export function looksGenerated(word: string): boolean {
  return /[+=]/.test(word) || word.split(/[^A-Za-z0-9]+/).some((run) => run.length >= 20 && isMixed(run));
}

export function isMixed(run: string): boolean {
  return /\d/.test(run) && /[A-Za-z]/.test(run);
}

/** What is wrong with a file that should hold certificates in PEM, to follow "names a file"; null if nothing is. */
export function certificateProblem(text: string): string | null {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'without a certificate in PEM';
  return blocks.every(isCertificate) ? null : 'with a certificate that cannot be read';
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
