import type { Registry } from 'prom-client';
import { VERDICTS } from '../probe/verdict.ts';
import { TRUTHS } from '../resilience/events.ts';
import { legalProbes, type TargetMetrics } from './probe-metrics.ts';
import { createTally } from './tally.ts';

/** Counts what the service is worth: stops as callers got them, whether they were right, and what was lost of the evidence. */
export function createAnswerMetrics(registry: Registry): TargetMetrics {
  const tally = (name: string, help: string, ...labelNames: string[]) => createTally({ name, help, labelNames, registry });
  const stops = tally(
    'chatprobe_stops_answered_total',
    'Stops that callers were answered with: visits to agents that were saved.',
    'target',
    'reason',
  );
  const feedback = tally(
    'chatprobe_feedback_total',
    'Probes of which somebody said what the chat really was, by what was answered.',
    'target',
    'verdict',
    'truth',
  );
  const evicted = tally('chatprobe_evidence_evicted_total', 'Records of probes that made room for newer ones.', 'target', 'verdict');
  return {
    observe(event) {
      if (event.type === 'probe_answered') {
        if (event.answer.verdict === 'stop') stops.add(1, event.probe.target, event.answer.reason);
      } else if (event.type === 'evidence_evicted') evicted.add(1, event.target, event.verdict);
      // A counter takes nothing back: what somebody says the second time is noted, and not counted.
      else if (event.type === 'feedback_given' && event.isFirst) feedback.add(1, event.target, event.verdict, event.truth);
    },
    expect(target) {
      const { name } = target;
      for (const { reason, verdict } of legalProbes(target)) if (verdict === 'stop') stops.add(0, name, reason);
      for (const verdict of VERDICTS) {
        evicted.add(0, name, verdict);
        for (const truth of TRUTHS) feedback.add(0, name, verdict, truth);
      }
    },
    forget({ name }) {
      for (const counted of [stops, feedback, evicted]) counted.forget(name);
    },
  };
}
