import { createDueQueue, createResettableTimer, type Queued } from '../probe/clock.ts';
import type { Observation } from '../probe/observation.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import { type AdmissionParts, createAdmissionControl } from './admission-control.ts';
import type { ServiceObserver } from './events.ts';
import { type ObservedAnswer, ObservedProbe, type ObservedProbeParts, patienceMs } from './observed-probe.ts';
import { createObservedTexts, type ObservedTexts } from './observed-texts.ts';
import type { Answer } from './probe-service.ts';
import type { EnforcementSettings } from './settings.ts';
import type { Found, SingleFlight } from './single-flight/single-flight.ts';
import { fnv1a, unfiltered } from './stop-filters/filter-stop.ts';

/** Judges what workflows tell of messages that they have sent by themselves. */
export interface ObservationService {
  /** Told what a message came to, or told it again. Answers at once. */
  observe(order: ProbeOrder, observation: Observation): ObservedAnswer;
  /** What their engine said of late. */
  readonly observedTexts: Pick<ObservedTexts, 'list' | 'forgotten'>;
}

/** The messages that workflows of one target tell of, put together to probes. */
export interface ObservedProbes extends ObservationService {
  /** Probes that are remembered: those that wait for another message, and those that have just ended. */
  readonly size: number;
  /** Ends all. What is told later begins anew. */
  close(): void;
}

/** Most that are remembered. Of one more, the one that began first makes room: its chat is routed. */
const MOST_PROBES = 20_000;
/** A caller that got no answer in time tells the same again. What comes later than that is news. */
const REPEAT_MS = 15_000;

interface Remembered {
  readonly probe: ObservedProbe;
  /** When it is given up, or forgotten. */
  end: Queued<string>;
}

/** What protects the target, and what its probes share. */
export interface ObservedProbesParts extends AdmissionParts {
  readonly enforcement: EnforcementSettings;
  readonly observe: ServiceObserver;
  /** Makes the answer to what was found out. */
  readonly answers: { readonly to: (found: Found) => Answer };
  readonly singleFlight: Pick<SingleFlight, 'enter' | 'chats'>;
}

export function createObservedProbes(shared: ObservedProbesParts, most: number = MOST_PROBES): ObservedProbes {
  const { clock } = shared;
  const texts = createObservedTexts(clock);
  const parts = partsOf(shared, texts);
  /** By interaction, of which there is one at a time; in the order in which they began. */
  const known = new Map<string, Remembered>();
  const ends = createDueQueue<string>();

  const forget = (id: string, nowMs: number): void => {
    const remembered = known.get(id);
    if (remembered === undefined) return;
    known.delete(id);
    ends.remove(remembered.end);
    remembered.probe.end(nowMs);
  };
  const endDue = (): void => {
    const nowMs = clock.nowMs();
    for (let next = ends.first(); next !== null && next.dueMs <= nowMs; next = ends.first()) forget(next.item, nowMs);
    timer.set(ends.first()?.dueMs ?? Number.POSITIVE_INFINITY);
  };
  const timer = createResettableTimer(clock, endDue);
  const keepUntil = (dueMs: number, id: string): Queued<string> => ends.add(dueMs, id);

  const begin = (order: ProbeOrder, round: number, nowMs: number): Remembered => {
    forget(order.interactionId, nowMs);
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= most) forget(oldest, nowMs);
    const probe = new ObservedProbe(parts, order, round, nowMs);
    const id = probe.order.interactionId;
    const remembered = { probe, end: keepUntil(nowMs + patienceMs(order), id) };
    known.set(id, remembered);
    return remembered;
  };

  return {
    observedTexts: texts,
    get size() {
      return known.size;
    },
    observe(order, observation) {
      const nowMs = clock.nowMs();
      const said = saidBy(observation);
      const found = known.get(order.interactionId);
      const current = found !== undefined && isSame(found.probe, order, observation) && found.end.dueMs > nowMs ? found : null;
      if (current?.probe.isRepeated(observation, said) === true) return current.probe.repeat(order, nowMs);
      const remembered = current === null || current.probe.isOver ? begin(order, observation.round, nowMs) : current;
      const answer = remembered.probe.tell(order, observation, said, nowMs);
      if (remembered.probe.isOver) {
        ends.remove(remembered.end);
        remembered.end = keepUntil(nowMs + REPEAT_MS, remembered.probe.order.interactionId);
      }
      endDue();
      return answer;
    },
    close() {
      timer.set(Number.POSITIVE_INFINITY);
      for (const id of [...known.keys()]) forget(id, clock.nowMs());
    },
  };
}

function partsOf(shared: ObservedProbesParts, texts: ObservedTexts): ObservedProbeParts {
  const { enforcement, observe, answers, singleFlight, guard, budget } = shared;
  return {
    observe,
    budget,
    note: ({ outcome }, { shown, reason }) => texts.note(outcome, shown, reason),
    enter: (order, nowMs) => singleFlight.enter(order, nowMs),
    leave: (chat, nowMs) => singleFlight.chats.leave(chat, nowMs),
    admission: (order, lock) => createAdmissionControl(shared, order, lock),
    mayStop: (nowMs) => guard.state(nowMs) !== 'tripped',
    answer: answers.to,
    soFar: (order, result) => unfiltered(enforcement, order, result),
  };
}

/** Another Chat Server, another policy and another round are another question. */
function isSame({ order, round }: ObservedProbe, asked: ProbeOrder, observation: Observation): boolean {
  return round === observation.round && order.chatServer === asked.chatServer && order.policyName === asked.policyName;
}

/** What was said, in so few characters that it can be remembered for each. */
function saidBy({ outcome, texts, trees }: Observation): string {
  return `${outcome} ${fnv1a(JSON.stringify([texts, trees]))}`;
}
