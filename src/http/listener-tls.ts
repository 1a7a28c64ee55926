import type { Server } from 'node:http';
import { type SecureContextOptions, Server as SecureServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { ListenerTls } from '../config/config.ts';

/** Longest that a handshake may take. Node.js waits two minutes, for anybody who opens a connection and says nothing. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What the listener is made with. */
export function listenerOptions(tls: ListenerTls): TlsOptions {
  return {
    ...secureContext(tls),
    requestCert: tls.clientCa !== null,
    rejectUnauthorized: tls.clientCa !== null && tls.requireClientCert,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ALPNProtocols: ['http/1.1'],
  };
}

/**
 * A caller who closes his half of the connection still waits: see `onCallerGone`. Node.js leaves the other half open for plain HTTP alone.
 * Not as an option of the listener: then one who leaves in the middle of the handshake would hold a descriptor until that is given up.
 */
export function keepHalfOpen(server: Server): void {
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    socket.allowHalfOpen = true;
  });
}

/** Why a connection came to nothing before a request could be sent. */
export const HANDSHAKE_FAILURES = ['client_certificate', 'own_certificate', 'timeout', 'left', 'protocol'] as const;

export interface HandshakeFailure {
  /** `own_certificate`: the caller does not trust ours. `left`: he said nothing, as load balancers do that only look whether we listen. */
  readonly cause: (typeof HANDSHAKE_FAILURES)[number];
  /** OpenSSL's or Node.js's. */
  readonly code: string;
}

/** Tells each handshake that failed, of which no request and no answer could. */
export function tellHandshakeFailures(server: Server, tell: (failure: HandshakeFailure) => void): void {
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => tell(failureOf(error.code ?? '', socket)));
}

/** A certificate that is refused is told as ECONNRESET, as if the caller had left; only its socket knows. */
function failureOf(code: string, { authorizationError }: TLSSocket): HandshakeFailure {
  // Declared as an Error, and a text.
  const refused = authorizationError === null || authorizationError === undefined ? '' : String(authorizationError);
  if (refused !== '') return { cause: 'client_certificate', code: refused };
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return { cause: 'client_certificate', code };
  if (/_ALERT_(?:UNKNOWN_CA|\w*CERTIFICATE\w*)$/.test(code)) return { cause: 'own_certificate', code };
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return { cause: 'timeout', code };
  return { cause: /^(?:ECONNRESET|EPIPE)$/.test(code) ? 'left' : 'protocol', code };
}

/** Other certificates for connections that are opened from now on; those that are open go on. Nothing where plain HTTP is spoken. */
export function replaceCertificates(server: Server, tls: ListenerTls): void {
  if (server instanceof SecureServer) server.setSecureContext(secureContext(tls));
}

function secureContext({ cert, key, clientCa, minVersion }: ListenerTls): SecureContextOptions {
  return { cert, key, minVersion, ...(clientCa === null ? {} : { ca: clientCa }) };
}
