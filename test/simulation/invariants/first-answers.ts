import type { GuardState } from '../../../src/outage/events.ts';
import { areTooMany, badRunAt } from '../first-answers.ts';
import { timelineOf } from '../timeline.ts';
import type { Invariant } from './invariant.ts';
import { passedStops } from './passed-stops.ts';

/** A target that goes wrong answers everybody badly, from the first answer on. */
export const FIRST_ANSWERS: readonly Invariant[] = [
  {
    name: 'after more than badFirstAnswers chats in a row that were answered badly at first no stop passes before a delivery, unless released',
    *breaches(view) {
      const { massStop, badFirstAnswers } = view.mine.safety.guard;
      if (!massStop) return;
      const guard = timelineOf<GuardState>(view.events, 'watching', (event) => (event.type === 'guard_changed' ? event.state : null));
      for (const { request, from, to } of passedStops(view)) {
        const run = badRunAt(view, from);
        if (areTooMany(run, badFirstAnswers) && guard.throughout(from, to) !== 'released')
          yield `request ${request.n} at ${to.atMs}, after ${JSON.stringify(run)}`;
      }
      for (const { withheld, settled } of view.requests) {
        if (withheld === 'mass_stop' && settled !== null && areTooMany(badRunAt(view, settled), badFirstAnswers)) yield null;
      }
    },
  },
];
