import type { TreePath } from '../schema-tree/tree.ts';
import type { AdapterConfig, TargetConfig } from './config.ts';
import { writtenAs } from './environment.ts';
import { parseGatewayUrl } from './gateway-url.ts';
import { safetySettings } from './safety.ts';
import type { GatewaySettings, TargetSettings } from './schema.ts';
import type { FileSource } from './secret-files.ts';
import { readCertificates, readSecret } from './secret-files.ts';

/** The configuration of one target but for what only the tree tells, where no default stands yet; what does not fit is reported. */
export function targetConfig(
  source: FileSource,
  name: string,
  settings: TargetSettings,
  policyNames: readonly string[],
): Omit<TargetConfig, 'restoreWindowByDefault'> {
  const { problems } = source;
  const path = ['targets', name];
  const { singleChatServer, onChatServerDown, restoreWindowMs, confirmAfterMs, onUnrecognised, message, policy, chatServers } = settings;
  const haPath = [...path, 'ha'];
  if (settings.ha === undefined && problems.isSound(haPath)) problems.reportMissing(writtenAs(haPath), HA_MISSING);
  if (!policyNames.includes(policy))
    problems.reportMissing(problems.nameOf([...path, 'policy']), `names no policy; there are ${policyNames.join(', ')}`);
  return {
    name,
    adapter: adapterConfig(source, path, settings),
    // Without `ha` there is a problem, so that this value is never used.
    rules: { ha: settings.ha ?? true, singleChatServer, onChatServerDown, restoreWindowMs, confirmAfterMs, onUnrecognised },
    message,
    policy,
    chatServers,
    safety: safetySettings(problems, path, settings),
  };
}

const HA_MISSING =
  'must be set to true or false, and has no default, since both wrong guesses hurt: true where sessions cannot be restored ' +
  'routes dead chats and makes callers wait; false where they can stops chats that another Chat Server is about to restore';

function adapterConfig(source: FileSource, path: TreePath, settings: TargetSettings): AdapterConfig {
  if (settings.adapter === 'simulator') return { kind: 'simulator', seed: settings.seed };
  return {
    kind: 'gateway',
    urls: gatewayUrls(source, [...path, 'gateways'], settings),
    token: readSecret(source, settings, path, 'token'),
    ca: settings.caFile === undefined ? null : readCertificates(source, settings.caFile, [...path, 'caFile']),
    connectTimeoutMs: settings.connectTimeoutMs,
    maxConnections: settings.maxConnections,
  };
}

function gatewayUrls({ problems }: FileSource, path: TreePath, { gateways }: GatewaySettings): readonly string[] {
  if (gateways.length === 0 && problems.isSound(path)) problems.reportMissing(writtenAs(path), 'must name at least one gateway URL');
  const urls: string[] = [];
  for (const [index, text] of gateways.entries()) {
    if (!problems.isSound([...path, index])) continue;
    const parsed = parseGatewayUrl(text);
    if (!parsed.ok) problems.report([...path, index], parsed.because);
    else if (urls.includes(parsed.url)) problems.report([...path, index], 'is the same gateway as one before it');
    else urls.push(parsed.url);
  }
  return urls;
}
