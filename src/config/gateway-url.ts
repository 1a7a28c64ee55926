/** A base URL in its plain form, without a slash at its end, or why it cannot be one. The reason never quotes it. */
export type GatewayUrl = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly because: string };

/** Reads the base URL of a gateway. It must say all and nothing more: `URL` alone would mend or drop what is odd. */
export function parseGatewayUrl(text: string): GatewayUrl {
  const authority = /^https?:\/\/([^\s\\/?#]+)[^\s\\]*$/i.exec(text)?.[1];
  if (authority === undefined || !URL.canParse(text)) return { ok: false, because: 'must be a URL that begins with http:// or https://' };
  if (authority.includes('@')) return { ok: false, because: 'must not carry a user or password; use tokenFile or CHATPROBE_GATEWAY_TOKEN' };
  if (text.includes('?')) return { ok: false, because: 'must not have a query ("?")' };
  if (text.includes('#')) return { ok: false, because: 'must not have a fragment ("#")' };
  return { ok: true, url: new URL(text).href.replace(/\/+$/, '') };
}
