import { expect, it } from 'vitest';
import { BUILT_IN_ENFORCEMENT, BUILT_IN_GUARD, BUILT_IN_OUTAGE } from '../../src/resilience/settings.ts';

it('every mechanism is on, and every verdict enforced, unless the configuration says otherwise', () => {
  const switches = Object.entries({ ...BUILT_IN_OUTAGE, ...BUILT_IN_GUARD }).filter(([, value]) => typeof value === 'boolean');
  expect(switches.filter(([, value]) => value === false)).toEqual([]);
  expect(switches.map(([name]) => name)).toEqual([
    'coalesce',
    'canary',
    'holdWhileRestoring',
    'breaker',
    'retryBudget',
    'massStop',
    'requireDelivery',
  ]);
  expect(BUILT_IN_ENFORCEMENT).toEqual({ shadow: false, enforcePercent: 100 });
});
