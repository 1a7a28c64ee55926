import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problems.ts';

interface KnownResource {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers 405 where the resource is known but not by this method, 404 elsewhere. Fastify alone says 404 to both. Call
 * before the routes register.
 */
export function answerUnmatched(app: FastifyInstance): void {
  const resources = new Map<string, KnownResource>();
  app.addHook('onRoute', (route) => {
    const known = resources.get(route.url) ?? { pattern: patternOf(route.url), methods: new Set() };
    for (const method of [route.method].flat()) known.methods.add(method);
    resources.set(route.url, known);
  });

  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const known = [...resources.values()].find(({ pattern }) => pattern.test(path));
    // It may have the method and still lack this one file.
    if (known === undefined || known.methods.has(request.method))
      return sendProblem(reply, { code: 'unknown_route', detail: 'see / for what there is', field: null });
    const allow = [...known.methods].sort().join(', ');
    return sendProblem(reply.header('allow', allow), { code: 'method_not_allowed', detail: `allowed here: ${allow}`, field: null });
  });
}

/** `/a/:b/*` matches one segment for `:b` and the rest for `*`. */
function patternOf(template: string): RegExp {
  const source = template
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`);
}
