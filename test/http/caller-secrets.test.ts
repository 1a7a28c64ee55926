import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/config/config.ts';
import { keyIdOf } from '../../src/config/secret-hash.ts';
import { createAuthentication } from '../../src/http/authentication.ts';
import {
  createCallerSecrets,
  MAX_WAITING_REQUESTS,
  MAX_WAITING_SECRETS,
  MAX_WAITING_WITH_ONE,
  type SecretHashing,
} from '../../src/http/caller-secrets.ts';
import { MAX_FAILED_LOGINS_PER_MINUTE } from '../../src/http/failed-logins.ts';
import { createInFlight } from '../../src/http/load-shedding.ts';

type Hash = Caller['hashes'][number];

const COST = { ln: 10, r: 8, p: 1 };
/** Fits the secret of the same name, for `plainKey`. */
const hashOf = (secret: string): Hash => ({
  text: `$scrypt$${secret}`,
  cost: COST,
  salt: Buffer.alloc(8),
  key: Buffer.from(secret.padEnd(32)),
  keyId: null,
});
/** As `hash-secret` makes it of a long random secret. */
const withKeyId = (secret: string, of = secret): Hash => ({ ...hashOf(secret), keyId: keyIdOf(of, Buffer.alloc(8)) });
const hashed = (name: string, ...secrets: string[]): Caller => ({ name, scopes: ['probe'], secrets: [], hashes: secrets.map(hashOf) });

/** Counts what scrypt would have cost, and how much of it at once. */
function meter() {
  const seen = { computed: 0, atOnce: 0, most: 0 };
  const deriveKey: SecretHashing['deriveKey'] = async (secret) => {
    seen.computed += 1;
    seen.atOnce += 1;
    seen.most = Math.max(seen.most, seen.atOnce);
    await sleep(20);
    seen.atOnce -= 1;
    return Buffer.from(secret.padEnd(32));
  };
  return { seen, hashing: { deriveKey, keyIdOf } };
}

const shown = (secret: string, user: string | null = null) => ({ secret, user });

function secretsOf(...callers: Caller[]) {
  const { seen, hashing } = meter();
  const secrets = createCallerSecrets(hashing);
  secrets.replace(callers);
  return { secrets, seen };
}

describe('a hashed secret', () => {
  it('is compared once, and recognised at once from then on', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'right'));
    expect(secrets.find(shown('right'))).toBeNull();
    expect(await secrets.compare(shown('right'))).toMatchObject({ name: 'a' });
    expect(secrets.find(shown('right'))).toMatchObject({ name: 'a' });
    expect(seen.computed).toBe(1);
  });

  it('is compared once for all who come with it at the same time', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'right'));
    const found = await Promise.all(Array.from({ length: 100 }, () => secrets.compare(shown('right'))));
    expect(new Set(found.map((caller) => (caller === 'busy' ? caller : caller?.name)))).toEqual(new Set(['a']));
    expect(seen.computed).toBe(1);
  });

  it('that is wrong is not compared again', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'right'));
    expect(await secrets.compare(shown('wrong'))).toBeNull();
    expect(secrets.needsHashing(shown('wrong'))).toBe(false);
    expect(secrets.needsHashing(shown('other'))).toBe(true);
    expect(seen.computed).toBe(1);
  });

  it('is compared with those of the named caller alone', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'of-a'), hashed('b', 'of-b', 'also-of-b'));
    expect(await secrets.compare(shown('of-a', 'b'))).toBeNull();
    expect(seen.computed).toBe(2);
    expect(secrets.needsHashing(shown('of-a', 'nobody'))).toBe(false);
    expect(await secrets.compare(shown('of-a', 'a'))).toMatchObject({ name: 'a' });
  });

  it('is compared one at a time, and beyond a bound not at all', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'right'));
    const answers = await Promise.all(Array.from({ length: MAX_WAITING_SECRETS + 10 }, (_, n) => secrets.compare(shown(`wrong-${n}`))));
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(10);
    expect(seen).toMatchObject({ computed: MAX_WAITING_SECRETS, most: 1 });
  });

  it('that is wrong is waited for by so many, and leaves room for another', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'right'));
    const crowd = Array.from({ length: MAX_WAITING_WITH_ONE + 10 }, () => secrets.compare(shown('wrong')));
    const good = secrets.compare(shown('right'));
    expect((await Promise.all(crowd)).filter((answer) => answer === 'busy')).toHaveLength(10);
    expect([await good, seen.computed]).toMatchObject([{ name: 'a' }, 2]);
  });

  it('is waited for by no more than so many in all, and again by as many once they are answered', async () => {
    const { secrets } = secretsOf(hashed('a', 'right'));
    for (const round of [1, 2]) {
      const wrong = (n: number) => shown(`wrong-${round}-${n % 8}`);
      const crowd = Array.from({ length: MAX_WAITING_REQUESTS + 10 }, (_, n) => secrets.compare(wrong(n)));
      expect((await Promise.all(crowd)).filter((answer) => answer === 'busy')).toHaveLength(10);
    }
  });

  it('that stays is still known after a change of callers, under the name it has then; one that goes is not', async () => {
    const { secrets, seen } = secretsOf(hashed('a', 'stays', 'goes'));
    for (const secret of ['stays', 'goes']) await secrets.compare(shown(secret));
    secrets.replace([hashed('b', 'stays')]);
    expect([secrets.find(shown('stays'))?.name, secrets.find(shown('goes'))]).toEqual(['b', null]);
    expect(seen.computed).toBe(2);
  });

  it.each([
    ['comes', [hashed('a', 'old')], [hashed('a', 'old'), hashed('b', 'new')]],
    ['comes as it is', [hashed('a', 'old')], [hashed('a', 'old'), { ...hashed('b'), secrets: ['new'] }]],
    ['is hashed anew', [hashed('b', 'new')], [{ ...hashed('b'), hashes: [{ ...hashOf('new'), text: 'with another salt' }] }]],
  ])('that %s while it is compared is one of the callers of then, for all who wait', async (_what, before, after) => {
    const { secrets } = secretsOf(...before);
    const first = secrets.compare(shown('new'));
    await Promise.resolve();
    secrets.replace(after);
    expect(await Promise.all([first, secrets.compare(shown('new'))])).toMatchObject([{ name: 'b' }, { name: 'b' }]);
  });

  it('that two callers have is of either, by name', async () => {
    const { secrets } = secretsOf(hashed('a', 'same'), { ...hashed('b', 'same'), hashes: [{ ...hashOf('same'), text: 'other salt' }] });
    for (const name of ['a', 'b', 'a']) {
      const whose = secrets.find(shown('same', name)) ?? (await secrets.compare(shown('same', name)));
      expect(whose).toMatchObject({ name });
    }
    expect(secrets.find(shown('same', 'c'))).toBeNull();
  });

  it('that was wrong is compared anew after a change of callers', async () => {
    const { secrets } = secretsOf(hashed('a', 'right'));
    await secrets.compare(shown('new'));
    secrets.replace([hashed('a', 'right', 'new')]);
    expect(await secrets.compare(shown('new'))).toMatchObject({ name: 'a' });
  });
});

describe('of what a request costs who guesses,', () => {
  function guarded(callers: readonly Caller[]) {
    const { seen, hashing } = meter();
    const clock = { ms: 0 };
    const inFlight = createInFlight();
    const given = { callers, tokenHeader: null, needsCertificate: false, hashing, inFlight };
    const authentication = createAuthentication({ ...given, nowMs: () => clock.ms });
    return { seen, clock, inFlight, ...asking(authentication) };
  }

  it('one whose secret is being compared is in flight: a drain waits for it, and it takes no room of those who are known', async () => {
    const { inFlight, status } = guarded([hashed('a', 'right')]);
    const asked = [status('right'), status('right'), status('wrong')];
    await expect.poll(() => inFlight.count).toBe(3);
    expect([inFlight.countOf(null), inFlight.heldBytes]).toEqual([3, 0]);
    expect(await Promise.all(asked)).toEqual([200, 200, 401]);
    expect(inFlight.count).toBe(0);
  });

  it('an address has so many comparisons a minute, and then one a second', async () => {
    const { seen, clock, status } = guarded([hashed('a', 'right')]);
    for (let n = 0; n < 200; n += 1) await status(`guess-${n}`);
    expect(seen.computed).toBeLessThanOrEqual(MAX_FAILED_LOGINS_PER_MINUTE + 2);
    const before = seen.computed;
    clock.ms = 1_000;
    for (let n = 0; n < 50; n += 1) await status(`more-${n}`);
    expect(seen.computed).toBe(before + 1);
  });

  it('a good caller of the same address passes: one that is known, and a new one while only old guesses come', async () => {
    const { clock, status } = guarded([hashed('a', 'known', 'new'), { name: 'b', scopes: ['probe'], secrets: ['plain'], hashes: [] }]);
    expect(await status('known')).toBe(200);
    for (let n = 0; n < 100; n += 1) await status(`guess-${n}`);
    expect([await status('known'), await status('plain'), await status('guess-1')]).toEqual([200, 200, 429]);
    clock.ms = 1_000;
    for (let n = 0; n < 100; n += 1) await status('guess-1');
    expect(await status('new')).toBe(200);
  });

  const hasKeyId = (name: string, ...hashes: Hash[]): Caller => ({ ...hashed(name), hashes });

  it('nothing where each hash has a keyid, and the first request of a good caller passes in the midst of them, from the same address too', async () => {
    const { seen, status } = guarded([hasKeyId('a', withKeyId('right'), withKeyId('next'))]);
    const guesses = (from: number) => Array.from({ length: 300 }, (_, n) => status(`guess-${from + n}`));
    expect(new Set(await Promise.all(guesses(0)))).toEqual(new Set([401, 429]));
    const [good, again] = [status('right'), status('right')];
    await Promise.all(guesses(300));
    expect([await good, await again, await status('next'), seen.computed]).toEqual([200, 200, 200, 2]);
  });

  it('no turn of whoever has a hash with a keyid, where another has one without', async () => {
    const { seen, status } = guarded([hashed('old', 'old'), hasKeyId('a', withKeyId('right'))]);
    const guesses = Promise.all(Array.from({ length: 100 }, (_, n) => status(`guess-${n}`)));
    expect(await status('right')).toBe(200);
    // It was first in its own queue, while the other had hardly begun.
    expect(seen.computed).toBeLessThan(8);
    expect(await guesses).not.toContain(200);
    expect(seen.computed).toBeGreaterThan(8);
  });

  it('a comparison where the keyid happens to be the same, and it is wrong all the same', async () => {
    const { seen, status } = guarded([hasKeyId('a', withKeyId('right', 'twin'))]);
    expect([await status('twin'), await status('right'), seen.computed]).toEqual([401, 401, 1]);
  });

  it('a hundred good requests at once all pass, and none counts as failed', async () => {
    const { seen, status } = guarded([hashed('a', 'right')]);
    const answers = await Promise.all(Array.from({ length: 100 }, () => status('right')));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect([seen.computed, await status('wrong')]).toEqual([1, 401]);
  });
});

/** Asks the hook alone, as Fastify would. */
function asking(authentication: ReturnType<typeof createAuthentication>) {
  let hook: (request: unknown, reply: unknown, done: (fault?: Error) => void) => void = () => undefined;
  const server = { decorateRequest: () => undefined, addHook: (_name: string, added: typeof hook) => (hook = added) };
  authentication.guard(server as never);
  const status = (secret: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const raw = { rawHeaders: ['Authorization', `Bearer ${secret}`], socket: { destroyed: false } };
      const reply = {
        code: (code: number) => {
          resolve(code);
          return reply;
        },
        header: () => reply,
        serializer: () => reply,
        send: () => reply,
      };
      const request = { ip: '192.0.2.1', raw, routeOptions: { url: '/interactions/:id/probe' } };
      hook(request, reply, (fault) => (fault === undefined ? resolve(200) : reject(fault)));
    });
  return { status };
}
