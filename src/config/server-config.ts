import type { RetryPolicy } from '../probe/policy.ts';
import { callersOf } from './callers.ts';
import type { Bounds, ListenerTls, ServerConfig } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { isLoopback } from './loopback.ts';
import type { Settings } from './schema.ts';
import type { FileSource } from './secret-files.ts';
import { readCertificates, readIdentity } from './secret-files.ts';
import { storeConfig } from './store-config.ts';
import { tracingConfig } from './tracing.ts';

/** Time after the last deadline to hand out the verdict. */
const DRAIN_MARGIN_MS = 2_000;

/**
 * The server's own configuration. It refuses to be open to a network without a token unless told so outright.
 *
 * @param isDemo whether no adapter is named, so that it listens on loopback only and all verdicts are made up.
 */
export function serverConfig(source: FileSource, settings: Settings['server'], longestMs: number, isDemo: boolean): ServerConfig {
  const { apiToken, apiTokenFile, opsToken, opsTokenFile, drainMs, tokenHeader, tls, store, tracing, statusPage, ...others } = settings;
  checkNotOpen(settings, source.problems);
  return {
    ...others,
    callers: callersOf(source, settings),
    tokenHeader: tokenHeader ?? null,
    tls: listenerTls(source, tls),
    tracing: tracingConfig(source, tracing),
    drainMs: drainMs ?? longestMs + DRAIN_MARGIN_MS,
    store: storeConfig(source, store),
    statusPage: statusPage ?? isDemo,
  };
}

/** The longest deadline that a request can get, by its policy or by asking. */
export function longestDeadlineMs(bounds: Bounds, policies: ReadonlyMap<string, RetryPolicy>): number {
  return Math.max(bounds.deadlineMs[1], ...[...policies.values()].map(({ deadlineMs }) => deadlineMs));
}

function checkNotOpen(settings: Settings['server'], problems: ConfigProblems): void {
  const { apiToken, apiTokenFile, allowAnonymous, host } = settings;
  const isAsked = Object.values(settings.callers).some(({ scopes }) => scopes.includes('probe'));
  if (apiToken !== undefined || apiTokenFile !== undefined || isAsked || allowAnonymous || isLoopback(host)) return;
  // A token that was given and refused has been reported already.
  const said = ['apiToken', 'apiTokenFile', 'callers', 'allowAnonymous'].every((setting) => problems.isSound(['server', setting]));
  if (!said) return;
  problems.reportMissing(
    problems.nameOf(['server', 'host']),
    'is beyond loopback, where a token is needed: set CHATPROBE_API_TOKEN or server.apiTokenFile (CHATPROBE_API_TOKEN_FILE), ' +
      'a caller with the scope probe in server.callers, or server.allowAnonymous (CHATPROBE_ALLOW_ANONYMOUS) to true',
  );
}

function listenerTls(source: FileSource, settings: Settings['server']['tls']): ListenerTls | null {
  const path = ['server', 'tls'];
  const { clientCaFile, requireClientCert, minVersion } = settings;
  const clientCaPath = [...path, 'clientCaFile'];
  const clientCa = clientCaFile === undefined ? null : readCertificates(source, clientCaFile, clientCaPath);
  const identity = readIdentity(source, settings, path);
  if (identity === null) {
    const { problems } = source;
    if (clientCaFile !== undefined && settings.certFile === undefined && settings.keyFile === undefined)
      problems.report(clientCaPath, 'is for TLS: set server.tls.certFile and server.tls.keyFile too');
    return null;
  }
  return { ...identity, clientCa, requireClientCert, minVersion };
}
