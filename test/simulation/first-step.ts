import { groupedBy } from './grouping.ts';
import type { Moment } from './record.ts';
import type { SeenProbe, TargetView } from './view.ts';

/** From its beginning until its first message sets out, or its end without one, a probe waits. */
export interface FirstWait {
  readonly probe: SeenProbe;
  readonly until: Moment;
  readonly sends: boolean;
}

/** The first waits that no other message to the same chat can have made longer. */
export function firstWaits({ probes }: TargetView): readonly FirstWait[] {
  const byChat = groupedBy(probes.values(), ({ order }) => order.interactionId);
  return [...probes.values()].flatMap((probe) => {
    const until = probe.sends[0]?.from ?? probe.ended;
    if (until === null) return [];
    const others = byChat.get(probe.order.interactionId) ?? [];
    const isShared = others.some((other) => other !== probe && other.started.seq < until.seq && !endedBefore(other, probe));
    return isShared ? [] : [{ probe, until, sends: probe.sends.length > 0 }];
  });
}

function endedBefore({ ended }: SeenProbe, { started }: SeenProbe): boolean {
  return ended !== null && ended.atMs < started.atMs;
}
