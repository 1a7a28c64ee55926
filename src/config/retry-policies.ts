import type { RetryPolicy } from '../probe/policy.ts';
import { BUILT_IN_POLICIES } from '../probe/policy.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { Settings } from './schema.ts';

/** The built-in policies and those of the settings, by name. What a policy leaves out comes from the built-in one of its name, else from `inline`. */
export function retryPolicies(settings: Settings['policies'], problems: ConfigProblems): ReadonlyMap<string, RetryPolicy> {
  const policies = new Map<string, RetryPolicy>(Object.entries(BUILT_IN_POLICIES));
  for (const [name, given] of Object.entries(settings)) {
    const policy = { ...(policies.get(name) ?? BUILT_IN_POLICIES.inline), ...given };
    policies.set(name, policy);
    checkAttemptFits(name, policy, problems);
  }
  return policies;
}

function checkAttemptFits(name: string, policy: RetryPolicy, problems: ConfigProblems): void {
  const attempt = ['policies', name, 'attemptTimeoutMs'];
  const deadline = ['policies', name, 'deadlineMs'];
  if (policy.attemptTimeoutMs <= policy.deadlineMs || !problems.isSound(attempt) || !problems.isSound(deadline)) return;
  problems.report(attempt, `${policy.attemptTimeoutMs} ms is longer than ${problems.nameOf(deadline)} (${policy.deadlineMs} ms)`);
}
