import { Histogram, type Registry } from 'prom-client';
import type { Attempt } from '../probe/attempt.ts';
import { mayStandInTranscript } from '../probe/attempt.ts';
import type { ProbeObserver } from '../probe/events.ts';
import type { Reason } from '../probe/reasons.ts';
import { REASON_NAMES, REASONS } from '../probe/reasons.ts';
import type { MeteredTarget } from './metered-target.ts';
import { createTally } from './tally.ts';

const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10];
const RESULTS = ['ok', 'fault', 'transport'] as const;
/** Reasons that a single attempt can have: what the far end or the way there says, or a bug of ours. */
const ATTEMPT_REASONS = REASON_NAMES.filter((reason) => REASONS[reason].origin !== 'service' || reason === 'internal_error');

/** Counts single sends, and the hidden messages they may have left in transcripts. */
export function createAttemptMetrics(registry: Registry, targets: readonly MeteredTarget[]): ProbeObserver {
  const attempts = createTally({
    name: 'chatprobe_attempts_total',
    help: 'Sends, by what each came to.',
    labelNames: ['target', 'reason'],
    registry,
  });
  const durations = new Histogram({
    name: 'chatprobe_attempt_duration_seconds',
    help: 'Time of one send: delivered, answered with a valid fault or error, or neither.',
    labelNames: ['target', 'result'],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });
  const messages = createTally({
    name: 'chatprobe_hidden_messages_total',
    help: 'Hidden messages in transcripts: confirmed by a reply, or written and neither answered nor rejected, so perhaps there.',
    labelNames: ['target', 'delivery'],
    registry,
  });
  for (const { name: target } of targets) {
    for (const reason of ATTEMPT_REASONS) attempts.add(0, target, reason);
    for (const result of RESULTS) durations.zero({ target, result });
    for (const delivery of ['confirmed', 'unconfirmed']) messages.add(0, target, delivery);
  }

  const countMessage = (target: string, attempt: Attempt): void => {
    if (mayStandInTranscript(attempt)) messages.add(1, target, attempt.reason === 'delivered' ? 'confirmed' : 'unconfirmed');
  };
  return (event) => {
    if (event.type !== 'attempt_finished' && event.type !== 'attempt_cancelled') return;
    const { attempt, probe } = event;
    countMessage(probe.target, attempt);
    if (event.type === 'attempt_cancelled') return;
    attempts.add(1, probe.target, attempt.reason);
    durations.observe({ target: probe.target, result: resultOf(attempt.reason) }, attempt.durationMs / 1000);
  };
}

function resultOf(reason: Reason): (typeof RESULTS)[number] {
  if (reason === 'delivered') return 'ok';
  return REASONS[reason].origin === 'reply' ? 'fault' : 'transport';
}
