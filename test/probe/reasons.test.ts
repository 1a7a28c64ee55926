import { expect, it } from 'vitest';
import { isReason } from '../../src/probe/reasons.ts';

it('does not take what objects inherit for a reason', () => {
  expect([isReason('delivered'), isReason('toString'), isReason('')]).toEqual([true, false, false]);
});
