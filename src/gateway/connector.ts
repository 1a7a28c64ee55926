import { Socket } from 'node:net';
import { buildConnector, errors } from 'undici';
import type { GatewayConfig } from '../config/config.ts';
import type { NameLookup } from './name-lookup.ts';

/** Of the time for a connection: an address from before must still be of use. */
const LOOKUP_SHARE = 0.7;

/**
 * Opens connections for undici, but on time: undici's own connect time-out is half a second late or more, which is
 * time that the next URL could have had.
 *
 * @param trust whom to believe, and what to show a gateway that asks who we are.
 * @param timeoutMs longest that a connection may take, lookup and TLS included.
 * @param closing gives up connections that are being opened when it aborts.
 * @param names looks up the gateway's.
 */
export function createConnector(
  { ca, identity }: Pick<GatewayConfig, 'ca' | 'identity'>,
  timeoutMs: number,
  closing: AbortSignal,
  names: NameLookup,
): buildConnector.connector {
  const lookup = names.within(Math.ceil(timeoutMs * LOOKUP_SHARE));
  const open = buildConnector({ timeout: timeoutMs, lookup, ...(ca === null ? {} : { ca }), ...(identity ?? {}) });
  return (options, callback) => {
    let waiting = true;
    const done = (): void => {
      waiting = false;
      clearTimeout(timer);
      closing.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      // The types keep it back, but undici returns the socket. If it did not, its own time-out would have to do.
      if (!(socket instanceof Socket)) return;
      done();
      socket.destroy();
      callback(new errors.ConnectTimeoutError(), null);
    };
    // Before the timer, because it throws where `ca` is no certificate; it never calls back in the same tick.
    const socket: unknown = open(options, (...[error, connected]) => {
      if (!waiting) return;
      done();
      if (error === null) callback(null, connected);
      else callback(harmless(error), null);
    });
    const timer = setTimeout(giveUp, timeoutMs);
    closing.addEventListener('abort', giveUp);
  };
}

/** With the code that Node.js gives this error, undici 7.30 keeps a client busy for ever, and all that waits for it waiting. */
function harmless(error: Error): Error {
  return 'code' in error && error.code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? new HostnameMismatchError() : error;
}

/** The certificate is of another host. */
class HostnameMismatchError extends Error {
  /** OpenSSL's word for it. */
  readonly code = 'HOSTNAME_MISMATCH';
}
