import { describe, expect, it } from 'vitest';
import { createStallingClock } from '../../lab/rehearsal/stalling-clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

const STALL = [{ atMs: 100, forMs: 900 }] as const;

function bench(stalls: readonly { readonly atMs: number; readonly forMs: number }[] = STALL) {
  const clock = createVirtualClock();
  const stalling = createStallingClock(clock, stalls);
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what} at ${stalling.nowMs()}`);
  return { clock, stalling, seen, note };
}

describe('the clock of a process that stands still', () => {
  it('calls back when it goes on, in the order in which it would have', async () => {
    const { clock, stalling, seen, note } = bench();
    for (const delayMs of [500, 99, 1_001, 300, 100]) stalling.schedule(delayMs, note(String(delayMs)));
    await clock.advance(2_000);
    expect(seen).toEqual(['99 at 99', '100 at 1000', '300 at 1000', '500 at 1000', '1001 at 1001']);
  });

  it('reads what came in meanwhile after the timers that fell due, and before those that they set', async () => {
    const { clock, stalling, seen, note } = bench();
    stalling.schedule(600, () => {
      note('timer')();
      stalling.schedule(0, note('set by it'));
    });
    clock.schedule(200, () => void stalling.whenItReads().then(note('reply')));
    await clock.advance(2_000);
    expect(seen).toEqual(['timer at 1000', 'reply at 1000', 'set by it at 1000']);
  });

  it('reads at once while the process runs', async () => {
    const { clock, stalling, seen, note } = bench();
    for (const atMs of [99, 1_000]) clock.schedule(atMs, () => void stalling.whenItReads().then(note('reply')));
    await clock.advance(2_000);
    expect(seen).toEqual(['reply at 99', 'reply at 1000']);
  });

  it('does not call back what was cancelled, before or while it stood still', async () => {
    const { clock, stalling, seen, note } = bench();
    const [early, late] = [stalling.schedule(200, note('early')), stalling.schedule(300, note('late'))];
    early();
    clock.schedule(400, late);
    await clock.advance(2_000);
    expect(seen).toEqual([]);
  });

  it('stands still as often as told', async () => {
    const { clock, stalling, seen, note } = bench([...STALL, { atMs: 1_000, forMs: 500 }]);
    stalling.schedule(200, note('first'));
    stalling.schedule(1_200, note('second'));
    await clock.advance(2_000);
    expect(seen.at(-1)).toBe('second at 1500');
  });

  it('is the clock itself where there is no stall', async () => {
    const { clock, stalling, seen, note } = bench([]);
    stalling.schedule(200, note('timer'))();
    stalling.schedule(300, note('timer'));
    await clock.advance(2_000);
    await stalling.whenItReads();
    expect(seen).toEqual(['timer at 300']);
  });
});
