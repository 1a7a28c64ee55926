import type { World } from '../../lab/simulator/world/world.ts';
import { type CancelController, createCancelController } from '../../src/probe/cancel-signal.ts';
import type { Clock } from '../../src/probe/clock.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import { DRAINING } from '../../src/probe/prober.ts';
import type { Target } from '../../src/probe/target.ts';
import type { ProtectedTargets } from '../support/protected-targets.ts';
import type { PlannedRequest } from './plan.ts';
import type { Happening, Phase } from './record.ts';

/** The callers of one target. */
export interface Requests {
  /** Asks now. */
  ask(planned: PlannedRequest, phase: Phase): void;
  /** Declines now, as under overload. */
  decline(): void;
  /** Requests that are not answered yet. */
  readonly open: number;
  /** Lets all who wait be told that the service is draining. */
  drain(): void;
}

export interface RequestParts {
  readonly clock: Clock;
  readonly world: World;
  readonly target: Target;
  readonly outage: ProtectedTargets;
  readonly note: (happening: Happening) => void;
  /** Nobody asks again after that. */
  readonly loopsUntilMs: number;
}

/** Travels in the user data, so that each message tells whose it is. */
export const PROBE_KEY = 'SimulatedProbe';

const HUNG_UP = 'the caller hung up';

export function createRequests(parts: RequestParts): Requests {
  const { clock, world, outage, note } = parts;
  const waiting = new Map<number, CancelController>();
  let asked = 0;

  const leave = (request: number, how: 'hangs_up' | 'draining'): void => {
    note({ type: 'left', request, how });
    waiting.get(request)?.abort(how === 'draining' ? DRAINING : HUNG_UP);
  };
  const ask = (planned: PlannedRequest, phase: Phase): void => {
    asked += 1;
    const request = asked;
    const order = orderOf(parts, planned, request);
    waiting.set(request, createCancelController());
    note({ type: 'asked', request, phase, order });
    const { leaves, loops } = planned;
    if (leaves !== null && leaves.afterMs < 0) leave(request, leaves.how);
    const cancelLeaving =
      leaves === null || leaves.afterMs < 0 ? () => undefined : clock.schedule(leaves.afterMs, () => leave(request, leaves.how));
    const end = (happening: Happening): void => {
      cancelLeaving();
      waiting.delete(request);
      note(happening);
    };
    outage.ask(order, waiting.get(request)!.signal).then(
      (answer) => {
        end({ type: 'answered', request, answer, living: world.truth(planned.chat).customer === 'present' });
        const againMs = answer?.verdict === 'route' ? answer.recheckAfterMs : null;
        if (againMs !== null && loops > 0 && clock.nowMs() + againMs < parts.loopsUntilMs)
          clock.schedule(againMs, () => ask({ ...planned, via: 'shown', leaves: null, loops: loops - 1 }, phase));
      },
      (fault: unknown) => end({ type: 'rejected', request, fault: String(fault) }),
    );
  };

  return {
    ask,
    decline() {
      asked += 1;
      const order = orderOf(parts, DECLINED, asked);
      note({ type: 'declined', order, answer: outage.decline(order, 'overloaded') });
    },
    get open() {
      return waiting.size;
    },
    drain() {
      for (const request of [...waiting.keys()]) leave(request, 'draining');
    },
  };
}

const DECLINED: PlannedRequest = {
  atMs: 0,
  chat: 'declined',
  via: { name: null },
  claimsClosed: false,
  policyName: 'drawn',
  policy: { attempts: 1, attemptTimeoutMs: 100, pauseMs: 0, backoff: 1, maxPauseMs: 0, jitter: 0, deadlineMs: 100 },
  leaves: null,
  loops: 0,
};

function orderOf({ world, target }: RequestParts, { chat, via, claimsClosed, policyName, policy }: PlannedRequest, n: number): ProbeOrder {
  const userData = world.session(chat)?.userData ?? {};
  const shown = userData['ChatServerAppName'];
  const id = `${target.name}-${n}`;
  return {
    probeId: id,
    requestId: `request-${id}`,
    caller: null,
    interactionId: chat,
    target,
    policyName,
    policy,
    chatServer: via !== 'shown' ? via.name : typeof shown === 'string' ? shown : null,
    isOffline: claimsClosed || userData['IsOnline'] === '0',
    userData: { ...userData, [PROBE_KEY]: id },
  };
}
