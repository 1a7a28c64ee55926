import type { Moment } from '../record.ts';
import type { SeenProbe, TargetView } from '../view.ts';

/** A stop that was computed and not withheld, with the time in which that was decided. */
export interface PassedStop {
  readonly probe: SeenProbe;
  readonly from: Moment;
  readonly to: Moment;
}

/** All of them but those that the caller's own data say: they need no judge. */
export function passedStops({ requests, probes }: TargetView): readonly PassedStop[] {
  return [...probes.values()].flatMap((probe) => {
    const { ended: from, result, withheld, id } = probe;
    if (from === null || result?.verdict !== 'stop' || result.evidence === 'closed' || (withheld !== null && withheld !== 'shadow'))
      return [];
    const to = requests.find(({ answer, settled }) => answer?.probeId === id && settled !== null && settled.seq > from.seq)?.settled;
    return to === null || to === undefined ? [] : [{ probe, from, to }];
  });
}
