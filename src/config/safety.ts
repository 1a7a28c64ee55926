import type { ControlChat, ControlSettings, SafetySettings } from '../resilience/settings.ts';
import type { ConfigProblems } from './config-problems.ts';
import type { TargetSettings } from './schema.ts';
import type { SettingPath } from './setting-path.ts';

type ControlsGiven = TargetSettings['controls'];

/** How the target at `path` guards itself; what does not fit is reported. */
export function safetySettings(findings: ConfigProblems, path: SettingPath, settings: TargetSettings): SafetySettings {
  const { outage, guard, controls, shadow, enforcePercent } = settings;
  return {
    outage,
    guard,
    controls: controlSettings(findings, [...path, 'controls'], controls),
    enforcement: { shadow, enforcePercent },
  };
}

function controlSettings(findings: ConfigProblems, path: SettingPath, { intervalMs, absent, live }: ControlsGiven): ControlSettings {
  const absentId = [...path, 'absent', 'interactionId'];
  const liveId = [...path, 'live', 'interactionId'];
  if (absent.interactionId !== undefined && absent.interactionId === live.interactionId) {
    findings.report(liveId, `is the same as ${findings.nameOf(absentId)}: one must never have existed, the other always be alive`);
  }
  return { intervalMs, absent: controlChat(findings, absentId, absent), live: controlChat(findings, liveId, live) };
}

/** Null where none is given. */
function controlChat(
  findings: ConfigProblems,
  path: SettingPath,
  { interactionId, chatServer }: ControlsGiven['absent'],
): ControlChat | null {
  if (interactionId !== undefined) return { interactionId, chatServer: chatServer ?? null };
  if (chatServer !== undefined && findings.isSound(path)) findings.report(path, 'must be set where the Chat Server to ask is');
  return null;
}
