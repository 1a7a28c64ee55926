import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { AdapterHealth } from '../probe/adapter.ts';
import { CONTROL_STATES, GUARD_STATES } from '../resilience/events.ts';
import type { SafetyState } from '../resilience/probe-service.ts';
import { LOGIN_PROBLEMS, SECURITY } from './problems.ts';

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
  readonly metrics: { text(format: 'prometheus' | 'openmetrics'): Promise<string> };
}

const control = (which: string) =>
  Type.Union([Type.Enum([...CONTROL_STATES], { type: 'string' }), Type.Null()], {
    description: `What is answered about the interaction that ${which}; null if none is configured.`,
  });

/** How a target guards itself, as told by `/readyz`: the shape of `SafetyState`. */
const SafetyStateSchema = Type.Object(
  {
    guard: Type.Enum([...GUARD_STATES], {
      type: 'string',
      description: '`tripped`: stops are withheld, since there are too many; `released`: by an operator, for a while.',
    }),
    delivered: Type.Boolean({ description: 'Whether a message was delivered since the start.' }),
    gatewayOpen: Type.Boolean({ description: 'Whether the gateway is left alone, since it keeps failing.' }),
    serversDown: Type.Integer({ minimum: 0, description: 'Chat Servers that are down or just coming back.' }),
    probesParked: Type.Integer({ minimum: 0, description: 'Probes that wait for them.' }),
    controls: Type.Object(
      { absent: control('never existed'), live: control('is always alive') },
      { description: 'The control probes: while one is `wrong`, nothing is stopped.' },
    ),
    shadow: Type.Boolean({ description: 'Whether every answer is `route`.' }),
    enforcePercent: Type.Number({ minimum: 0, maximum: 100, description: 'Share of the interactions whose verdict is answered.' }),
  },
  { description: 'How the target guards itself.' },
);

const TargetStateSchema = Type.Object({
  target: Type.String({ examples: ['default'] }),
  adapter: Type.String({ description: '`simulator`, `gateway` or `workflow`.', examples: ['gateway'] }),
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

/** Liveness, readiness, metrics and the signpost at `/`: no id, URL or secret. */
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
        security: SECURITY,
        summary: 'Prometheus metrics. Open, unless a caller has the scope `metrics`.',
        description: 'OpenMetrics, with ids of probes as exemplars, where `Accept` prefers `application/openmetrics-text`.',
        response: {
          ...LOGIN_PROBLEMS,
          200: {
            description: 'Text exposition format.',
            content: { 'text/plain': { schema: Type.String() }, 'application/openmetrics-text': { schema: Type.String() } },
          },
        },
      },
    },
    async (request, reply) =>
      wantsOpenMetrics(request.headers.accept)
        ? reply.type(OPEN_METRICS).send(await parts.metrics.text('openmetrics'))
        : reply.type(PROMETHEUS).send(await parts.metrics.text('prometheus')),
  );
  registerSignpost(app, parts.version);
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Whether it is asked for, and at least as much as plain text. */
function wantsOpenMetrics(accept = ''): boolean {
  const wish = (type: string): number => {
    const range = accept.split(',').find((each) => each.trim().toLowerCase().startsWith(type));
    return range === undefined ? 0 : Number(/;\s*q=([\d.]+)/i.exec(range)?.[1] ?? 1);
  };
  return wish('application/openmetrics-text') > 0 && wish('application/openmetrics-text') >= wish('text/plain');
}

function registerSignpost(app: FastifyInstance, version: string): void {
  const links = {
    probe: '/interactions/{id}/probe',
    probes: '/probes',
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
        { name: 'observations', description: 'For workflows that send the hidden message by themselves, and for who sets that up.' },
        { name: 'evidence', description: 'Why was this chat stopped? With the scope `ops` where callers are configured.' },
        { name: 'guard', description: 'For operators; with the scope `ops` where callers are configured.' },
        { name: 'operations', description: 'For operators; without ids or secrets.' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: "A caller's secret. Needed where callers are configured." },
          basic: { type: 'http', scheme: 'basic', description: "The caller's name and its secret, for who has only user and password." },
        },
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
