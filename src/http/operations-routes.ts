import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { AdapterHealth } from '../probe/adapter.ts';
import type { SafetyState } from '../resilience/probe-service.ts';
import { SafetyStateSchema } from './safety-state-schema.ts';

/** How one target looks from here. For people and dashboards; it never makes the service unready. */
export interface TargetState {
  readonly target: string;
  readonly adapter: string;
  readonly interactionServer: AdapterHealth;
  /** Whether its verdicts are made up. */
  readonly simulated: boolean;
  readonly safety: SafetyState;
}

/** What the routes for operators work with. */
export interface OperationsParts {
  readonly version: string;
  readonly isDraining: () => boolean;
  readonly targetStates: () => Promise<readonly TargetState[]>;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

const TargetStateSchema = Type.Object({
  target: Type.String({ examples: ['default'] }),
  adapter: Type.String({ description: '`simulator` or `gateway`.', examples: ['gateway'] }),
  interactionServer: Type.Enum(['connected', 'disconnected', 'unknown'], {
    type: 'string',
    description: 'What the adapter says of the way to Interaction Server.',
  }),
  simulated: Type.Boolean({ description: 'True if its verdicts are made up: a simulator answers, embedded or behind a gateway.' }),
  safety: SafetyStateSchema,
});

const readiness = (description: string) =>
  Type.Object(
    {
      ready: Type.Boolean({ description: 'Whether to send new probes here.' }),
      draining: Type.Boolean({ description: 'True once the process was told to stop.' }),
      targets: Type.Array(TargetStateSchema, { description: 'For information: a target in trouble never makes the service unready.' }),
    },
    { description },
  );

/** Liveness, readiness, metrics and the signpost at `/`. Open to everybody: no id, URL or secret. */
export function registerOperationsRoutes(app: FastifyInstance, parts: OperationsParts): void {
  app.get(
    '/livez',
    {
      schema: {
        operationId: 'livez',
        tags: ['operations'],
        security: [],
        summary: 'Does the process answer?',
        response: { 200: Type.Object({ status: Type.String({ examples: ['ok'] }) }, { description: 'It does.' }) },
      },
    },
    async () => ({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'readyz',
        tags: ['operations'],
        security: [],
        summary: 'May new probes come here? 503 while draining.',
        response: { 200: readiness('Ready.'), 503: readiness('Draining: send new probes elsewhere.') },
      },
    },
    async (_request, reply) => {
      const draining = parts.isDraining();
      const targets = await parts.targetStates();
      return reply
        .code(draining ? 503 : 200)
        .header('cache-control', 'no-store')
        .send({ ready: !draining, draining, targets });
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        tags: ['operations'],
        security: [],
        summary: 'Prometheus metrics.',
        response: { 200: { description: 'Text exposition format.', content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => reply.type(parts.metrics.contentType).send(await parts.metrics.text()),
  );
  registerSignpost(app, parts.version);
}

function registerSignpost(app: FastifyInstance, version: string): void {
  const links = {
    probe: '/interactions/{id}/probe',
    releaseGuard: '/targets/{target}/guard/release',
    docs: '/docs',
    openapi: '/openapi.json',
    metrics: '/metrics',
    livez: '/livez',
    readyz: '/readyz',
  };
  app.get(
    '/',
    {
      schema: {
        operationId: 'signpost',
        tags: ['operations'],
        security: [],
        summary: 'What there is.',
        response: {
          200: Type.Object(
            { name: Type.String(), version: Type.String(), links: Type.Record(Type.String(), Type.String()) },
            { description: 'Name, version and paths.' },
          ),
        },
      },
    },
    async () => ({ name: 'chat-probe', version, links }),
  );
}
