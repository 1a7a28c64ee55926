import type { Static } from 'typebox';
import type { STORE } from './access-schema.ts';
import type { StoreConfig } from './config.ts';
import { type FileSource, readCertificates, readIdentity, readSecret } from './secret-files.ts';

const PATH_TO_IT = ['server', 'store'];
const PORT = 6_379;

/** Null where nothing is shared, or after reporting what is wrong. */
export function storeConfig(source: FileSource, settings: Static<typeof STORE>): StoreConfig | null {
  const { problems } = source;
  const { url, caFile, prefix } = settings;
  const urlPath = [...PATH_TO_IT, 'url'];
  const password = readSecret(source, settings, PATH_TO_IT, 'password');
  const identity = readIdentity(source, settings, PATH_TO_IT);
  const ca = caFile === undefined ? null : readCertificates(source, caFile, [...PATH_TO_IT, 'caFile']);
  if (url === undefined) {
    const others = ['password', 'passwordFile', 'caFile', 'certFile', 'keyFile'] as const;
    const given = others.find((setting) => settings[setting] !== undefined);
    if (given !== undefined) problems.report([...PATH_TO_IT, given], `is for a store: set ${problems.nameOf(urlPath)} too`);
    return null;
  }
  const read = parseStoreUrl(url);
  if (!read.ok) {
    problems.report(urlPath, read.because);
    return null;
  }
  if (read.password !== null && !problems.isFromEnvironment(urlPath))
    problems.report(urlPath, 'must not carry a password here: use server.store.passwordFile or the environment');
  if (read.password !== null && password !== null) problems.report(urlPath, 'carries a password, and another one is given; give one');
  if (!read.isTls && (ca !== null || identity !== null))
    problems.report(urlPath, 'must begin with rediss:// where a file for TLS is given');
  const { host, port, database, username } = read;
  const tls = read.isTls ? { ca, cert: identity?.cert ?? null, key: identity?.key ?? null } : null;
  return { host, port, database, username, password: password ?? read.password, tls, prefix };
}

type StoreUrl =
  | ({ readonly ok: true; readonly isTls: boolean } & Pick<StoreConfig, 'host' | 'port' | 'database' | 'username' | 'password'>)
  /** Never quotes it. */
  | { readonly ok: false; readonly because: string };

function parseStoreUrl(text: string): StoreUrl {
  if (!/^rediss?:\/\/[^\s\\/?#]+(\/\d{0,3})?$/.test(text) || !URL.canParse(text))
    return { ok: false, because: 'must be a URL such as redis://user@host:6379/0, or rediss:// for TLS' };
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  const [name, secret] = [decoded(username), decoded(password)];
  if (hostname === '' || name === null || secret === null) return { ok: false, because: 'must name a host, and be encoded as URLs are' };
  return {
    ok: true,
    isTls: protocol === 'rediss:',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORT : Number(port),
    database: Number(pathname.slice(1)),
    username: name === '' ? null : name,
    password: secret === '' ? null : secret,
  };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
