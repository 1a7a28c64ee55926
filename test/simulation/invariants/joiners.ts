import { mayBeKnownDown } from '../known-down.ts';
import type { Invariant } from './invariant.ts';

/** What those are answered who share the run of another. */
export const JOINERS: readonly Invariant[] = [
  {
    name: 'who joined a more patient run is stopped for an orphan only where the own deadline allows it, or what is known',
    *breaches(view) {
      const { requests, probes, mine } = view;
      const { rules } = mine;
      if (!rules.ha || rules.onChatServerDown !== 'auto') return;
      for (const { n, order, answer } of requests) {
        if (answer?.servedBy !== 'coalesced' || answer.evidence !== 'orphaned') continue;
        const run = probes.get(answer.probeId);
        if (order.policy.deadlineMs >= rules.restoreWindowMs || run?.result?.verdict !== 'stop') continue;
        const isKnown =
          run.ended !== null && mayBeKnownDown(view, { chatServer: order.chatServer, startedAtMs: run.started.atMs, now: run.ended });
        if (isKnown) continue;
        if ((answer.shadowVerdict ?? answer.verdict) === 'stop') yield `request ${n}, ${order.policy.deadlineMs} ms`;
        else if (!answer.guarded) yield null;
      }
    },
  },
];
