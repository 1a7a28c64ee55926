import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';
import { Clock, Play, Server, Session, Truth } from './views.ts';

const INFO = {
  title: 'Chat Probe simulator: the control face',
  version: '1',
  description:
    'Steers the simulated world of a rehearsal. Only the simulator has it and, unless told otherwise, only where it listens on loopback.',
  license: { name: 'MIT', identifier: 'MIT' },
};
const TAGS = [
  { name: 'sessions', description: 'The chats.' },
  { name: 'servers', description: 'The Chat Servers.' },
  { name: 'surroundings', description: 'Interaction Server, the gateway, the configuration.' },
  { name: 'time', description: 'The clock, and what is played.' },
];

/** Collects the OpenAPI document from the routes registered after it, and serves it. */
export async function registerDescription(app: FastifyInstance): Promise<void> {
  for (const schema of [Refusal, Session, Truth, Server, Clock, Play]) app.addSchema(schema);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: INFO, servers: [{ url: '/', description: 'This simulator.' }], security: [], tags: TAGS },
    transformObject: (document) => withOptionalBodies('openapiObject' in document ? document.openapiObject : {}),
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, i) => (typeof json['$id'] === 'string' ? json['$id'] : `Schema${i}`) },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** The generator calls every body required; a command whose fields may all be left out needs none. */
function withOptionalBodies<D extends { paths?: Record<string, Operations | undefined> }>(document: D): D {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => [path?.post, path?.delete]);
  for (const { requestBody } of operations.flatMap((operation) => operation ?? [])) {
    // In a schema `required` is the list of fields that must be there.
    if (requestBody !== undefined && !JSON.stringify(requestBody).includes('"required":[')) Object.assign(requestBody, { required: false });
  }
  return document;
}

interface Operations {
  readonly post?: { readonly requestBody?: object };
  readonly delete?: { readonly requestBody?: object };
}
