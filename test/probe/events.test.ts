import { expect, it } from 'vitest';
import { fanOut, type ProbeEvent } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { always } from '../support/probe-run.ts';
import { orderWith } from '../support/samples.ts';
import { scriptedAdapter } from '../support/scripted-adapter.ts';

const broken = (): void => {
  throw new Error('observer bug');
};

it('tells every observer, also after one that throws, and reports the fault', () => {
  const heard: string[] = [];
  const faults: unknown[] = [];
  const observe = fanOut<ProbeEvent>([({ type }) => heard.push(`a ${type}`), broken, ({ type }) => heard.push(`b ${type}`)], (fault) =>
    faults.push(fault),
  );
  observe({ type: 'request_answered', target: 'default', verdict: 'route', servedBy: 'none' });
  expect(heard).toEqual(['a request_answered', 'b request_answered']);
  expect(faults).toEqual([new Error('observer bug')]);
});

it('a throwing observer changes no verdict', async () => {
  const clock = createVirtualClock();
  const events: ProbeEvent[] = [];
  const observe = fanOut<ProbeEvent>([broken, (event) => events.push(event)], () => undefined);
  const prober = createProber({ clock, random: () => 0, nextReferenceId: () => 1, observe });
  const result = prober.probe(orderWith(scriptedAdapter(clock, always('dead'))), new AbortController().signal);
  expect(await clock.drive(result)).toMatchObject({ verdict: 'stop', reason: 'session_not_found' });
  expect(events.at(-1)?.type).toBe('probe_finished');
});
