import { expect, it } from 'vitest';
import { heapBytes } from '../resilience/single-flight/heap-bytes.ts';
import { evidenceRig } from './evidence-rig.ts';

const MAX_BYTES = 8 * 1_024 * 1_024;

it('a million probes leave memory where ten thousand left it, and their records within their bytes', () => {
  const { evidence, answer, events } = evidenceRig({ maxBytes: MAX_BYTES });
  // As a router cuts an id out of a URL: a view on the whole.
  const idOf = (n: number): string => `/interactions/${String(n).padStart(16, '0')}/probe?${'x'.repeat(500)}`.slice(14, 30);
  let asked = 0;
  const ask = (until: number): number => {
    for (; asked < until; asked += 1) {
      const verdict = asked % 10 === 0 ? 'stop' : 'route';
      answer({ probeId: `probe-${asked}-of-a-million-with-a-long-id`, interactionId: idOf(asked), verdict });
      events.length = 0;
    }
    return heapBytes();
  };
  const empty = heapBytes();
  const afterTenThousand = ask(20_000);
  const afterAMillion = ask(1_000_000);
  expect(afterAMillion - afterTenThousand).toBeLessThan(MAX_BYTES / 20);
  expect(afterAMillion - empty).toBeLessThan(MAX_BYTES);
  expect(evidence.find('probe-999990-of-a-million-with-a-long-id')?.answered).toBe('stop');
});
