const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
/** Swagger UI tells its own address by the slash at its end. */
const KEEPS_LAST_SLASH = /^\/docs(?:\/|$)/;

/** Paths that are left where a variable in them was empty. Nothing is found under them; an empty name is, and told to be empty. */
const EMPTIED: ReadonlyMap<string, string> = new Map([
  ['/interactions/probe', '/interactions//probe'],
  ['/targets/guard/release', '/targets//guard/release'],
]);

/**
 * The URL of a request as our routes have it: without the host that proxies put before it, without slashes that a workflow wrote twice or at
 * the end. The query stays as it is.
 */
export function tidyUrl(url: string): string {
  const target = url.replace(ABSOLUTE, '');
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  if (!path.startsWith('/') && target === url) return url;
  const plain = `/${path.split('/').filter(Boolean).join('/')}`;
  const tidy = EMPTIED.get(plain) ?? (KEEPS_LAST_SLASH.test(plain) && path.endsWith('/') ? `${plain}/` : plain);
  return end === -1 ? tidy : tidy + target.slice(end);
}
