import type { ControlChat, ControlSettings, SafetySettings } from '../resilience/settings.ts';
import type { TreePath } from '../schema-tree/tree.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { TargetSettings } from './schema.ts';

type ControlsGiven = TargetSettings['controls'];

/** How the target at `path` guards itself; what does not fit is reported. */
export function safetySettings(problems: ConfigProblems, path: TreePath, settings: TargetSettings): SafetySettings {
  const { outage, guard, controls, shadow, enforcePercent } = settings;
  return {
    outage,
    guard,
    controls: controlSettings(problems, [...path, 'controls'], controls),
    enforcement: { shadow, enforcePercent },
  };
}

function controlSettings(problems: ConfigProblems, path: TreePath, { intervalMs, absent, live }: ControlsGiven): ControlSettings {
  const absentId = [...path, 'absent', 'interactionId'];
  const liveId = [...path, 'live', 'interactionId'];
  if (absent.interactionId !== undefined && absent.interactionId === live.interactionId) {
    problems.report(liveId, `is the same as ${problems.nameOf(absentId)}: one must never have existed, the other always be alive`);
  }
  return { intervalMs, absent: controlChat(problems, absentId, absent), live: controlChat(problems, liveId, live) };
}

/** Null where none is given. */
function controlChat(problems: ConfigProblems, path: TreePath, { interactionId, chatServer }: ControlsGiven['absent']): ControlChat | null {
  if (interactionId !== undefined) return { interactionId, chatServer: chatServer ?? null };
  if (chatServer !== undefined && problems.isSound(path)) problems.report(path, 'must be set where the Chat Server to ask is');
  return null;
}
