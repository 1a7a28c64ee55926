import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { ServerConfig } from '../config/config.ts';

/** Shorter than any supervisor waits. */
const TIMEOUT_MS = 2_500;
/** Where to reach a service that listens on all addresses. */
const OF_ALL: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/**
 * Whether the service that this configuration describes answers `/livez` on this machine. It speaks TLS where the service does; whose
 * certificate that is is not looked at, since the name in it is not that of this address. Where the service asks for a certificate it
 * shows the service's own.
 */
export function isAlive({ host, port, tls }: Pick<ServerConfig, 'host' | 'port' | 'tls'>): Promise<boolean> {
  const options = { host: OF_ALL.get(host) ?? host, port, path: '/livez', timeout: TIMEOUT_MS, agent: false };
  return new Promise((resolve) => {
    const asked =
      tls === null ? requestHttp(options) : requestHttps({ ...options, rejectUnauthorized: false, cert: tls.cert, key: tls.key });
    asked
      .on('response', (response) => {
        resolve(response.statusCode === 200);
        response.destroy();
      })
      .on('timeout', () => asked.destroy(new Error('too slow')))
      .on('error', () => resolve(false))
      .end();
  });
}
