import { Create } from 'typebox/value';
import { ANY_TEXT } from '../probe/observation.ts';
import { folded, saysEnough } from '../probe/observed-text.ts';
import type { MessageTemplate, OutcomePatterns } from '../probe/target.ts';
import { BUILT_IN_CONTROLS, type ControlChat, type ControlSettings } from '../resilience/settings.ts';
import type { TreePath } from '../schema-tree/tree.ts';
import type { AdapterConfig, TargetConfig } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { writtenAs } from './environment.ts';
import { MESSAGE } from './message-schema.ts';
import type { GatewaySettings, TargetSettings, WorkflowSettings } from './schema.ts';
import type { FileSource } from './secret-files.ts';
import { readCertificates, readIdentity, readSecret } from './secret-files.ts';

/** The configuration of one target but for what only the tree tells, where no default stands yet; what does not fit is reported. */
export function targetConfig(
  source: FileSource,
  name: string,
  settings: TargetSettings,
  policyNames: readonly string[],
): Omit<TargetConfig, 'restoreWindowByDefault' | 'maxInFlight'> {
  const { problems } = source;
  const path = ['targets', name];
  const { singleChatServer, onChatServerDown, restoreWindowMs, confirmAfterMs, policy, chatServers } = settings;
  const { outage, guard, shadow, enforcePercent } = settings;
  const haPath = [...path, 'ha'];
  if (settings.ha === undefined && problems.isSound(haPath)) problems.reportMissing(writtenAs(haPath), HA_MISSING);
  if (!policyNames.includes(policy))
    problems.reportMissing(problems.nameOf([...path, 'policy']), `names no policy; there are ${policyNames.join(', ')}`);
  return {
    name,
    adapter: adapterConfig(source, path, settings),
    // Without `ha` there is a problem, so that this value is never used.
    rules: {
      ...{ ha: settings.ha ?? true, singleChatServer, onChatServerDown, restoreWindowMs, confirmAfterMs },
      ...(settings.adapter === 'workflow'
        ? { onUnrecognised: 'route', patterns: outcomePatterns(problems, [...path, 'patterns'], settings.patterns) }
        : { onUnrecognised: settings.onUnrecognised }),
    },
    message: settings.adapter === 'workflow' ? { ...UNSENT, ...settings.message } : settings.message,
    policy,
    chatServers,
    safety: {
      outage,
      guard,
      controls: settings.adapter === 'workflow' ? BUILT_IN_CONTROLS : controlSettings(problems, [...path, 'controls'], settings.controls),
      enforcement: { shadow, enforcePercent },
    },
  };
}

const HA_MISSING =
  'must be set to true or false, and has no default, since both wrong guesses hurt: true where sessions cannot be restored ' +
  'routes dead chats and makes callers wait; false where they can stops chats that another Chat Server is about to restore';

function adapterConfig(source: FileSource, path: TreePath, settings: TargetSettings): AdapterConfig {
  if (settings.adapter === 'simulator') return { kind: 'simulator', seed: settings.seed };
  if (settings.adapter === 'workflow') return { kind: 'workflow' };
  return {
    kind: 'gateway',
    urls: gatewayUrls(source, [...path, 'gateways'], settings),
    token: readSecret(source, settings, path, 'token'),
    ca: settings.caFile === undefined ? null : readCertificates(source, settings.caFile, [...path, 'caFile']),
    identity: readIdentity(source, settings, path),
    connectTimeoutMs: settings.connectTimeoutMs,
    maxConnections: settings.maxConnections,
  };
}

function gatewayUrls({ problems }: FileSource, path: TreePath, { gateways }: GatewaySettings): readonly string[] {
  if (gateways.length === 0 && problems.isSound(path)) problems.reportMissing(writtenAs(path), 'must name at least one gateway URL');
  const urls: string[] = [];
  for (const [index, text] of gateways.entries()) {
    if (!problems.isSound([...path, index])) continue;
    const parsed = parseHttpUrl(text, 'tokenFile or CHATPROBE_GATEWAY_TOKEN');
    if (!parsed.ok) problems.report([...path, index], parsed.because);
    else if (urls.includes(parsed.url)) problems.report([...path, index], 'is the same gateway as one before it');
    else urls.push(parsed.url);
  }
  return urls;
}

/** A URL in its plain form, without a slash at its end, or why it cannot be one. The reason never quotes it. */
type HttpUrl = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly because: string };

/**
 * Reads a URL to ask. It must say all and nothing more: `URL` alone would mend or drop what is odd.
 *
 * @param secretsIn where secrets belong instead.
 */
export function parseHttpUrl(text: string, secretsIn: string): HttpUrl {
  const authority = /^https?:\/\/([^\s\\/?#]+)(?:[/?#][^\s\\]*)?$/i.exec(text)?.[1];
  if (authority === undefined || !URL.canParse(text)) return { ok: false, because: 'must be a URL that begins with http:// or https://' };
  if (authority.includes('@')) return { ok: false, because: `must not carry a user or password; use ${secretsIn}` };
  if (text.includes('?')) return { ok: false, because: 'must not have a query ("?")' };
  if (text.includes('#')) return { ok: false, because: 'must not have a fragment ("#")' };
  return { ok: true, url: new URL(text).href.replace(/(?<!\/)\/+$/, '') };
}

/** Of a target that sends nothing, all but the keys by which an answer is known to be another chat's. */
const UNSENT: MessageTemplate = Create(MESSAGE);

/** Each pattern must say enough, and mean one thing only: a chat can be stopped by it. */
function outcomePatterns(problems: ConfigProblems, path: TreePath, given: WorkflowSettings['patterns']): OutcomePatterns {
  for (const [meaning, patterns] of Object.entries(given)) {
    const others = new Set(Object.entries(given).flatMap(([name, texts]) => (name === meaning ? [] : texts.map(plain))));
    for (const [index, pattern] of patterns.entries()) {
      const at = [...path, meaning, index];
      if (!problems.isSound(at) || (meaning === 'delivered' && pattern === ANY_TEXT)) continue;
      if (!saysEnough(pattern)) problems.report(at, 'must have at least 6 letters beside what stands for anything');
      else if (others.has(plain(pattern))) problems.report(at, 'must not mean two things: it stands in another list, too');
    }
  }
  return given;
}

function plain(pattern: string): string {
  return folded(pattern).toLowerCase();
}

type ControlsGiven = GatewaySettings['controls'];

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
