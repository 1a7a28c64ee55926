import { expect, it, vi } from 'vitest';
import { createCallerSecrets } from '../../src/http/caller-secrets.ts';
import { callerWith } from './stub-api.ts';

const compared: number[] = [];

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  const timingSafeEqual: typeof real.timingSafeEqual = (a, b) => {
    compared.push(a.byteLength, b.byteLength);
    return real.timingSafeEqual(a, b);
  };
  return { ...real, timingSafeEqual };
});

it.each(['first', 'second', 'third', 'firs', 'firstfirst', 'wrong', '', 'x'.repeat(10_000)])(
  'a secret like %.10s is compared with the digest of every secret, whatever it is and however long',
  (secret) => {
    const secrets = createCallerSecrets(async () => new Uint8Array(32));
    secrets.replace([callerWith('first', 'probe'), callerWith('second', 'ops'), callerWith('third', 'metrics')]);
    compared.length = 0;
    secrets.find({ secret, user: null });
    expect(compared).toEqual([32, 32, 32, 32, 32, 32]);
  },
);
