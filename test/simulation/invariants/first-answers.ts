import type { GuardState } from '../../../src/resilience/events.ts';
import { areTooMany, badRunAt, mostBadChatsAt } from '../first-answers.ts';
import { guardTimeline } from '../timeline.ts';
import type { Invariant } from './invariant.ts';
import { passedStops } from './passed-stops.ts';

/** A target that goes wrong answers everybody badly, from the first answer on. */
export const FIRST_ANSWERS: readonly Invariant[] = [
  {
    name: 'after more than badFirstAnswers chats in a row that were answered badly at first no stop passes before a delivery, unless released',
    *breaches(view) {
      const { massStop, badFirstAnswers } = view.mine.safety.guard;
      if (!massStop) return;
      const guard = guardTimeline(view);
      for (const { request, from, to } of passedStops(view)) {
        const run = badRunAt(view, from);
        if (areTooMany(run, badFirstAnswers) && guard.at(from) !== 'released' && guard.at(to) !== 'released')
          yield `request ${request.n} at ${to.atMs}, after ${JSON.stringify(run)}`;
      }
      for (const { withheld, settled } of view.requests) {
        if (withheld === 'mass_stop' && settled !== null && areTooMany(badRunAt(view, settled), badFirstAnswers)) yield null;
      }
    },
  },
  {
    name: 'the guard trips for no fewer bad first answers than badFirstAnswers, and for no fewer verdicts than its count',
    *breaches(view) {
      const { badFirstAnswers, verdicts, windowMs } = view.mine.safety.guard;
      let before: GuardState = 'watching';
      for (const { event, ...now } of view.events) {
        if (event.type !== 'guard_changed') continue;
        // Under a release nobody sees when it tripped.
        const isSeen = event.state === 'tripped' && before === 'watching';
        before = event.state;
        if (!isSeen) continue;
        const answered = view.requests.filter(
          ({ answer, settled }) => answer !== null && settled !== null && settled.atMs >= now.atMs - windowMs && settled.atMs <= now.atMs,
        ).length;
        const chats = mostBadChatsAt(view, now);
        if (answered < verdicts && chats <= badFirstAnswers) yield `at ${now.atMs}, after ${answered} answers and ${chats} chats`;
        else if (answered < verdicts) yield null;
      }
    },
  },
];
