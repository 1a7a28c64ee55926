import type { ServiceObserver } from '../outage/events.ts';
import { createOutage } from '../outage/outage.ts';
import { BUILT_IN_CONTROLS, BUILT_IN_ENFORCEMENT, BUILT_IN_GUARD, BUILT_IN_OUTAGE } from '../outage/settings.ts';
import type { ProbeOrder, ProberParts } from '../probe/probe-order.ts';
import { createProber } from '../probe/prober.ts';
import type { ProbeResult } from '../probe/result.ts';
import type { StopSignal } from '../probe/stop-signal.ts';
import type { Target } from '../probe/target.ts';

/** What a caller would be answered. */
export interface RehearsedAnswer extends ProbeResult {
  readonly guarded: boolean;
}

/** The service without its edges: what a route would ask, and what an operator could do. */
export interface RehearsedService {
  ask(order: ProbeOrder, signal: StopSignal): Promise<RehearsedAnswer | null>;
  releaseGuard(): void;
  close(): void;
}

export interface RehearsedParts extends Omit<ProberParts, 'observe'> {
  readonly target: Target;
  readonly requireDelivery: boolean;
  /** True to let each probe fend for itself. */
  readonly plain: boolean;
  readonly observe: ServiceObserver;
}

const RELEASE_MINUTES = 10;

/** The real prober, and unless `plain` all that keeps watch over its probes, with the built-in settings. */
export function createRehearsedService({ target, requireDelivery, plain, observe, ...parts }: RehearsedParts): RehearsedService {
  const observeFaults: ServiceObserver = (event) => {
    if (event.type === 'fault') observe(event);
  };
  const prober = createProber({ ...parts, observe: observeFaults });
  if (plain) return plainService(prober);
  const safety = {
    outage: BUILT_IN_OUTAGE,
    guard: { ...BUILT_IN_GUARD, requireDelivery },
    controls: BUILT_IN_CONTROLS,
    enforcement: BUILT_IN_ENFORCEMENT,
  };
  const outage = createOutage({ clock: parts.clock, prober, controlProber: prober, observe }, [{ target, chatServers: [], safety }]);
  return {
    ask: (order, signal) => outage.ask(order, signal),
    releaseGuard: () => void outage.release(target.name, RELEASE_MINUTES),
    close: () => outage.close(),
  };
}

function plainService(prober: ReturnType<typeof createProber>): RehearsedService {
  return {
    async ask(order, signal) {
      const result = await prober.probe(order, signal);
      return result === null ? null : { ...result, guarded: false };
    },
    releaseGuard: () => undefined,
    close: () => undefined,
  };
}
