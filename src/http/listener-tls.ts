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

/** Other certificates for connections that are opened from now on; those that are open go on. Nothing where plain HTTP is spoken. */
export function replaceCertificates(server: Server, tls: ListenerTls): void {
  if (server instanceof SecureServer) server.setSecureContext(secureContext(tls));
}

function secureContext({ cert, key, clientCa, minVersion }: ListenerTls): SecureContextOptions {
  return { cert, key, minVersion, ...(clientCa === null ? {} : { ca: clientCa }) };
}
