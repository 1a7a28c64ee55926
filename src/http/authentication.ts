import bearerAuth from '@fastify/bearer-auth';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';

/** Failed log-ins one address may make in a minute before it is told to wait. A valid token always passes. */
export const MAX_FAILED_LOGINS_PER_MINUTE = 20;

/** Lets only callers with the token reach the routes registered on `scope` after this. */
export async function requireToken(scope: FastifyInstance, token: string): Promise<void> {
  await scope.register(bearerAuth, { keys: new Set([token]), addHook: false, specCompliance: 'rfc6749', verifyErrorLogLevel: 'debug' });
  await scope.register(rateLimit, { global: false });
  const countFailure = scope.createRateLimit({ max: MAX_FAILED_LOGINS_PER_MINUTE, timeWindow: 60_000 });

  scope.addHook('onRequest', async (request, reply) => {
    if (await isAuthorized(scope, request, reply)) return;
    const failures = await countFailure(request);
    if (failures.isAllowed || !failures.isExceeded) {
      reply.header('www-authenticate', 'Bearer realm="chat-probe"');
      return sendProblem(reply, { code: 'unauthorized', detail: 'send the header Authorization: Bearer <token>', field: 'authorization' });
    }
    reply.header('retry-after', String(failures.ttlInSeconds));
    return sendProblem(reply, { code: 'too_many_failed_logins', detail: 'wait, or send a valid token', field: 'authorization' });
  });
}

function isAuthorized(scope: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const { verifyBearerAuth } = scope;
  return new Promise((resolve) => {
    if (verifyBearerAuth === undefined) resolve(false);
    else verifyBearerAuth(request, reply, (error?: Error) => resolve(error === undefined));
  });
}
