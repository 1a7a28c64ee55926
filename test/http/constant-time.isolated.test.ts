import { expect, it, vi } from 'vitest';
import { keyIdOf } from '../../src/config/secret-hash.ts';
import { createCallerSecrets } from '../../src/http/caller-secrets.ts';
import { SECRETS } from '../support/secrets.ts';
import { callerWith } from './stub-api.ts';

const { apiToken: FIRST, opsToken: SECOND, newToken: THIRD } = SECRETS;

const compared: number[] = [];

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  const timingSafeEqual: typeof real.timingSafeEqual = (a, b) => {
    compared.push(a.byteLength, b.byteLength);
    return real.timingSafeEqual(a, b);
  };
  return { ...real, timingSafeEqual };
});

it.each([FIRST, SECOND, THIRD, FIRST.slice(0, -1), FIRST + FIRST, SECRETS.wrongToken, '', 'x'.repeat(10_000)])(
  'a secret like %.10s is compared with the digest of every secret, whatever it is and however long',
  (secret) => {
    const secrets = createCallerSecrets({ deriveKey: async () => new Uint8Array(32), keyIdOf });
    secrets.replace([callerWith(FIRST, 'probe'), callerWith(SECOND, 'ops'), callerWith(THIRD, 'metrics')]);
    compared.length = 0;
    secrets.find({ secret, user: null });
    expect(compared).toEqual([32, 32, 32, 32, 32, 32]);
  },
);
