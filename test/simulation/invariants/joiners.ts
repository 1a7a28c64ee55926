import type { Invariant } from './invariant.ts';

/** What those are answered who share the run of another. */
export const JOINERS: readonly Invariant[] = [
  {
    name: 'who joined a more patient run is stopped for an orphan only where the own deadline allows it',
    *breaches({ requests, probes, mine: { rules } }) {
      if (!rules.ha || rules.onChatServerDown !== 'auto') return;
      for (const { n, order, answer } of requests) {
        if (answer?.servedBy !== 'coalesced' || answer.evidence !== 'orphaned') continue;
        const run = probes.get(answer.probeId);
        if (order.policy.deadlineMs >= rules.restoreWindowMs || run?.result?.verdict !== 'stop') continue;
        if ((answer.shadowVerdict ?? answer.verdict) === 'stop') yield `request ${n}, ${order.policy.deadlineMs} ms`;
        else if (!answer.guarded) yield null;
      }
    },
  },
];
