import type { Played } from '../record.ts';
import type { TargetView } from '../view.ts';
import { viewOf } from '../view-of.ts';
import { ANSWERS } from './answers.ts';
import { CALM } from './calm.ts';
import { EVENTS } from './events.ts';
import { GATEWAY } from './gateway.ts';
import type { Invariant } from './invariant.ts';
import { MESSAGES } from './messages.ts';
import { RECOVERY } from './recovery.ts';
import { RETRIES } from './retries.ts';
import { SERVERS } from './servers.ts';
import { STOPS } from './stops.ts';

/** All that is never to happen. */
export const INVARIANTS: readonly Invariant[] = [
  ...ANSWERS,
  ...STOPS,
  ...MESSAGES,
  ...RETRIES,
  ...SERVERS,
  ...GATEWAY,
  ...EVENTS,
  ...RECOVERY,
  ...CALM,
];

/** Each invariant that a simulation broke, with the first ways in which it did. */
export function brokenInvariants(played: Played): readonly string[] {
  return played.plan.targets.flatMap((mine) => {
    const view = viewOf(played, mine);
    return INVARIANTS.flatMap((invariant) => complaintOf(invariant, view));
  });
}

const MOST_TOLD = 3;

function complaintOf({ name, breaches }: Invariant, view: TargetView): readonly string[] {
  const told = [...breaches(view)];
  if (told.length === 0) return [];
  const more = told.length > MOST_TOLD ? `; and ${told.length - MOST_TOLD} more` : '';
  return [`${name} [${view.mine.name}]: ${told.slice(0, MOST_TOLD).join('; ')}${more}`];
}
