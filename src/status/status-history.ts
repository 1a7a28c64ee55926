import { isGuarded, type ServiceEvent, type ServiceObserver } from '../resilience/events.ts';
import { createOutageLog, type Outage } from './outage-log.ts';

/** How long the counts go back. */
export const MINUTES = 60;
const MINUTE_MS = 60_000;

/** What one minute brought. */
export interface Minute {
  readonly startMs: number;
  /** Answers to callers. */
  readonly routes: number;
  readonly stops: number;
  /** Stops that were computed and answered with `route`, shadow mode apart. */
  readonly withheld: number;
  /** Probes by what they found: a session; that it is gone, or its Chat Server; nothing at all. As the recorded shares count them. */
  readonly alive: number;
  readonly stale: number;
  readonly unknown: number;
}

type Counts = { -readonly [K in keyof Minute]: number };
type Counted = Exclude<keyof Minute, 'startMs'>;

/** What happened of late, for people who look. It listens, so nothing waits for it; all that it keeps is bounded. */
export interface StatusHistory {
  readonly observe: ServiceObserver;
  /** Of one target, or of all together where it is null. The oldest first, the present minute last; one without events is all zeros. */
  minutes(target: string | null): readonly Minute[];
  /** Of one target, or of all. The latest to begin first. */
  outages(target: string | null): readonly Outage[];
  /** A target is gone. What it went through stays told. */
  forget(target: string): void;
  /** Counts all that was told. Where it is the same as before, nothing has changed. */
  readonly events: number;
  readonly startedAtMs: number;
}

/** @param nowMs Unix time. */
export function createStatusHistory(nowMs: () => number): StatusHistory {
  const startedAtMs = nowMs();
  const targets = new Map<string, Counts[]>();
  const outages = createOutageLog(nowMs);
  let events = 0;

  const count = (target: string, counted: Counted): void => {
    const startMs = minuteOf(nowMs());
    const ring = targets.get(target) ?? [];
    if (ring.length === 0) targets.set(target, ring);
    const place = (startMs / MINUTE_MS) % MINUTES;
    const present = ring[place];
    const minute = present?.startMs === startMs ? present : nothing(startMs);
    minute[counted] += 1;
    ring[place] = minute;
  };
  const follow = (event: ServiceEvent): boolean => {
    if (event.type === 'probe_answered') {
      count(event.probe.target, event.answer.verdict === 'stop' ? 'stops' : 'routes');
      if (isGuarded(event)) count(event.probe.target, 'withheld');
      return true;
    }
    if (event.type !== 'probe_finished') return outages.follow(event);
    const { evidence } = event.result;
    if (evidence === 'dead' || evidence === 'orphaned') count(event.probe.target, 'stale');
    else if (evidence !== 'closed') count(event.probe.target, evidence);
    return true;
  };
  return {
    startedAtMs,
    get events() {
      return events;
    },
    observe(event) {
      if (follow(event)) events += 1;
    },
    minutes(target) {
      const last = minuteOf(nowMs());
      const rings = target === null ? [...targets.values()] : [targets.get(target) ?? []];
      return Array.from({ length: MINUTES }, (_, back) => {
        const startMs = last - (MINUTES - 1 - back) * MINUTE_MS;
        const same = rings.map((ring) => ring[(startMs / MINUTE_MS) % MINUTES]).filter((minute) => minute?.startMs === startMs);
        return same.reduce<Minute>((sum, minute) => (minute === undefined ? sum : added(sum, minute)), nothing(startMs));
      });
    },
    outages: outages.of,
    forget(target) {
      targets.delete(target);
      outages.forget(target);
      events += 1;
    },
  };
}

function minuteOf(atMs: number): number {
  return Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
}

function nothing(startMs: number): Counts {
  return { startMs, routes: 0, stops: 0, withheld: 0, alive: 0, stale: 0, unknown: 0 };
}

function added(one: Minute, other: Minute): Minute {
  return {
    startMs: one.startMs,
    routes: one.routes + other.routes,
    stops: one.stops + other.stops,
    withheld: one.withheld + other.withheld,
    alive: one.alive + other.alive,
    stale: one.stale + other.stale,
    unknown: one.unknown + other.unknown,
  };
}
