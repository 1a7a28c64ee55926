import type { RetryPolicy } from '../probe/policy.ts';
import type { Bounds, ServerConfig } from './config.ts';
import type { ConfigProblems } from './config-problems.ts';
import { isLoopback } from './loopback.ts';
import type { Settings } from './schema.ts';
import type { FileSource } from './secret-files.ts';
import { readSecret } from './secret-files.ts';

/** Time after the last deadline to hand out the verdict. */
const DRAIN_MARGIN_MS = 2_000;

/** The server's own configuration. It refuses to be open to a network without a token unless told so outright. */
export function serverConfig(source: FileSource, settings: Settings['server'], longestMs: number): ServerConfig {
  const { apiToken, apiTokenFile, drainMs, ...others } = settings;
  checkNotOpen(settings, source.problems);
  return { ...others, apiToken: readSecret(source, settings, ['server'], 'apiToken'), drainMs: drainMs ?? longestMs + DRAIN_MARGIN_MS };
}

/** The longest deadline that a request can get, by its policy or by asking. */
export function longestDeadlineMs(bounds: Bounds, policies: ReadonlyMap<string, RetryPolicy>): number {
  return Math.max(bounds.deadlineMs[1], ...[...policies.values()].map(({ deadlineMs }) => deadlineMs));
}

function checkNotOpen(settings: Settings['server'], problems: ConfigProblems): void {
  const hasToken = settings.apiToken !== undefined || settings.apiTokenFile !== undefined;
  if (hasToken || settings.allowAnonymous || isLoopback(settings.host)) return;
  // A token that was given and refused has been reported already.
  const said = ['apiToken', 'apiTokenFile', 'allowAnonymous'].every((setting) => problems.isSound(['server', setting]));
  if (!said) return;
  problems.reportMissing(
    problems.nameOf(['server', 'host']),
    'is beyond loopback, where a token is needed: set CHATPROBE_API_TOKEN or server.apiTokenFile (CHATPROBE_API_TOKEN_FILE), ' +
      'or server.allowAnonymous (CHATPROBE_ALLOW_ANONYMOUS) to true',
  );
}
