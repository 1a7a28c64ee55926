import type { RetryPolicy } from '../probe/policy.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import type { Target } from '../probe/target.ts';
import type { ProbeRequest } from './probe-request.ts';
import type { Checked } from './problems.ts';
import { passed, refused } from './problems.ts';

/** The target of requests that name none. */
export const DEFAULT_TARGET = 'default';

/** A target and the policy of requests that name none. */
export interface ConfiguredTarget {
  readonly target: Target;
  readonly policy: string;
}

/** What the configuration knows by name. */
export interface Directory {
  readonly targets: ReadonlyMap<string, ConfiguredTarget>;
  readonly policies: ReadonlyMap<string, RetryPolicy>;
}

/** Finds what the request names, and applies its overrides. */
export function orderFor(asked: ProbeRequest, directory: Directory, probeId: string, requestId: string): Checked<ProbeOrder> {
  const configured = directory.targets.get(asked.target ?? DEFAULT_TARGET);
  if (configured === undefined) return refused('unknown_target', 'target', 'no target of this name is configured');
  const policyName = asked.policy ?? configured.policy;
  const policy = directory.policies.get(policyName);
  if (policy === undefined) return refused('unknown_policy', 'policy', 'no retry policy of this name is configured');
  return passed({
    probeId,
    requestId,
    interactionId: asked.interactionId,
    target: configured.target,
    policyName,
    policy: withOverrides(policy, asked),
    chatServer: asked.chatServer,
    isOffline: asked.isOffline,
    userData: asked.userData,
  });
}

function withOverrides(policy: RetryPolicy, { attempts, deadlineMs }: ProbeRequest): RetryPolicy {
  if (attempts === null && deadlineMs === null) return policy;
  return { ...policy, attempts: attempts ?? policy.attempts, deadlineMs: deadlineMs ?? policy.deadlineMs };
}
