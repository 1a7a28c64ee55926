import { expect, it } from 'vitest';
import { createReferenceIds, MAX_REFERENCE_ID } from '../../src/probe/probe-order.ts';

it('numbers messages one after the other', () => {
  const next = createReferenceIds(41);
  expect([next(), next(), next()]).toEqual([41, 42, 43]);
});

it('wraps to 1 after the largest positive 32-bit number', () => {
  const next = createReferenceIds(MAX_REFERENCE_ID);
  expect([next(), next()]).toEqual([2_147_483_647, 1]);
});
