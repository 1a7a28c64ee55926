import { MAX_CHATS } from '../simulator/play-order.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { DEFAULT_CHATS, type ScenarioChanges } from './rehearsal-options.ts';

export type ChangedScenario = { readonly ok: true; readonly scenario: Scenario } | { readonly ok: false; readonly problem: string };

/** The scenario with what the command line says otherwise. */
export function changedScenario(scenario: Scenario, changes: Partial<ScenarioChanges>): ChangedScenario {
  const { target, clients, chats, agents } = scenario;
  const { ha, onChatServerDown, arrivePerSecond, queueMs, leaveShare, again } = changes;
  const changed = {
    ...scenario,
    target: { ...target, ha: ha ?? target.ha, onChatServerDown: onChatServerDown ?? target.onChatServerDown },
    clients: { ...clients, leaveShare: leaveShare ?? clients.leaveShare },
    chats: { ...chats, arrivePerSecond: arrivePerSecond ?? chats.arrivePerSecond, queueMs: queueMs ?? chats.queueMs },
    agents: { ...agents, again: again ?? agents.again },
  };
  if (typeof queueMs === 'number' && changed.chats.arrivePerSecond === 0)
    return {
      ok: false,
      problem: `--queue-ms is for chats that arrive: those of ${scenario.name} are there from the start, without --arrive-per-second`,
    };
  return { ok: true, scenario: changed };
}

/** How many chats there are where nobody says so. */
export function chatsOf({ chats: { arrivePerSecond, arriveForMs } }: Scenario): number {
  if (arrivePerSecond === 0) return DEFAULT_CHATS;
  return Math.min(MAX_CHATS, Math.max(1, Math.round((arrivePerSecond * arriveForMs) / 1_000)));
}
