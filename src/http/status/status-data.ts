import type { EvidenceRecord } from '../../evidence/evidence-record.ts';
import type { Outage } from '../../status/outage-log.ts';
import type { Minute, StatusHistory } from '../../status/status-history.ts';
import type { EvidenceRouteParts } from '../evidence-routes.ts';
import type { OperationsParts } from '../operations-routes.ts';
import type { Directory } from '../probe-lookup.ts';
import type { TargetState } from '../readiness.ts';

/** What there is to know for the page. */
export interface StatusSources extends Directory {
  readonly evidence: EvidenceRouteParts['evidence'];
  readonly history: StatusHistory;
  readonly operations: Pick<OperationsParts, 'version' | 'targetStates' | 'isDraining'>;
  /** Names this instance. */
  readonly replica: string;
  /** Unix time. */
  readonly nowMs: () => number;
}

/** How things stand, of one target or of all of them. */
export interface StatusData {
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly version: string;
  readonly replica: string;
  readonly draining: boolean;
  /** The one that is looked at; null for all. */
  readonly target: string | null;
  /** All of them, whichever is looked at. */
  readonly allTargets: readonly string[];
  readonly policies: readonly string[];
  readonly targets: readonly TargetState[];
  /** Those that the configuration names, by target. */
  readonly chatServers: ReadonlyMap<string, readonly string[]>;
  readonly minutes: readonly Minute[];
  readonly outages: readonly Outage[];
  readonly stops: readonly EvidenceRecord[];
}

const STOPS_SHOWN = 15;

/** Puts together what the page shows. @param target a configured one, or null for all. */
export async function statusData(sources: StatusSources, target: string | null): Promise<StatusData> {
  const { history, evidence, operations } = sources;
  const states = await operations.targetStates();
  const names = [...sources.targets.keys()];
  const filter = { verdict: 'stop', reason: null, target, chatServer: null, sinceMs: null } as const;
  return {
    nowMs: sources.nowMs(),
    startedAtMs: history.startedAtMs,
    version: operations.version,
    replica: sources.replica,
    draining: operations.isDraining(),
    target,
    allTargets: names,
    policies: [...sources.policies.keys()],
    targets: states.filter((state) => target === null || state.target === target),
    chatServers: new Map([...sources.targets].map(([name, { chatServers }]) => [name, chatServers])),
    minutes: history.minutes(target),
    outages: history.outages(target),
    stops: evidence.latest(filter, STOPS_SHOWN),
  };
}

/** What lasts of one kind, of one target. */
export function lasting({ outages }: Pick<StatusData, 'outages'>, target: string, kind: Outage['kind']): readonly Outage[] {
  return outages.filter((outage) => outage.endedAtMs === null && outage.target === target && outage.kind === kind);
}
