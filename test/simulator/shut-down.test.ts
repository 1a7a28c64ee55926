import { describe, expect, it } from 'vitest';
import { createShutDown } from '../../lab/simulator/shut-down.ts';

/** A shut-down whose closing the test ends, and the exit codes it came to. */
function bench(): { signal: () => void; closed: () => Promise<void>; failed: () => Promise<void>; exits: number[]; closings: number[] } {
  let resolve = (): void => undefined;
  let reject = (_fault: Error): void => undefined;
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  const exits: number[] = [];
  const closings: number[] = [];
  const close = (): Promise<void> => {
    closings.push(1);
    return promise;
  };
  return {
    signal: createShutDown(close, (code) => exits.push(code)),
    closed: async () => resolve(),
    failed: async () => reject(new Error('cannot close')),
    exits,
    closings,
  };
}

describe('createShutDown', () => {
  it('exits with 0 only when everything is closed', async () => {
    const { signal, closed, exits } = bench();
    signal();
    expect(exits).toEqual([]);
    await closed();
    await Promise.resolve();
    expect(exits).toEqual([0]);
  });

  it('exits at once on a second signal, without closing again', () => {
    const { signal, exits, closings } = bench();
    signal();
    signal();
    expect(exits).toEqual([1]);
    expect(closings).toHaveLength(1);
  });

  it('exits with 1 where closing fails', async () => {
    const { signal, failed, exits } = bench();
    signal();
    await failed();
    await Promise.resolve();
    expect(exits).toEqual([1]);
  });
});
