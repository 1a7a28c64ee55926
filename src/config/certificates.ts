import type { Config } from './config.ts';
import { type Validity, validityOf } from './credentials.ts';

/** What a certificate is there for: ours and the authorities of callers, the one that we show the store or a gateway and its authorities. */
export const CERTIFICATE_USES = ['listener', 'listener_ca', 'store', 'store_ca', 'gateway', 'gateway_ca'] as const;

export interface CertificateInUse extends Validity {
  readonly use: (typeof CERTIFICATE_USES)[number];
  /** Of the gateway, empty for all others. */
  readonly target: string;
}

/** Every certificate that the configuration has; of a file with several the time when all of them are valid. */
export function certificatesOf({ server, targets }: Config): readonly CertificateInUse[] {
  const of = (use: CertificateInUse['use'], target: string, pem: string | null | undefined): readonly CertificateInUse[] =>
    pem === null || pem === undefined ? [] : [{ use, target, ...validityOf(pem) }];
  return [
    ...of('listener', '', server.tls?.cert),
    ...of('listener_ca', '', server.tls?.clientCa),
    ...of('store', '', server.store?.tls?.cert),
    ...of('store_ca', '', server.store?.tls?.ca),
    ...[...targets.values()].flatMap(({ name, adapter }) =>
      adapter.kind === 'gateway' ? [...of('gateway', name, adapter.identity?.cert), ...of('gateway_ca', name, adapter.ca)] : [],
    ),
  ];
}

const WORDS: Readonly<Record<CertificateInUse['use'], string>> = {
  listener: 'the certificate of server.tls.certFile',
  listener_ca: 'a certificate of server.tls.clientCaFile',
  store: 'the certificate of server.store.certFile',
  store_ca: 'a certificate of server.store.caFile',
  gateway: 'the certificate of certFile',
  gateway_ca: 'a certificate of caFile',
};

/**
 * What is wrong with the time of certificates. Told, and no reason not to start: a service that stays down after a restart in the night
 * is worse than one whose callers are refused, or told to look away, until somebody has put the new certificate there.
 */
export function certificateWarnings(certificates: readonly CertificateInUse[], nowMs: number): readonly string[] {
  return certificates.flatMap(({ use, target, fromMs, untilMs }) => {
    const what = `${WORDS[use]}${target === '' ? '' : ` of target ${target}`}`;
    if (untilMs <= nowMs) return [`CERTIFICATE EXPIRED: ${what} was valid until ${dayOf(untilMs)}`];
    return fromMs > nowMs ? [`CERTIFICATE NOT YET VALID: ${what} is valid from ${dayOf(fromMs)}`] : [];
  });
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString();
}
