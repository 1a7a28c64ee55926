import type { Clock } from '../../src/probe/clock.ts';
import { createDemoWorld, DEMO_CHATS } from './demo-world.ts';
import { DEMO, type PlayOrder } from './play-order.ts';
import { parseScenario } from './scenario/load-scenario.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { ScenarioLibrary } from './scenario/scenario-files.ts';
import { createScenarioWorld } from './world/scenario-world.ts';
import type { World } from './world/world.ts';

/** What is being played. */
export interface Playing {
  readonly name: string;
  readonly seed: number;
  readonly chats: number;
  /** Null for the demo world, which is none. */
  readonly scenario: Scenario | null;
}

export interface OrderProblem {
  readonly field: 'scenario' | 'chats';
  readonly problem: string;
}

export type Ordered = { readonly ok: true } | { readonly ok: false; readonly problems: readonly OrderProblem[] };

/** Where a world is played, and another after it. */
export interface Playback {
  /** The world being played, whichever that is: what is asked after a change goes to the new one. */
  readonly world: World;
  /** Names of all there is to play. */
  readonly names: readonly string[];
  playing(): Playing;
  /**
   * Begins anew, with a fresh world. A scenario's file is read again each time, also where the order names none. Where the
   * order cannot be carried out all stays as it is.
   */
  play(order: PlayOrder): Ordered;
}

const DEFAULT_CHATS = 100;
/** Nobody chooses it: what the demo shows does not depend on it. */
const DEMO_SEED = 1;
const DEMO_PLAY: Playing = { name: DEMO, seed: DEMO_SEED, chats: Object.keys(DEMO_CHATS).length, scenario: null };

/** A stage on which the demo world is played until something else is ordered. */
export function createPlayback(clock: Clock, library: ScenarioLibrary): Playback {
  let playing = DEMO_PLAY;
  let world = worldOf(playing, clock);
  const names = [DEMO, ...library.names.filter((name) => name !== DEMO)];
  return {
    world: standIn(() => world),
    names,
    playing: () => playing,
    play(order) {
      const next = planned(order, playing, names, library);
      if ('problems' in next) return { ok: false, problems: next.problems };
      playing = next;
      world = worldOf(playing, clock);
      return { ok: true };
    },
  };
}

type Planned = Playing | { readonly problems: readonly OrderProblem[] };

function planned(order: PlayOrder, before: Playing, names: readonly string[], library: ScenarioLibrary): Planned {
  const named = scenarioNamed(order.scenario ?? before.name, names, library);
  if ('problems' in named) return named;
  const base = order.scenario === null ? asBefore(before, named) : named;
  if (base.scenario === null && order.chats !== null)
    return { problems: [{ field: 'chats', problem: 'is not for the demo world, which has chats of its own' }] };
  return { ...base, seed: order.seed ?? base.seed, chats: order.chats ?? base.chats };
}

/** The same play with what its file says now. Only a seed that was not the file's own stays. */
function asBefore({ seed, chats, scenario }: Playing, now: Playing): Playing {
  return { ...now, chats, seed: seed === scenario?.seed ? now.seed : seed };
}

function scenarioNamed(name: string, names: readonly string[], library: ScenarioLibrary): Planned {
  if (name === DEMO) return DEMO_PLAY;
  if (!names.includes(name)) return refused([`must be one of ${names.join(', ')}`]);
  const text = library.text(name);
  if (text === null) return refused([`${name}.yaml: cannot be read`]);
  const parsed = parseScenario(text, name);
  if (!parsed.ok) return refused(parsed.problems.map((problem) => `${name}.yaml: ${problem}`));
  return { name, seed: parsed.scenario.seed, chats: DEFAULT_CHATS, scenario: parsed.scenario };
}

function refused(problems: readonly string[]): Planned {
  return { problems: problems.map((problem) => ({ field: 'scenario', problem })) };
}

function worldOf({ seed, chats, scenario }: Playing, clock: Clock): World {
  return scenario === null ? createDemoWorld({ clock, seed }) : createScenarioWorld({ clock, seed, scenario, chats });
}

/** A world that is always the one being played. */
function standIn(current: () => World): World {
  return {
    ask: (...told) => current().ask(...told),
    health: () => current().health(),
    nowMs: () => current().nowMs(),
    chatServers: () => current().chatServers(),
    session: (id) => current().session(id),
    sessions: () => current().sessions(),
    truth: (id) => current().truth(id),
    get control() {
      return current().control;
    },
  };
}
