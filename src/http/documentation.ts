import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** The generator calls every request body required; here every one may be empty. */
function withOptionalBodies<D extends { paths?: Record<string, { post?: { requestBody?: object } } | undefined> }>(document: D): D {
  for (const path of Object.values(document.paths ?? {})) {
    const { requestBody } = path?.post ?? {};
    if (requestBody !== undefined) Object.assign(requestBody, { required: false });
  }
  return document;
}

/** Collects the OpenAPI document from the routes registered after it. */
export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Chat Probe',
        version,
        description:
          'Tells a contact-centre workflow whether a chat is still alive before it is routed to an agent. The rule for callers: anything but a 200 with `"verdict":"stop"` means route.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This service.' }],
      tags: [
        { name: 'probe', description: 'For workflows.' },
        { name: 'guard', description: 'For operators; with the token where one is configured.' },
        { name: 'operations', description: 'For operators; open, without ids or secrets.' },
      ],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'Needed where an API token is configured.' } },
      },
    },
    transformObject: (document) => withOptionalBodies('openapiObject' in document ? document.openapiObject : {}),
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, i) => (typeof json['$id'] === 'string' ? json['$id'] : `Schema${i}`) },
  });
}

/** `/openapi.json`, and Swagger UI at `/docs`. */
export async function registerDocumentation(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(async (scope) => {
    // No HSTS and no upgrade to https: TLS, if any, ends before this service, and both would break plain http for months.
    await scope.register(helmet, {
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          styleSrc: ["'self'", "'unsafe-inline'"],
          scriptSrc: ["'self'"],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
    });
    await scope.register(swaggerUi, { routePrefix: '/docs', uiConfig: { deepLinking: true, tryItOutEnabled: true } });
  });
}
