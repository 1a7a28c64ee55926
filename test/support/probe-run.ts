import { createReferenceIds, type ProbeEvent, type ProbeOrder } from '../../src/probe/probe-order.ts';
import { createProber, type Prober } from '../../src/probe/prober.ts';
import type { TargetRules } from '../../src/probe/target.ts';
import type { ProbeResult } from '../../src/probe/verdict.ts';
import { createVirtualClock, type VirtualClock } from '../../src/probe/virtual-clock.ts';
import { orderWith } from './samples.ts';
import { type ScriptedAdapter, scriptedAdapter, type Turn } from './scripted-adapter.ts';

export interface Rig {
  readonly clock: VirtualClock;
  readonly adapter: ScriptedAdapter;
  readonly events: ProbeEvent[];
  readonly controller: AbortController;
  readonly prober: Prober;
  /** Starts a probe without moving time. */
  start(fields?: Partial<ProbeOrder>, rules?: Partial<TargetRules>): Promise<ProbeResult | null>;
  /** Starts a probe and moves time until it has settled. */
  run(fields?: Partial<ProbeOrder>, rules?: Partial<TargetRules>): Promise<ProbeResult | null>;
}

/** A prober in virtual time against a scripted far end; the n-th draw of chance is `draws[n]`, then 0. */
export function rig(turns: readonly Turn[], draws: readonly number[] = []): Rig {
  const clock = createVirtualClock();
  const adapter = scriptedAdapter(clock, turns);
  const events: ProbeEvent[] = [];
  const controller = new AbortController();
  let drawn = 0;
  const prober = createProber({
    clock,
    random: () => draws[drawn++] ?? 0,
    nextReferenceId: createReferenceIds(1),
    observe: (event) => events.push(event),
  });
  const start: Rig['start'] = (fields, rules) => prober.probe(orderWith(adapter, fields, rules), controller.signal);
  return { clock, adapter, events, controller, prober, start, run: (fields, rules) => clock.drive(start(fields, rules)) };
}

/** The same answer every time, after 10 ms unless told otherwise. */
export function always(answer: Turn['answer'], afterMs = 10): readonly Turn[] {
  return [{ afterMs, answer }];
}

/** The answers in order, each after 10 ms. */
export function inOrder(...answers: readonly Turn['answer'][]): readonly Turn[] {
  return answers.map((answer) => ({ afterMs: 10, answer }));
}
