import { BUILT_IN_POLICIES, type RetryPolicy } from '../../src/probe/policy.ts';
import { ON_CHAT_SERVER_DOWN, type TargetRules } from '../../src/probe/target.ts';
import {
  BUILT_IN_CONTROLS,
  BUILT_IN_ENFORCEMENT,
  BUILT_IN_GUARD,
  BUILT_IN_OUTAGE,
  type ControlSettings,
  type EnforcementSettings,
  type GuardSettings,
  type OutageSettings,
  type SafetySettings,
} from '../../src/resilience/settings.ts';
import type { Dice } from './dice.ts';

/** Control chats that there are when the world begins: one that is to be alive, and one that a site wrongly takes for absent. */
export const LIVE_CONTROL = 'control-live';
export const PRESENT_CONTROL = 'control-present';
const ABSENT_CONTROL = 'control-absent';

const MOSTLY = 0.85;

/** What one target guards itself with, within the bounds of the configuration. The built-in settings are the likeliest. */
export function drawSafety(dice: Dice, chatServers: readonly string[]): SafetySettings {
  const isBuiltIn = dice.chance(0.35);
  return {
    outage: isBuiltIn ? BUILT_IN_OUTAGE : drawOutage(dice),
    guard: isBuiltIn ? { ...BUILT_IN_GUARD, requireDelivery: dice.chance(0.3) } : drawGuard(dice),
    controls: dice.chance(0.25) ? drawControls(dice, chatServers) : BUILT_IN_CONTROLS,
    enforcement: dice.chance(0.3) ? drawEnforcement(dice) : BUILT_IN_ENFORCEMENT,
  };
}

function drawOutage(dice: Dice): OutageSettings {
  return {
    ...BUILT_IN_OUTAGE,
    coalesce: dice.chance(MOSTLY),
    reuseAliveMs: dice.oneOf([0, 100, 2_000, 2_000, 60_000]),
    canary: dice.chance(MOSTLY),
    canaryIntervalMs: dice.oneOf([100, 500, 500, 1_500, 5_000]),
    lastAttemptsPerSecond: dice.oneOf([0, 1, 5, 5, 20, 100]),
    maxInFlightPerServer: dice.oneOf([0, 1, 3, 100, 100]),
    maxReleasePerSecond: dice.oneOf([1, 5, 25, 60, 500, 100_000]),
    holdWhileRestoring: dice.chance(MOSTLY),
    breaker: dice.chance(MOSTLY),
    breakerFailures: dice.oneOf([1, 3, 5, 20]),
    retryBudget: dice.chance(MOSTLY),
    retryShare: dice.oneOf([0, 0.2, 0.2, 1, 10]),
    retriesPerSecond: dice.oneOf([0, 1, 3, 20]),
    messageLimit: dice.oneOf([0, 1, 2, 3, 10]),
    messageWindowMs: dice.oneOf([1_000, 5_000, 600_000, 600_000]),
    stopsPerInteraction: dice.oneOf([0, 1, 2, 5, 5]),
  };
}

function drawGuard(dice: Dice): GuardSettings {
  return {
    ...BUILT_IN_GUARD,
    massStop: dice.chance(MOSTLY),
    share: dice.oneOf([0, 0.1, 0.5, 0.5, 0.9, 1]),
    verdicts: dice.oneOf([1, 5, 10, 50]),
    windowMs: dice.oneOf([1_000, 5_000, 60_000]),
    badFirstAnswers: dice.oneOf([1, 3, 10, 10, 50]),
    requireDelivery: dice.chance(0.3),
  };
}

function drawControls(dice: Dice, chatServers: readonly string[]): ControlSettings {
  const chatServer = (): string | null => dice.oneOf([...chatServers, null]);
  return {
    intervalMs: dice.oneOf([1_000, 3_000, 60_000]),
    absent: dice.chance(0.7) ? { interactionId: dice.chance(0.9) ? ABSENT_CONTROL : PRESENT_CONTROL, chatServer: chatServer() } : null,
    live: dice.chance(0.7) ? { interactionId: LIVE_CONTROL, chatServer: chatServers[0] ?? null } : null,
  };
}

function drawEnforcement(dice: Dice): EnforcementSettings {
  return { shadow: dice.chance(0.4), enforcePercent: dice.oneOf([0, 10, 50, 99.5, 100]) };
}

/** @param restores whether sessions can be restored in its world; some sites get it wrong. */
export function drawRules(dice: Dice, restores: boolean, chatServers: number): TargetRules {
  return {
    ha: dice.chance(0.9) ? restores : !restores,
    singleChatServer: dice.chance(0.9) ? chatServers === 1 : chatServers !== 1,
    onChatServerDown: dice.oneOf([...ON_CHAT_SERVER_DOWN, 'auto', 'auto'] as const),
    restoreWindowMs: dice.oneOf([0, 0, 2_000, 2_000, 2_000, 10_000, 10_000, 45_000]),
    confirmAfterMs: dice.oneOf([0, 300, 1_000, 1_000, 1_000, 5_000]),
    onUnrecognised: dice.oneOf(['route', 'route', 'stop']),
  };
}

/** A named policy, with what a request may override. */
export function drawPolicy(dice: Dice): { readonly policyName: string; readonly policy: RetryPolicy } {
  const { policyName, policy } = drawNamedPolicy(dice);
  if (!dice.chance(0.2)) return { policyName, policy };
  return {
    policyName,
    policy: {
      ...policy,
      deadlineMs: dice.chance(0.5) ? dice.whole(100, 10_000) : policy.deadlineMs,
      attempts: dice.chance(0.5) ? dice.whole(1, 10) : policy.attempts,
    },
  };
}

function drawNamedPolicy(dice: Dice): { readonly policyName: string; readonly policy: RetryPolicy } {
  if (dice.chance(0.5)) return { policyName: 'inline', policy: BUILT_IN_POLICIES.inline };
  if (dice.chance(0.15)) return { policyName: 'ha', policy: BUILT_IN_POLICIES.ha };
  const attemptTimeoutMs = dice.oneOf([50, 300, 1_000, 3_000]);
  return {
    policyName: 'drawn',
    policy: {
      attempts: dice.whole(1, 6),
      attemptTimeoutMs,
      pauseMs: dice.oneOf([0, 50, 500, 2_000]),
      backoff: dice.oneOf([1, 1, 2, 3]),
      maxPauseMs: dice.oneOf([0, 1_000, 10_000]),
      jitter: dice.oneOf([0, 0.2, 1]),
      deadlineMs: Math.max(attemptTimeoutMs, dice.whole(100, 12_000)),
    },
  };
}
