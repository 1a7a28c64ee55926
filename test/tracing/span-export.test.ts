import { expect, it } from 'vitest';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createSpanExport, type SpanResult } from '../../src/tracing/span-export.ts';

function exportTo(url: string) {
  const counts = new Map<SpanResult, number>();
  const lines: unknown[] = [];
  const clock = createVirtualClock();
  const spans = createSpanExport(
    {
      url,
      secretHeaders: {},
      timeoutMs: 1_000,
      serviceName: 'chat-probe',
      resourceAttributes: {},
      sampler: 'always_on',
      samplerArg: 1,
    },
    {
      clock,
      logger: { warn: (...words: readonly unknown[]) => void lines.push(words) },
      count: (result, count) => counts.set(result, (counts.get(result) ?? 0) + count),
    },
  );
  return { clock, spans, counts, lines };
}

it('so many spans wait and no more; what is beyond them is dropped, counted, and told once a minute', async () => {
  const { clock, spans, counts, lines } = exportTo('http://127.0.0.1:1/v1/traces');
  for (let n = 0; n < 2_048; n += 1) expect(spans.hasRoom()).toBe(true);
  expect(counts).toEqual(new Map());
  for (let n = 0; n < 10; n += 1) expect(spans.hasRoom()).toBe(false);
  expect(counts).toEqual(new Map([['dropped', 10]]));
  expect(lines).toEqual([[{ spans: 1, detail: 'QUEUE_FULL' }, 'spans lost: the collector did not take them']]);
  await clock.advance(60_000);
  spans.hasRoom();
  expect(lines.at(-1)).toEqual([{ spans: 10, detail: 'QUEUE_FULL' }, 'spans lost: the collector did not take them']);
});
