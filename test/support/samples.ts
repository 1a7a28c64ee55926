import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import type { Attempt } from '../../src/probe/attempt.ts';
import type { EspRequest } from '../../src/probe/esp.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import type { SafetyState } from '../../src/resilience/probe-service.ts';
import type { StopFilters } from '../../src/resilience/stop-filters/filter-stop.ts';

export const RULES: TargetRules = {
  ha: true,
  singleChatServer: false,
  onChatServerDown: 'auto',
  restoreWindowMs: 45_000,
  confirmAfterMs: 1_000,
  onUnrecognised: 'route',
};

export const REQUEST: EspRequest = {
  referenceId: 7,
  appName: 'ChatServer_1',
  messageText: '[probe]',
  messageType: null,
  visibility: 'VIP',
  userData: { InteractionId: '0006Ka9HFHRR0T2B', Id: '0006Ka9HFHRR0T2B' },
};

export const ID_KEYS = ['InteractionId', 'Id'];

export function attemptWith(fields: Partial<Attempt>): Attempt {
  return {
    n: 1,
    startedMs: 0,
    durationMs: 0,
    reason: 'timeout',
    faultCode: null,
    faultString: null,
    errorCode: null,
    errorMessage: null,
    written: true,
    rejected: false,
    retryAfterMs: null,
    detail: null,
    ...fields,
  };
}

/** An order for a chat on ChatServer_1 that the adapter answers for. */
export function orderWith(
  adapter: InteractionServerAdapter,
  fields: Partial<ProbeOrder> = {},
  rules: Partial<TargetRules> = {},
): ProbeOrder {
  return {
    probeId: 'probe-1',
    requestId: 'request-1',
    caller: 'workflow',
    interactionId: '0006Ka9HFHRR0T2B',
    target: {
      name: 'default',
      rules: { ...RULES, ...rules },
      message: { text: '[probe]', type: null, visibility: 'VIP', idKeys: ID_KEYS },
      adapter,
    },
    policyName: 'inline',
    policy: BUILT_IN_POLICIES.inline,
    chatServer: 'ChatServer_1',
    isOffline: false,
    userData: {},
    ...fields,
  };
}

/** Filters that let every stop pass, but for what is given. */
export function filtersWith(fields: Partial<StopFilters>): StopFilters {
  return {
    servers: { holdOf: () => null },
    guard: { judge: () => null },
    controls: { isWrong: false },
    enforcement: { shadow: false, enforcePercent: 100 },
    limits: { stopsPerInteraction: 100, messageWindowMs: 600_000 },
    guardWindowMs: 60_000,
    ...fields,
  };
}

/** How a target stands that is in no trouble. */
export const CALM: SafetyState = {
  guard: 'watching',
  delivered: true,
  gatewayOpen: false,
  serversDown: 0,
  probesParked: 0,
  controls: { absent: null, live: null },
  shadow: false,
  enforcePercent: 100,
};
