import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { type App, createApp, wallNowMs } from '../app.ts';
import { certificatesOf, certificateWarnings } from '../config/certificates.ts';
import type { Config } from '../config/config.ts';
import { headline } from '../config/summary.ts';
import { configWarnings } from '../config/warnings.ts';
import { realClock } from '../probe/clock.ts';
import { drain } from './drain.ts';

/** The service, listening. */
export interface RunningService {
  /** Where it listens, with the port the system chose if none was configured. */
  readonly url: string;
  /** Goes by another configuration from now on; see `App.reconfigure`. */
  reconfigure(next: Config): void;
  readonly reloaded: App['reloaded'];
  /** Drains and closes. Resolves when every answer is out. */
  stop(): Promise<void>;
}

/** What runs, for logs and metrics. */
export interface Versions {
  readonly version: string;
  readonly nodeVersion: string;
}

/** Connections that may wait to be accepted. Node's 511 makes thousands of callers at once wait for seconds; the system may allow less. */
const BACKLOG = 4_096;

/**
 * Fastify opens a second listener for `localhost`, on the other of its addresses, which nothing here knows of: no bound on connections, no
 * new certificate, no word when it closes. Whoever says `localhost` finds this one.
 */
const LOCALHOST = '127.0.0.1';

/** Builds the service and listens. Rejects if the address cannot be had. */
export async function startService(config: Config, logger: Logger, versions: Versions): Promise<RunningService> {
  const app = await createApp(config, { logger, ...versions });
  const { port } = config.server;
  const host = config.server.host.toLowerCase() === 'localhost' ? LOCALHOST : config.server.host;
  let present = config;
  const url = await app.server.listen({ host, port, backlog: BACKLOG, listenTextResolver: (address) => `listening on ${address}` });
  const { ignoredVariables: variables } = config;
  const targets = [...config.targets.values()].map(({ name, adapter, policy }) => ({ name, adapter: adapter.kind, policy }));
  logger.info({ ...versions, targets }, headline(config, versions.version));
  if (variables.length > 0) logger.info({ variables }, 'variables ignored: Kubernetes injects them for a Service');
  warn(logger, configWarnings(config));
  warnOfCertificates(logger, config);
  return {
    url,
    reloaded: app.reloaded,
    reconfigure(next) {
      app.reconfigure(next);
      const known = configWarnings(present);
      present = next;
      warn(
        logger,
        configWarnings(next).filter((warning) => !known.some((other) => isDeepStrictEqual(warning, other))),
      );
      warnOfCertificates(logger, next);
    },
    async stop() {
      const { drainMs } = present.server;
      logger.info({ drainMs }, 'draining');
      await drain(app, drainMs, realClock);
      logger.info('stopped');
    },
  };
}

function warn(logger: Logger, warnings: ReturnType<typeof configWarnings>): void {
  for (const { targets, text } of warnings) logger.warn(targets.length === 0 ? {} : { targets }, text);
}

function warnOfCertificates(logger: Logger, config: Config): void {
  for (const text of certificateWarnings(certificatesOf(config), wallNowMs())) logger.warn(text);
}
