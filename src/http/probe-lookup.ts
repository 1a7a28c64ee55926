import type { RetryPolicy } from '../probe/policy.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import type { Target } from '../probe/target.ts';
import { slipIn } from './name-slips.ts';
import type { ProbeRequest } from './probe-request.ts';
import type { Checked, Refusal } from './problems.ts';
import { passed, refused } from './problems.ts';

/** The target of requests that name none. */
export const DEFAULT_TARGET = 'default';

/** A target, the policy of requests that name none, and the Chat Servers that the configuration names. */
export interface ConfiguredTarget {
  readonly target: Target;
  readonly policy: string;
  readonly chatServers: readonly string[];
}

/** What the configuration knows by name. */
export interface Directory {
  readonly targets: ReadonlyMap<string, ConfiguredTarget>;
  readonly policies: ReadonlyMap<string, RetryPolicy>;
}

/** Finds what the request names, and applies its overrides. */
export function orderFor(asked: ProbeRequest, directory: Directory, probeId: string, requestId: string): Checked<ProbeOrder> {
  const configured = directory.targets.get(asked.target ?? DEFAULT_TARGET);
  if (configured === undefined)
    return slipped(asked.target, 'target') ?? refused('unknown_target', 'target', 'no target of this name is configured');
  const policyName = asked.policy ?? configured.policy;
  const policy = directory.policies.get(policyName);
  if (policy === undefined)
    return slipped(asked.policy, 'policy') ?? refused('unknown_policy', 'policy', 'no retry policy of this name is configured');
  const { chatServer } = asked;
  const slip = chatServer === null || configured.chatServers.includes(chatServer.name) ? null : slipped(chatServer.name, chatServer.field);
  if (slip !== null) return slip;
  return passed({
    probeId,
    requestId,
    interactionId: asked.interactionId,
    target: configured.target,
    policyName,
    policy: withOverrides(policy, asked),
    chatServer: chatServer?.name ?? null,
    isOffline: asked.isOffline,
    userData: asked.userData,
  });
}

/** Whoever is configured under such a name is meant; all else must not be sent, nor be looked for. */
function slipped(name: string | null, field: string): Refusal | null {
  const slip = name === null ? null : slipIn(name);
  return slip === null ? null : refused('invalid_name', field, `this looks like ${slip}: see how the workflow writes it`);
}

function withOverrides(policy: RetryPolicy, { attempts, deadlineMs }: ProbeRequest): RetryPolicy {
  if (attempts === null && deadlineMs === null) return policy;
  return { ...policy, attempts: attempts ?? policy.attempts, deadlineMs: deadlineMs ?? policy.deadlineMs };
}
