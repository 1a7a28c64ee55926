import type { Send, TimedOutageEvent } from './judged-probe.ts';
import { peakRate } from './peak-rate.ts';

/** Most sends within any one second to one Chat Server in trouble. */
export interface ServerPeaks {
  /** From its first "not found" to its first sign of life. */
  readonly suspect: number;
  /** From there until it was taken for healthy again. */
  readonly recovering: number;
}

/** Finds the fullest seconds of the sends while the service knew that the Chat Server they named was in trouble. */
export function serverPeaks(sends: readonly Send[], outage: readonly TimedOutageEvent[]): ServerPeaks {
  const phases = phasesIn(outage);
  const peak = (state: Phase['state']): number =>
    Math.max(0, ...phases.filter((phase) => phase.state === state).map((phase) => peakRate(momentsIn(phase, sends), 1_000)));
  return { suspect: peak('suspect'), recovering: peak('recovering') };
}

interface Phase {
  readonly chatServer: string | null;
  readonly state: 'suspect' | 'recovering';
  readonly fromMs: number;
  readonly toMs: number;
}

function phasesIn(outage: readonly TimedOutageEvent[]): readonly Phase[] {
  const phases: Phase[] = [];
  const open = new Map<string | null, Omit<Phase, 'toMs'>>();
  for (const { atMs, event } of outage) {
    if (event.type !== 'server_changed') continue;
    const ended = open.get(event.chatServer);
    if (ended !== undefined) phases.push({ ...ended, toMs: atMs });
    open.delete(event.chatServer);
    if (event.to !== 'healthy') open.set(event.chatServer, { chatServer: event.chatServer, state: event.to, fromMs: atMs });
  }
  for (const phase of open.values()) phases.push({ ...phase, toMs: Number.POSITIVE_INFINITY });
  return phases;
}

function momentsIn({ chatServer, fromMs, toMs }: Phase, sends: readonly Send[]): readonly number[] {
  return sends.filter((send) => send.chatServer === chatServer && send.atMs >= fromMs && send.atMs < toMs).map(({ atMs }) => atMs);
}
