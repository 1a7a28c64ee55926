import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import { SIMULATOR_HEADER } from '../../../src/gateway/psdk-json.ts';
import type { ControlParts } from '../control/control-face.ts';
import { registerControlFace } from '../control/control-face.ts';
import type { Flaw } from '../control/refusal.ts';
import { refuse as refuseCommand } from '../control/refusal.ts';
import type { World, WorldAnswer } from '../world/world.ts';
import { callerGoneSignal } from './caller-gone-signal.ts';
import { decodeRequest, encodeReply } from './psdk-json.ts';

export interface SimulatorOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly world: World;
  /** Bearer token that every request must show; without one everybody is let in. */
  readonly token?: string;
  /** What /sim steers; without it there is no /sim. The world must be that of its stage. */
  readonly control?: ControlParts;
}

export interface Simulator {
  /** Where it listens, with the real port; no slash at the end. */
  readonly url: string;
  /** Cuts every connection; what was not delivered yet never is. Safe to call twice. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;
/** Enough to repair a message by; a body of rubbish must not come back many times its size. */
const MAX_PROBLEM_CHARACTERS = 2_000;
const MAX_PATH_CHARACTERS = 16 * 1024;
const UNDECODABLE: Flaw = { field: null, error: 'the URL cannot be decoded' };
const DEADLINE_MS = /^\d{1,9}$/;

/** Serves a world on the gateway contract. Rejects if it cannot listen. */
export async function startSimulator({ host, port, world, token, control }: SimulatorOptions): Promise<Simulator> {
  const app = createApp(world);
  try {
    if (token !== undefined) requireToken(app, token);
    if (control !== undefined) await registerControlFace(app, control);
    await app.listen({ host, port });
  } catch (fault) {
    await app.close();
    throw fault;
  }
  const address = app.server.address();
  const realPort = typeof address === 'object' ? (address?.port ?? port) : port;
  return { url: `http://${isIPv6(host) ? `[${host}]` : host}:${realPort}`, close: () => app.close() };
}

function createApp(world: World): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    return503OnClosing: false,
    // The router must not refuse an id for its length: like any other, it is one that nobody knows.
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS },
    frameworkErrors: (_error, { url }, reply) =>
      void (url.startsWith('/sim/') ? refuseCommand(reply, 400, [UNDECODABLE]) : refuse(reply, 400, UNDECODABLE.error)),
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    return refuse(reply, status, status < 500 ? error.message : 'internal error');
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'there is only POST /esp and GET /health'));
  // First of all, so that whoever is refused knows as well.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header(SIMULATOR_HEADER, 'true');
  });

  const arrivedAtMs = new WeakMap<FastifyRequest, number>();
  app.addHook('onRequest', async (request) => {
    arrivedAtMs.set(request, world.nowMs());
  });
  // Before the body is read: where no gateway is, nobody reads any.
  const onRequest = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> =>
    world.health() === 'no_gateway' ? breakOff(reply) : undefined;
  app.post('/esp', { onRequest }, (request, reply) => answerEsp(world, arrivedAtMs.get(request) ?? world.nowMs(), request, reply));
  app.get('/health', { onRequest }, (_request, reply) => {
    const interactionServer = world.health();
    return reply.code(interactionServer === 'connected' ? 200 : 503).send({ interactionServer });
  });
  return app;
}

/** Answers 401 to every request that does not show the token, before its body is read. */
function requireToken(app: FastifyInstance, token: string): void {
  const expected = digestOf(token);
  app.addHook('onRequest', (request, reply, done) => {
    const [, shown = ''] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (timingSafeEqual(digestOf(shown), expected)) done();
    else void reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'a bearer token is needed' });
  });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

async function answerEsp(world: World, arrivedAtMs: number, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const deadlineMs = deadlineOf(request.headers['x-deadline-ms']);
  if (deadlineMs === null) return refuse(reply, 400, 'X-Deadline-Ms must be a whole number of milliseconds');
  const decoded = decodeRequest(request.body);
  if (!decoded.ok) return refuse(reply, 400, `not a Request3rdServer: ${decoded.problems.join('; ')}`.slice(0, MAX_PROBLEM_CHARACTERS));
  // A body that took long to come has used up some of the time.
  const leftMs = deadlineMs - (world.nowMs() - arrivedAtMs);
  return send(reply, await world.ask(decoded.request, leftMs, callerGoneSignal(reply)));
}

function send(reply: FastifyReply, answer: WorldAnswer): FastifyReply {
  switch (answer.kind) {
    case 'reply':
      return reply.send(encodeReply(answer.reply));
    case 'no_gateway':
    case 'cut':
      return breakOff(reply);
    case 'unknown_name':
      return refuse(reply, 422, 'no Chat Server of that name is configured');
    case 'unreachable':
      return refuse(reply, 503, 'Interaction Server cannot be reached');
    case 'expired':
      return refuse(reply, 504, 'the deadline passed before the message was sent');
  }
}

/** What a caller sees of a gateway that is not there: the connection ends without an answer. */
function breakOff(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error });
}

/** Milliseconds, infinite where the caller sets no deadline, null where the header makes no sense. */
function deadlineOf(header: string | string[] | undefined): number | null {
  if (header === undefined) return Number.POSITIVE_INFINITY;
  return typeof header === 'string' && DEADLINE_MS.test(header) ? Number(header) : null;
}
