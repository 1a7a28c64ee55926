import { generateKeyPairSync, sign } from 'node:crypto';
import { plant } from './secrets.ts';

export interface Certificate {
  /** PEM, private. */
  readonly key: string;
  /** PEM. Signed by itself, so that it is also the authority to trust. */
  readonly cert: string;
}

interface CertificateOptions {
  readonly issuer?: string;
  /** Days, such as `2026-11-27`. */
  readonly from?: string;
  readonly until?: string;
}

/** Makes a certificate for one IPv4 address, fresh, so that no key lies in the repository and none can run out unless told to. */
export function selfSignedCertificate(ip: string, options: CertificateOptions = {}): Certificate {
  const { issuer = 'chat-probe test', from = '2020-01-01', until = '2099-01-01' } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(issuer)))));
  const validity = sequence(timeOf(from), timeOf(until));
  const alternativeName = sequence(der(0x87, Buffer.from(ip.split('.').map(Number))));
  const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
  const toBeSigned = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(oid(0x55, 0x1d, 0x11), der(0x04, alternativeName)),
        sequence(oid(0x55, 0x1d, 0x13), der(0x01, Buffer.from([0xff])), der(0x04, isAuthority)),
      ),
    ),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, signature);
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  // The bytes before these say only what kind of key it is.
  plant(key.split('\n')[1]?.slice(48) ?? '');
  return {
    key,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One element of DER (X.690): tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** Of a day, `2026-11-27`. Until 2049 with two digits for the year (RFC 5280). */
function timeOf(day: string): Buffer {
  const text = `${day.replaceAll('-', '')}000000Z`;
  return day < '2050' ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from([value]));
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
