import { createHmac, randomBytes, scrypt } from 'node:crypto';

/** What is kept of a secret that nobody needs to read again: RFC 7914, in the form of PHC strings that other tools write too. */
export interface SecretHash {
  /** As it was written. */
  readonly text: string;
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
  /** By it alone nearly every other secret is known to be wrong, at no cost; null where it would say too much of the secret. */
  readonly keyId: string | null;
}

/** Memory is 128 * 2^ln * r bytes. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and some 80 ms. The secrets are long random words rather than what people can remember: more would cost callers, not thieves. */
const COST: ScryptCost = { ln: 15, r: 8, p: 1 };
/** A hash costs whoever shows a wrong secret nothing, and us this: 128 MiB at most. */
const MAX_BYTES = 128 * 1_024 * 1_024;
const MAX_PARALLEL = 4;
const BYTES = { least: 8, most: 64 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Of 192 bits or more, which no person thinks up: it can spare 32 of them. */
const MADE_BY_A_MACHINE = /^[0-9a-f]{48,}$/i;
const KEY_ID_BYTES = 4;

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)(?:,keyid=([0-9a-f]{8}))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** How every hash begins; a secret that begins like it is taken for one. */
export const HASH_PREFIX = '$scrypt$';

/** The hash that a text stands for; null if it is none, or one that costs more than a caller is worth. */
export function parseSecretHash(text: string): SecretHash | null {
  const [, ln, r, p, keyId = null, salt = '', key = ''] = FORM.exec(text) ?? [];
  if (ln === undefined) return null;
  const hash = {
    text,
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
    keyId,
  };
  return isBearable(hash.cost) && [hash.salt, hash.key].every(({ length }) => length >= BYTES.least && length <= BYTES.most) ? hash : null;
}

function isBearable({ ln, r, p }: ScryptCost): boolean {
  return ln >= 10 && r >= 1 && p >= 1 && p <= MAX_PARALLEL && bytesFor({ ln, r, p }) <= MAX_BYTES;
}

function bytesFor({ ln, r }: ScryptCost): number {
  return 128 * 2 ** ln * r;
}

/** The key that this secret has under the salt and cost of a hash. Off the main thread. Rejects only if there is no memory for it. */
export function deriveKey(secret: string, { cost, salt, key }: Pick<SecretHash, 'cost' | 'salt' | 'key'>): Promise<Uint8Array> {
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * bytesFor(cost) };
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, key.length, options, (error, derived) => (error === null ? resolve(derived) : reject(error)));
  });
}

/** What a hash of this secret with this salt may have as its `keyid`: the first 32 bits of a digest. */
export function keyIdOf(secret: string, salt: Uint8Array): string {
  return createHmac('sha256', salt)
    .update(secret)
    .digest('hex')
    .slice(0, 2 * KEY_ID_BYTES);
}

/** The line to keep in place of the secret, each time with a new salt. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(secret, { cost: COST, salt, key: new Uint8Array(KEY_BYTES) });
  const keyId = MADE_BY_A_MACHINE.test(secret) ? `,keyid=${keyIdOf(secret, salt)}` : '';
  return `${HASH_PREFIX}ln=${COST.ln},r=${COST.r},p=${COST.p}${keyId}$${inBase64(salt)}$${inBase64(key)}`;
}

/** Without padding, as PHC strings have it. */
function inBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
