import { expect, it } from 'vitest';
import { createPressure } from '../../src/http/load-shedding.ts';

it('is not high before we listen, nor for what was measured of the start', () => {
  let nowMs = 500;
  const pressure = createPressure(
    () => true,
    () => nowMs,
  );
  expect(pressure.isHigh).toBe(false);
  nowMs = 10_000;
  expect(pressure.isHigh).toBe(false);
  pressure.begin();
  nowMs += 1_999;
  expect(pressure.isHigh).toBe(false);
  nowMs += 1;
  expect(pressure.isHigh).toBe(true);
});

it('is high only while it is measured', () => {
  let isMeasured = false;
  let nowMs = 0;
  const pressure = createPressure(
    () => isMeasured,
    () => nowMs,
  );
  pressure.begin();
  nowMs = 5_000;
  expect(pressure.isHigh).toBe(false);
  isMeasured = true;
  expect(pressure.isHigh).toBe(true);
});
