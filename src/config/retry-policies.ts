import type { RetryPolicy } from '../probe/policy.ts';
import { BUILT_IN_POLICIES } from '../probe/policy.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { Settings } from './schema.ts';

/** The built-in policies and those of the settings, by name. What a policy leaves out comes from the built-in one of its name, else from `inline`. */
export function retryPolicies(settings: Settings['policies'], findings: ConfigProblems): ReadonlyMap<string, RetryPolicy> {
  const policies = new Map<string, RetryPolicy>(Object.entries(BUILT_IN_POLICIES));
  for (const [name, given] of Object.entries(settings)) {
    const policy = { ...(policies.get(name) ?? BUILT_IN_POLICIES.inline), ...given };
    policies.set(name, policy);
    checkAttemptFits(name, policy, findings);
  }
  return policies;
}

function checkAttemptFits(name: string, policy: RetryPolicy, findings: ConfigProblems): void {
  const attempt = ['policies', name, 'attemptTimeoutMs'];
  const deadline = ['policies', name, 'deadlineMs'];
  if (policy.attemptTimeoutMs <= policy.deadlineMs || !findings.isSound(attempt) || !findings.isSound(deadline)) return;
  findings.report(attempt, `${policy.attemptTimeoutMs} ms is longer than ${findings.nameOf(deadline)} (${policy.deadlineMs} ms)`);
}
