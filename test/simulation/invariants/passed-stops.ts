import type { Moment } from '../record.ts';
import type { SeenProbe, SeenRequest, TargetView } from '../view.ts';

/** A stop that was computed for one request and not withheld, with the time in which that was decided. */
export interface PassedStop {
  readonly request: SeenRequest;
  /** The one whose finding it is: for a request that joined another, that one's. */
  readonly probe: SeenProbe;
  /** When that ended. */
  readonly from: Moment;
  /** When the request was answered. */
  readonly to: Moment;
}

/** All of them but those that the caller's own data say: they need no judge. In shadow or not. */
export function passedStops({ requests, probes }: TargetView): readonly PassedStop[] {
  return requests.flatMap((request) => {
    const { answer, settled: to } = request;
    if (answer === null || to === null || answer.evidence === 'closed' || (answer.shadowVerdict ?? answer.verdict) !== 'stop') return [];
    const probe = probes.get(answer.probeId);
    const from = probe?.ended ?? null;
    return probe === undefined || from === null ? [] : [{ request, probe, from, to }];
  });
}
