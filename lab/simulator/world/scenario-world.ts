import type { Clock } from '../../../src/probe/clock.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { happen } from '../scenario/scenario-course.ts';
import { arrivalsOf, planArrivals } from './arrivals.ts';
import { addFirstChats } from './first-chats.ts';
import type { World } from './world.ts';
import { createWorldControl } from './world-control.ts';
import { playWorld } from './world-play.ts';
import { createWorldState } from './world-state.ts';

export interface ScenarioWorldParts {
  /** Whatever it shows now is the moment at which the world begins. */
  readonly clock: Clock;
  readonly scenario: Scenario;
  /** How many chats there are at the beginning or, where they arrive, in all. */
  readonly chats: number;
  /** Whole number; the same seed gives the same world. That of the scenario unless given. */
  readonly seed?: number;
}

/** The world of a scenario, with its events to come. */
export function createScenarioWorld({ clock, scenario, chats, seed = scenario.seed }: ScenarioWorldParts): World {
  const state = createWorldState(scenario, seed);
  const control = createWorldControl(state);
  if (scenario.chats.arrivePerSecond > 0) planArrivals(state, arrivalsOf(scenario, chats, seed));
  else addFirstChats(state, chats);
  // One that cannot happen, since a command from outside came first, is passed over.
  for (const event of scenario.events) state.agenda.at(event.atMs, () => happen(control, event));
  return playWorld({ clock, state, control });
}
