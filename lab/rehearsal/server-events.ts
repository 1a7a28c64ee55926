import type { Scenario } from '../simulator/scenario/scenario.ts';

/** Whether the scenario crashes this Chat Server after `fromMs`, by `toMs`; both in ms since the world began. */
export function crashedBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  return events.some((event) => {
    if ('crash' in event) return event.crash === chatServer && event.atMs > fromMs && event.atMs <= toMs;
    return 'flap' in event && event.flap === chatServer && isOneBetween(event, event.atMs, fromMs, toMs);
  });
}

/** Whether it starts it again. */
export function startedBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  return events.some((event) => {
    if ('start' in event) return event.start === chatServer && event.atMs > fromMs && event.atMs <= toMs;
    return 'flap' in event && event.flap === chatServer && isOneBetween(event, event.atMs + event.downMs, fromMs, toMs);
  });
}

/** Whether the scenario has the link to this Chat Server lost at some time from `fromMs` to `toMs`, both included. */
export function linkLostBetween(events: Scenario['events'], chatServer: string, fromMs: number, toMs: number): boolean {
  let wasLost = false;
  for (const event of events) {
    if (!('link' in event) || event.link !== chatServer || event.atMs > toMs) continue;
    if (event.atMs > fromMs && event.state === 'down') return true;
    if (event.atMs <= fromMs) wasLost = event.state === 'down';
  }
  return wasLost;
}

interface Flapping {
  readonly downMs: number;
  readonly upMs: number;
  readonly times: number;
}

/** Whether of those moments that come again and again, from the first on, one is after `fromMs`, by `toMs`. */
function isOneBetween({ downMs, upMs, times }: Flapping, firstAtMs: number, fromMs: number, toMs: number): boolean {
  const everyMs = downMs + upMs;
  const n = Math.max(0, Math.floor((fromMs - firstAtMs) / everyMs) + 1);
  return n < times && firstAtMs + n * everyMs <= toMs;
}

/** What is wrong with somebody, from one moment to another, in ms since the world began. */
export interface Trouble {
  /** A Chat Server's name, one of `SURROUNDINGS`, or the service itself. */
  readonly who: string;
  readonly what: 'down' | 'link lost' | 'slow' | 'false answers' | 'stands still';
  readonly fromMs: number;
  /** Infinite if it never ends. */
  readonly toMs: number;
}

export const SURROUNDINGS = ['Interaction Server', 'gateway', 'the target'] as const;

/** All that the scenario makes go wrong, in order of its end; what ends where it begins is left out. */
export function troublesIn(events: Scenario['events']): readonly Trouble[] {
  const troubles: Trouble[] = [];
  const open = new Map<string, Omit<Trouble, 'toMs'>>();
  for (const { atMs, who, what, begins } of [...events].flatMap(turnsOf).sort((a, b) => a.atMs - b.atMs)) {
    const key = `${what} ${who}`;
    const begun = open.get(key);
    if (begins && begun === undefined) open.set(key, { who, what, fromMs: atMs });
    if (begins || begun === undefined) continue;
    open.delete(key);
    if (atMs > begun.fromMs) troubles.push({ ...begun, toMs: atMs });
  }
  return [...troubles, ...[...open.values()].map((begun) => ({ ...begun, toMs: Number.POSITIVE_INFINITY }))];
}

/** A trouble begins or ends. */
interface Turn extends Pick<Trouble, 'who' | 'what'> {
  readonly atMs: number;
  readonly begins: boolean;
}

function turnsOf(event: Scenario['events'][number]): readonly Turn[] {
  const { atMs } = event;
  const [interactionServer, gateway, target] = SURROUNDINGS;
  if ('crash' in event) return [{ atMs, who: event.crash, what: 'down', begins: true }];
  if ('start' in event) return [{ atMs, who: event.start, what: 'down', begins: false }];
  if ('slow' in event) return [{ atMs, who: event.slow, what: 'slow', begins: event.extraMs !== null }];
  if ('link' in event) return [{ atMs, who: event.link, what: 'link lost', begins: event.state === 'down' }];
  if ('interactionServer' in event) return [{ atMs, who: interactionServer, what: 'down', begins: event.interactionServer === 'down' }];
  if ('gateway' in event) return [{ atMs, who: gateway, what: 'down', begins: event.gateway === 'down' }];
  if ('misconfigure' in event) return [{ atMs, who: target, what: 'false answers', begins: event.misconfigure !== 'nothing' }];
  return 'flap' in event ? flapsOf(event) : [];
}

function flapsOf({ atMs, flap: who, downMs, upMs, times }: Flapping & { readonly atMs: number; readonly flap: string }): readonly Turn[] {
  return Array.from({ length: times }, (_, n) => atMs + n * (downMs + upMs)).flatMap((crashedMs) => [
    { atMs: crashedMs, who, what: 'down' as const, begins: true },
    { atMs: crashedMs + downMs, who, what: 'down' as const, begins: false },
  ]);
}
