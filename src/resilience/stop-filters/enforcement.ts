import type { EnforcementSettings } from '../settings.ts';
import { fnv1a } from './fnv1a.ts';

/** Steps of a hundredth of a percent. */
const STEPS = 10_000;

/**
 * Whether callers are answered the verdict about this interaction, not only told it. The same interaction always gets the
 * same, from every instance of the service, and one that is enforced at a percentage is at each higher one.
 */
export function isEnforced({ shadow, enforcePercent }: EnforcementSettings, interactionId: string): boolean {
  return !shadow && fnv1a(interactionId) % STEPS < (enforcePercent * STEPS) / 100;
}
