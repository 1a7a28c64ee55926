import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** Answers 401 to every request that does not show the token, before its body is read. */
export function requireToken(app: FastifyInstance, token: string): void {
  const expected = digest(`Bearer ${token}`);
  app.addHook('onRequest', async (request, reply) => {
    // Digests have one length, so that comparing them tells nothing about the token's.
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'a bearer token is needed' });
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
