import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

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
  const certificates = certificatesIn(text);
  if (certificates.length === 0) return 'without a certificate in PEM';
  return certificates.includes(null) ? 'with a certificate that cannot be read' : null;
}

/** What is wrong with a file that should hold the private key of a certificate in PEM, to follow "names a file"; null if nothing is. */
export function privateKeyProblem(text: string, certificate: string): string | null {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text))
    return 'with an encrypted key: keep it without a passphrase, which nobody could type at a restart';
  const key = privateKeyIn(text);
  if (key === null) return 'without a private key in PEM that can be read';
  return certificatesIn(certificate)[0]?.checkPrivateKey(key) === false ? 'with the key of another certificate' : null;
}

/** When certificates in PEM can be used: all of them. Milliseconds since 1970. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function validityOf(pem: string): Validity {
  const certificates = certificatesIn(pem).filter((certificate) => certificate !== null);
  return {
    fromMs: Math.max(...certificates.map(({ validFrom }) => Date.parse(validFrom))),
    untilMs: Math.min(...certificates.map(({ validTo }) => Date.parse(validTo))),
  };
}

/** In their order; null for one that cannot be read. */
function certificatesIn(text: string): readonly (X509Certificate | null)[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => {
    try {
      return new X509Certificate(pem);
    } catch {
      return null;
    }
  });
}

function privateKeyIn(text: string): KeyObject | null {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}
