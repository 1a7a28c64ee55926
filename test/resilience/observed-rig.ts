import { createCancelController } from '../../src/probe/cancel-signal.ts';
import type { Observation } from '../../src/probe/observation.ts';
import { createReferenceIds, type ProbeOrder } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import type { OutcomePatterns, TargetRules } from '../../src/probe/target.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import { protectTarget } from '../../src/resilience/protected-target.ts';
import {
  BUILT_IN_CONTROLS,
  BUILT_IN_ENFORCEMENT,
  BUILT_IN_GUARD,
  BUILT_IN_OUTAGE,
  type EnforcementSettings,
  type GuardSettings,
  type OutageSettings,
} from '../../src/resilience/settings.ts';
import { orderWith } from '../support/samples.ts';
import { adapterThat, outcomeOf } from '../support/scripted-adapter.ts';

export const LOST = 'interaction with specified id was not found';
export const DOWN = 'Not found by name';

/** What a site has confirmed of its engine. */
export const CONFIRMED: OutcomePatterns = { sessionNotFound: [`*${LOST}*`], chatServerNotFound: ['Not found by *'], delivered: ['*'] };

export function observation(fields: Partial<Observation> = {}): Observation {
  return { outcome: 'error', attempt: 1, round: 0, texts: [], trees: [], repeatedKeys: [], ...fields };
}

/** What workflows can tell of a message. */
export const TOLD = {
  delivered: observation({ outcome: 'done' }),
  lost: observation({ texts: [LOST] }),
  down: observation({ texts: [DOWN] }),
  unknown: observation({ texts: ['something else went wrong'] }),
  silent: observation({ outcome: 'timeout' }),
} as const satisfies Record<string, Observation>;

export interface Changes {
  readonly rules?: Partial<TargetRules>;
  readonly outage?: Partial<OutageSettings>;
  readonly guard?: Partial<GuardSettings>;
  readonly enforcement?: Partial<EnforcementSettings>;
}

/** A target whose workflows send by themselves, in virtual time, with nothing that withholds stops unless it is asked for. */
export function observedRig(changes: Changes = {}) {
  const clock = createVirtualClock();
  const events: ServiceEvent[] = [];
  const observe = (event: ServiceEvent): void => void events.push(event);
  const prober = createProber({ clock, random: () => 0, nextReferenceId: createReferenceIds(1), observe });
  const adapter = adapterThat(async (request) => outcomeOf('delivered', request));
  const { target } = orderWith(adapter, {}, { patterns: CONFIRMED, ...changes.rules });
  const safety = {
    outage: { ...BUILT_IN_OUTAGE, holdWhileRestoring: false, ...changes.outage },
    guard: { ...BUILT_IN_GUARD, requireDelivery: false, massStop: false, ...changes.guard },
    controls: BUILT_IN_CONTROLS,
    enforcement: { ...BUILT_IN_ENFORCEMENT, ...changes.enforcement },
  };
  const service = protectTarget({ clock, prober, controlProber: prober, observe }, { target, chatServers: [], safety });
  let requests = 0;
  const order = (fields: Partial<ProbeOrder> = {}): ProbeOrder => {
    requests += 1;
    return orderWith(adapter, { target, probeId: `probe-${requests}`, requestId: `request-${requests}`, ...fields });
  };
  return {
    clock,
    events,
    service,
    order,
    /** Tells, and gets what matters of the answer. */
    tell(told: Observation, fields: Partial<ProbeOrder> = {}) {
      const { answer, askAgainAfterMs } = service.observe(order(fields), told);
      return { verdict: answer.verdict, evidence: answer.evidence, reason: answer.reason, askAgainAfterMs, answer };
    },
    ask: (fields: Partial<ProbeOrder> = {}) => clock.drive(service.ask(order(fields), createCancelController().signal)),
    told: (type: ServiceEvent['type']) => events.filter((event) => event.type === type),
  };
}
