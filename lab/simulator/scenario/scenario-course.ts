import type { TreeProblems } from '../../../src/schema-tree/tree-problems.ts';
import type { Commanded, WorldControl } from '../world/world.ts';
import { createWorldControl } from '../world/world-control.ts';
import { createWorldState } from '../world/world-state.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioEvent } from './scenario-event.ts';

/** What must be in order before the course of events can be tried. */
const GROUNDS = ['chatServers', 'highAvailability'] as const;

/** Lets an event happen now. */
export function happen(control: WorldControl, event: ScenarioEvent): Commanded {
  if ('crash' in event) return control.crash(event.crash);
  if ('start' in event) return control.start(event.start, event.sessions);
  if ('slow' in event) return control.slow(event.slow, event.extraMs);
  if ('flap' in event) return control.flap(event.flap, event);
  if ('limit' in event) return control.limit(event.limit, event.maxSessions);
  if ('link' in event) return control.link(event.link, event.state);
  if ('interactionServer' in event) control.interactionServer(event.interactionServer);
  else if ('gateway' in event) control.gateway(event.gateway);
  else control.misconfigure(event.misconfigure === 'nothing' ? null : event.misconfigure);
  return { ok: true };
}

/**
 * Plays the events without chats and reports each that cannot happen, such as the crash of a Chat Server that is down.
 * Those with mistakes of their own do not happen.
 */
export function checkCourse(scenario: Scenario, problems: TreeProblems): void {
  if (!GROUNDS.every((field) => problems.isSound([field]))) return;
  const state = createWorldState(scenario, scenario.seed);
  const control = createWorldControl(state);
  for (const [index, event] of scenario.events.entries()) {
    if (!problems.isSound(['events', index])) continue;
    state.agenda.runUntil(event.atMs);
    const happened = happen(control, event);
    if (!happened.ok) problems.report(['events', index], happened.problem);
  }
}
