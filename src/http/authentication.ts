import bearerAuth, { type verifyBearerAuth } from '@fastify/bearer-auth';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problems.ts';

/** Failed log-ins one address may make in a minute before it is told to wait. A valid token always passes. */
export const MAX_FAILED_LOGINS_PER_MINUTE = 20;

/** Lets only callers with the token reach the routes registered on `scope` after this. @param tokenNow null while everybody may. */
export async function requireToken(scope: FastifyInstance, tokenNow: () => string | null): Promise<void> {
  await scope.register(bearerAuth, { ...BEARER, keys: new Set<string>() });
  await scope.register(rateLimit, { global: false });
  const countFailure = scope.createRateLimit({ max: MAX_FAILED_LOGINS_PER_MINUTE, timeWindow: 60_000 });
  const verifyNow = verification(scope, tokenNow);

  scope.addHook('onRequest', (request, reply, done) => {
    const verify = verifyNow();
    if (verify === null) return done();
    verify(request, reply, (error?: Error) => {
      if (error === undefined) return done();
      countFailure(request).then((failures) => {
        if (failures.isAllowed || !failures.isExceeded) {
          reply.header('www-authenticate', 'Bearer realm="chat-probe"');
          sendProblem(reply, { code: 'unauthorized', detail: 'send the header Authorization: Bearer <token>', field: 'authorization' });
        } else {
          reply.header('retry-after', String(failures.ttlInSeconds));
          sendProblem(reply, { code: 'too_many_failed_logins', detail: 'wait, or send a valid token', field: 'authorization' });
        }
      }, done);
    });
  });
}

const BEARER = { addHook: false, specCompliance: 'rfc6749', verifyErrorLogLevel: 'debug' } as const;

/** Made anew where the token is another one. */
function verification({ verifyBearerAuthFactory: verifierOf }: FastifyInstance, tokenNow: () => string | null) {
  if (verifierOf === undefined) throw new Error('@fastify/bearer-auth is not registered');
  let known: string | null = null;
  let verify: verifyBearerAuth | null = null;
  return (): verifyBearerAuth | null => {
    const token = tokenNow();
    if (token !== known) verify = token === null ? null : verifierOf({ ...BEARER, keys: new Set([token]) });
    known = token;
    return verify;
  };
}
