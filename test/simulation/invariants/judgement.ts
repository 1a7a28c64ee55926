import type { Played } from '../record.ts';
import type { TargetView } from '../view.ts';
import { viewOf } from '../view-of.ts';
import { ANSWERS } from './answers.ts';
import { CALM } from './calm.ts';
import { EVENTS } from './events.ts';
import { FIRST_ANSWERS } from './first-answers.ts';
import { GATEWAY } from './gateway.ts';
import { GUARD, GUARD_CLEARING } from './guard.ts';
import type { Invariant } from './invariant.ts';
import { JOINERS } from './joiners.ts';
import { KNOWN_DOWN } from './known-down.ts';
import { MESSAGES } from './messages.ts';
import { RECOVERY } from './recovery.ts';
import { REPEATED_STOPS } from './repeated-stops.ts';
import { CONFIRMATIONS, RETRIES } from './retries.ts';
import { RETURNING_SERVERS } from './returning-servers.ts';
import { SECOND_WORD, UNCONFIRMED } from './second-word.ts';
import { SERVERS } from './servers.ts';
import { STOPS } from './stops.ts';
import { UNSETTLED_CHATS } from './unsettled-chats.ts';
import { WAITING } from './waiting.ts';

/** Those that few seeds put to the test, and that tell which do. */
export const RARELY_AT_STAKE: readonly Invariant[] = [
  ...UNSETTLED_CHATS,
  ...JOINERS,
  ...GUARD_CLEARING,
  ...WAITING,
  ...RETURNING_SERVERS,
  ...UNCONFIRMED,
  ...KNOWN_DOWN,
  ...REPEATED_STOPS,
  ...FIRST_ANSWERS,
  ...CONFIRMATIONS,
];

/** All that is never to happen. */
export const INVARIANTS: readonly Invariant[] = [
  ...ANSWERS,
  ...STOPS,
  ...SECOND_WORD,
  ...GUARD,
  ...MESSAGES,
  ...RETRIES,
  ...SERVERS,
  ...GATEWAY,
  ...EVENTS,
  ...RECOVERY,
  ...CALM,
  ...RARELY_AT_STAKE,
];

/** How a simulation stands to the invariants. */
export interface Judgement {
  /** Each that it broke, with the first ways in which it did. */
  readonly broken: readonly string[];
  /** Names of those that it could have broken, and kept. */
  readonly atStake: readonly string[];
}

export function judgementOf(played: Played): Judgement {
  const found = played.plan.targets.flatMap((mine) => {
    const view = viewOf(played, mine);
    return INVARIANTS.map((invariant) => ({ invariant, view, breaches: [...invariant.breaches(view)] }));
  });
  return {
    broken: found.flatMap(({ invariant, view, breaches }) => complaintOf(invariant, view, breaches)),
    atStake: found.flatMap(({ invariant, breaches }) => (breaches.includes(null) ? [invariant.name] : [])),
  };
}

const MOST_TOLD = 3;

function complaintOf({ name }: Invariant, view: TargetView, breaches: readonly (string | null)[]): readonly string[] {
  const told = breaches.filter((breach) => breach !== null);
  if (told.length === 0) return [];
  const more = told.length > MOST_TOLD ? `; and ${told.length - MOST_TOLD} more` : '';
  return [`${name} [${view.mine.name}]: ${told.slice(0, MOST_TOLD).join('; ')}${more}`];
}
