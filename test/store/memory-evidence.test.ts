import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createMemoryEvidence } from '../../src/store/memory-evidence.ts';
import { BOUNDS, describeSharedEvidence, record, sound, writerTo } from './evidence-contract.ts';

describe('evidence in memory', () => {
  describeSharedEvidence(async (bounds) => {
    const clock = createVirtualClock();
    const evidence = createMemoryEvidence(clock, bounds);
    return { connect: evidence.connect, pass: (ms) => clock.advance(ms), flush: async () => evidence.flush() };
  });

  it('that is switched off answers nobody; that is deaf does what it is told', async () => {
    const evidence = createMemoryEvidence(createVirtualClock(), BOUNDS);
    const way = evidence.connect();
    evidence.setReachable(false);
    expect(await way.find('p1')).toMatchObject({ trouble: 'unreachable' });
    evidence.setReachable(true);
    evidence.setDeaf(true);
    await expect(writerTo(way, 'w').write([record('p1', 1)])).rejects.toThrow('late');
    evidence.setDeaf(false);
    expect((await sound(way.find('p1'))).record).toMatchObject({ probeId: 'p1' });
  });
});
