import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bounds } from '../../config/config.ts';
import { createCancelController } from '../../probe/cancel-signal.ts';
import { bytesHeldFor } from '../load-shedding.ts';
import { readProbeRequest } from '../probe-input.ts';
import { type OrderedProbe, orderFor } from '../probe-lookup.ts';
import type { ProbeRouteParts } from '../probe-route.ts';
import { type Checked, passed, refused } from '../problems.ts';
import { type Body, isGiven } from '../request-body.ts';
import { freshId, headBytes } from '../request-head.ts';
import { onBrowserGone } from './browser-gone.ts';

/** What the form for a probe works with: what the route has. */
export interface FormProbeParts extends ProbeRouteParts {
  readonly bounds: Bounds;
}

/**
 * Asks about a chat as the probe route does, for somebody at a page. The answer is told where all answers are, and shown from there.
 *
 * @returns the interaction that was asked about.
 */
export async function askByForm(
  parts: FormProbeParts,
  request: FastifyRequest<{ Body: Body | null | undefined }>,
  reply: FastifyReply,
): Promise<Checked<string>> {
  const id = textOf(request.body, 'id');
  if (!id.ok) return id;
  const asked = readProbeRequest(id.value, {}, request.body ?? null, parts.bounds);
  if (!asked.ok) return asked;
  const found = orderFor(asked.value, parts, {
    probeId: freshId(),
    requestId: request.id,
    caller: request.caller,
    trace: parts.traceOf(request.headers),
  });
  if (!found.ok) return found;
  await answered(parts, found.value, reply);
  return passed(asked.value.interactionId);
}

async function answered(parts: FormProbeParts, ordered: OrderedProbe, reply: FastifyReply): Promise<void> {
  const { order, service } = ordered;
  const target = order.target.name;
  const heldBytes = bytesHeldFor(order.userData, headBytes(reply.request.raw));
  const declined = parts.declines(ordered, heldBytes);
  const tell = ({ verdict, servedBy }: ReturnType<typeof service.decline>): void =>
    parts.observe({ type: 'request_answered', target, verdict, servedBy });
  if (declined !== null) {
    if (declined !== 'draining') parts.observe({ type: 'probe_shed', target, because: declined });
    return tell(service.decline(order, declined === 'draining' ? declined : 'overloaded'));
  }
  const controller = createCancelController();
  const caller = { controller, target, heldBytes };
  const place = parts.inFlight.enter(caller);
  const forget = onBrowserGone(reply, () => controller.abort());
  try {
    const answer = await service.ask(order, controller.signal);
    if (answer !== null) tell(answer);
  } finally {
    forget();
    parts.inFlight.leave(caller, place);
  }
}

/** A field of a form, in the case that the page writes it in; null where it is not given. */
export function textOf(body: Body | null | undefined, field: string): Checked<string | null> {
  if (body === null || body === undefined) return passed(null);
  const given = Object.entries(body.fields).find(([name]) => name === field)?.[1];
  const [value = null, ...others] = [given].flat();
  if (others.length > 0) return refused('invalid_field', field, 'given more than once');
  return passed(typeof value === 'string' && isGiven(value) ? value.trim() : null);
}
