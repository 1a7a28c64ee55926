import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, Scope } from '../config/config.ts';
import { createCancelController } from '../probe/cancel-signal.ts';
import { createCallerSecrets, type SecretHashing } from './caller-secrets.ts';
import { addressKey, createFailedLogins } from './failed-logins.ts';
import type { InFlight } from './load-shedding.ts';
import { type Problem, sendProblem } from './problems.ts';
import { guardedScopes, scopeOf } from './scopes.ts';
import { type Shown, type ShownSecret, shownSecrets } from './shown-secrets.ts';

export interface AuthenticationParts {
  readonly callers: readonly Caller[];
  /** In lower case, null for none. */
  readonly tokenHeader: string | null;
  /** Whether what needs a scope needs a certificate of the caller's too. */
  readonly needsCertificate: boolean;
  readonly hashing: SecretHashing;
  /** Where a request is counted while its secret is compared: it is waited for as any other, and takes no room from those who are known. */
  readonly inFlight: Pick<InFlight, 'enter' | 'leave'>;
  readonly nowMs: () => number;
}

/** Knows callers by what they show. */
export interface Authentication {
  /** One more header that can carry a secret, in lower case; null for none. */
  readonly tokenHeader: string | null;
  /** Looks at every request of the routes registered after this, before anything else of it is read. */
  guard(server: FastifyInstance): void;
  /** Other callers from now on; requests that were let in go on. */
  replace(callers: readonly Caller[]): void;
}

/** What log and metrics call a caller where none is asked for, and one that showed nothing valid. */
export const ANONYMOUS = 'anonymous';
export const UNKNOWN = 'unknown';

const REALM = 'realm="chat-probe"';
const CHALLENGES = [`Bearer ${REALM}`, `Basic ${REALM}, charset="UTF-8"`];
/** When to come again where too many secrets wait to be compared. */
const BUSY_MS = 1_000;

/** What becomes of a request. */
type Decision =
  | { readonly ok: true; readonly caller: string }
  | { readonly ok: false; readonly caller: string; readonly problem: Problem; readonly waitMs: number };

export function createAuthentication(parts: AuthenticationParts): Authentication {
  const secrets = createCallerSecrets(parts.hashing);
  const failures = createFailedLogins(parts.nowMs);
  let guarded = guardedScopes(parts.callers);
  secrets.replace(parts.callers);

  const failed = (address: string, because: string): Decision => {
    failures.add(address);
    return refusal(because, failures.waitMs(address));
  };
  const admit = (caller: Caller, scope: Scope): Decision =>
    caller.scopes.includes(scope) ? { ok: true, caller: caller.name } : forbidden(caller.name, scope);

  /** Counted as failed before it is known: else as many as come at once would be compared. Of a hundred with one secret only the first. */
  const compare = async (shown: readonly ShownSecret[], scope: Scope, address: string): Promise<Decision> => {
    const isFirst = !shown.every(secrets.isUnderWay);
    if (isFirst) failures.add(address);
    for (const one of shown) {
      const caller = await secrets.compare(one);
      if (caller === 'busy') return refusal(WRONG, BUSY_MS);
      if (caller === null) continue;
      if (isFirst) failures.takeBack(address);
      return admit(caller, scope);
    }
    if (!isFirst) failures.add(address);
    return refusal(WRONG, failures.waitMs(address));
  };

  const decide = (scope: Scope, request: FastifyRequest): Decision | Promise<Decision> => {
    const failedHere = (because: string): Decision => failed(addressKey(request.ip), because);
    if (parts.needsCertificate && !showsCertificate(request))
      return failedHere('show a certificate that is signed by the authority of this service');
    if (!guarded.has(scope)) return { ok: true, caller: ANONYMOUS };
    const shown: Shown = shownSecrets(request.raw, parts.tokenHeader);
    if (!shown.ok) return failedHere(shown.because);
    for (const one of shown.secrets) {
      const caller = secrets.find(one);
      if (caller !== null) return admit(caller, scope);
    }
    const unseen = shown.secrets.filter(secrets.needsHashing);
    if (unseen.length === 0) return failedHere(shown.secrets.length === 0 ? missing(parts.tokenHeader) : WRONG);
    const address = addressKey(request.ip);
    const isFree = unseen.some(secrets.isLikely) || unseen.every(secrets.isUnderWay);
    return isFree || failures.mayTry(address) ? compare(unseen, scope, address) : failed(address, WRONG);
  };

  return {
    tokenHeader: parts.tokenHeader,
    guard: (server) => guardRoutes(server, decide, parts.inFlight),
    replace(callers) {
      guarded = guardedScopes(callers);
      secrets.replace(callers);
    },
  };
}

/** No async function: it would cost every probe a turn, and each that waits a frame. */
function guardRoutes(
  server: FastifyInstance,
  decide: (scope: Scope, request: FastifyRequest) => Decision | Promise<Decision>,
  inFlight: AuthenticationParts['inFlight'],
): void {
  server.decorateRequest('caller', null);
  server.addHook('onRequest', (request, reply, done) => {
    const scope = scopeOf(request.routeOptions.url);
    if (scope === null) return done();
    const settle = (decision: Decision): void => {
      // One who left meanwhile is not probed for: nobody could hear of it any more.
      if (request.raw.socket.destroyed) return void reply.code(499).send();
      request.caller = decision.caller;
      if (decision.ok) done();
      else refuse(reply, decision);
    };
    const decision = decide(scope, request);
    if (!(decision instanceof Promise)) return settle(decision);
    const waiting = { controller: createCancelController(), target: null, heldBytes: 0 };
    const place = inFlight.enter(waiting);
    decision.finally(() => inFlight.leave(waiting, place)).then(settle, done);
  });
}

const WRONG = 'this secret is of no caller';

function missing(tokenHeader: string | null): string {
  const also = tokenHeader === null ? '' : `, or the header ${tokenHeader}: <secret>`;
  return `send the header Authorization: Bearer <secret>, or Basic with the name of the caller and its secret${also}`;
}

function refusal(detail: string, waitMs: number): Decision {
  const problem: Problem =
    waitMs > 0
      ? { code: 'too_many_failed_logins', detail: 'wait, or send a valid secret', field: 'authorization' }
      : { code: 'unauthorized', detail, field: 'authorization' };
  return { ok: false, caller: UNKNOWN, problem, waitMs };
}

function forbidden(caller: string, scope: Scope): Decision {
  const detail = `the caller ${caller} does not have the scope ${scope}`;
  return { ok: false, caller, problem: { code: 'forbidden', detail, field: scope }, waitMs: 0 };
}

function refuse(reply: FastifyReply, { problem, waitMs }: Extract<Decision, { ok: false }>): void {
  if (waitMs > 0) reply.header('retry-after', String(Math.ceil(waitMs / 1_000)));
  else if (problem.code === 'forbidden')
    reply.header('www-authenticate', `Bearer ${REALM}, error="insufficient_scope", scope="${problem.field}"`);
  else reply.header('www-authenticate', CHALLENGES);
  void sendProblem(reply, problem);
}

function showsCertificate({ raw: { socket } }: FastifyRequest): boolean {
  return socket instanceof TLSSocket && socket.authorized;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of who asks, `anonymous` or `unknown`; null where no scope is needed. For those who listen to exchanges. */
    caller: string | null;
  }
}
