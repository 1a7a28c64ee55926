import type { CancelSignal } from '../../src/probe/cancel-signal.ts';
import type { ProbeOrder, ProberParts } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import type { Target } from '../../src/probe/target.ts';
import type { ProbeResult } from '../../src/probe/verdict.ts';
import type { ServiceObserver } from '../../src/resilience/events.ts';
import { protectTarget } from '../../src/resilience/protected-target.ts';
import { type Mechanism, safetyWithout } from './mechanisms.ts';
import { ENGINE, sendingWorkflow } from './sending-workflow.ts';

/** What a caller would be answered. */
export interface RehearsedAnswer extends ProbeResult {
  readonly guarded: boolean;
}

/** The service without its edges: what a route would ask, and what an operator could do. */
export interface RehearsedService {
  ask(order: ProbeOrder, signal: CancelSignal): Promise<RehearsedAnswer | null>;
  releaseGuard(): void;
  close(): void;
}

/**
 * `no_probe`: nothing is found out; `plain`: each probe fends for itself; `watched`: with all that `src/resilience/` adds; `observed`: the
 * same, but the workflows send by themselves.
 */
export const REHEARSAL_MODES = ['no_probe', 'plain', 'watched', 'observed'] as const;
export type RehearsalMode = (typeof REHEARSAL_MODES)[number];

export interface RehearsedParts extends Omit<ProberParts, 'observe'> {
  readonly target: Target;
  readonly requireDelivery: boolean;
  readonly mode: RehearsalMode;
  /** Mechanisms of outage protection that are switched off. */
  readonly without: readonly Mechanism[];
  readonly observe: ServiceObserver;
}

const RELEASE_MS = 600_000;

/** The real prober, and where it is watched all that keeps watch over its probes, with the built-in settings. */
export function createRehearsedService({ target, requireDelivery, mode, without, observe, ...parts }: RehearsedParts): RehearsedService {
  const observeFaults: ServiceObserver = (event) => {
    if (event.type === 'fault') observe(event);
  };
  const prober = createProber({ ...parts, observe: observeFaults });
  // As a service that is being shut down: every question is answered `route` at once.
  if (mode === 'no_probe') return unwatched(async (order) => prober.decline(order, 'draining'));
  if (mode === 'plain') return unwatched((order, signal) => prober.probe(order, signal));
  const safety = safetyWithout(without, requireDelivery);
  const rules = mode === 'observed' ? { ...target.rules, patterns: ENGINE } : target.rules;
  const protection = { clock: parts.clock, prober, controlProber: prober, observe };
  const service = protectTarget(protection, { target: { ...target, rules }, chatServers: [], safety });
  return {
    ask: (order, signal) =>
      mode === 'observed'
        ? sendingWorkflow({ ...parts, service }, { ...order, target: { ...order.target, rules } }, signal)
        : service.ask(order, signal),
    releaseGuard: () => void service.release(RELEASE_MS),
    close: () => service.close(),
  };
}

function unwatched(find: (order: ProbeOrder, signal: CancelSignal) => Promise<ProbeResult | null>): RehearsedService {
  return {
    async ask(order, signal) {
      const result = await find(order, signal);
      return result === null ? null : { ...result, guarded: false };
    },
    releaseGuard: () => undefined,
    close: () => undefined,
  };
}
