import type { World, WorldAnswer } from '../../lab/simulator/world/world.ts';
import type { InteractionServerAdapter, SendOutcome } from '../probe/adapter.ts';
import type { CancelController } from '../probe/cancel-signal.ts';
import { createCancelController } from '../probe/cancel-signal.ts';
import type { TransportReason } from '../probe/reasons.ts';
import { createSlotSet } from '../probe/slot-set.ts';

const CLOSED = 'adapter closed';

/** Asks a world in this process, and says what the gateway adapter would say of the same world behind a gateway. */
export function createEmbeddedAdapter(world: World): InteractionServerAdapter {
  const underWay = createSlotSet<CancelController>();
  let isClosed = false;
  return {
    kind: 'simulator',
    isSimulated: () => true,
    async send(request, timeoutMs, signal) {
      if (isClosed) return failure('connection_reset', false, CLOSED);
      if (signal.aborted) return failure('timeout', false, 'aborted before the send');
      const ask = createCancelController();
      const abort = (): void => ask.abort();
      const place = underWay.join(ask);
      signal.addEventListener('abort', abort);
      try {
        const answer = await world.ask(request, timeoutMs, ask.signal);
        // What was answered counts, even if closing came with it.
        if (isClosed && answer.kind === 'expired') return failure('connection_reset', true, CLOSED);
        return outcomeOf(answer);
      } finally {
        underWay.leave(place);
        signal.removeEventListener('abort', abort);
      }
    },
    async health(signal) {
      if (isClosed || signal.aborted) return 'unknown';
      return world.health() === 'connected' ? 'connected' : 'disconnected';
    },
    async close() {
      isClosed = true;
      for (const ask of underWay.members()) ask.abort();
    },
  };
}

/** Over the network all but a gateway that is not there come after the message was written, hence `written`. */
function outcomeOf(answer: WorldAnswer): SendOutcome {
  switch (answer.kind) {
    case 'reply':
      return answer;
    case 'no_gateway':
      return failure('connect_refused', false, 'gateway down');
    case 'cut':
      return failure('connection_reset', true, 'gateway went down');
    case 'unknown_name':
      return { ...failure('gateway_misrouted', true, 'Chat Server name unknown'), rejected: true };
    case 'unreachable':
      return failure('gateway_error', true, 'Interaction Server unreachable');
    case 'expired':
      return failure('timeout', true, 'not delivered in time');
  }
}

function failure(reason: TransportReason, written: boolean, detail: string) {
  return { kind: 'failure', reason, written, rejected: false, retryAfterMs: null, detail } as const;
}
