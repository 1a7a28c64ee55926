import type { Problem } from './problems.ts';

/** What Node.js says of bytes that it cannot read, with those that came last. */
export interface ClientError extends Error {
  readonly code?: string;
  /** In the words of its parser. */
  readonly reason?: string;
  readonly rawPacket?: unknown;
}

const FIRST_LINE = /^[^\n]*/;
const VERSION = / HTTP\/(\d[\d.]*)\r?$/;
const TLS_HANDSHAKE = 0x16;

/** What was wrong with a request that cannot be read, for whoever has to mend the client. */
export function problemOf(error: ClientError): Problem {
  const { code = '' } = error;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { code: 'too_slow', detail: 'the request took too long to arrive', field: null };
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'headers_too_large', detail: 'shorten the URL or the headers', field: null };
  const packet = error.rawPacket instanceof Uint8Array ? Buffer.from(error.rawPacket) : Buffer.alloc(0);
  const head = headIn(packet);
  const version = VERSION.exec(FIRST_LINE.exec(head)?.[0] ?? '')?.[1];
  if (version !== undefined && !/^(?:0\.9|1\.[01])$/.test(version))
    return { code: 'unsupported_version', detail: SPOKEN_HERE, field: null };
  const inWords = packet[0] === TLS_HANDSHAKE ? 'TLS is not spoken here: send plain HTTP' : causeIn(head, code);
  const reason = error.reason === undefined ? '' : ` (${error.reason})`;
  return { code: 'invalid_url', detail: `${inWords ?? 'this is not an HTTP/1.1 request'}${reason}`, field: fieldOf(code) };
}

export const SPOKEN_HERE = 'HTTP/1.1 is spoken here, and HTTP/1.0; HTTP/2 is not';

/** Of a request whose head came in several packets, what came last. */
function headIn(packet: Buffer): string {
  const text = packet.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return end === -1 ? text : text.slice(0, end);
}

/** By what stands there first: the codes of the parser differ between versions of Node.js. */
function causeIn(head: string, code: string): string | null {
  if (/(?:^|[^\r])\n/.test(head)) return 'a line of the head ends with a mere line feed: end it with carriage return and line feed';
  if (/\r(?!\n|$)/.test(head)) return 'a mere carriage return stands in the head: end lines with carriage return and line feed';
  if (/\n[ \t]/.test(head)) return 'a header goes on in a second line: write it in one';
  if ((head.match(/^content-length[ \t]*:/gim) ?? []).length > 1) return 'Content-Length is given twice';
  if (code === 'HPE_UNEXPECTED_CONTENT_LENGTH' || code === 'HPE_INVALID_CONTENT_LENGTH' || code === 'HPE_INVALID_TRANSFER_ENCODING')
    return 'the length of the body is not clear: send one Content-Length, in digits, or Transfer-Encoding: chunked alone';
  if (/CHUNK/.test(code) || code === 'HPE_STRICT') return 'the chunks of the body cannot be read';
  const line = FIRST_LINE.exec(head)?.[0] ?? '';
  if (/[\u0080-\u00ff]/.test(line)) return 'the URL has characters beyond ASCII: percent-encode them';
  if (/^[A-Z]+ \S+ .* HTTP\//.test(line)) return 'the URL has a space in it: write %20';
  if (/^[A-Z]+ [^/ *]\S* HTTP\//.test(line)) return 'the path must begin with a slash';
  if (/^[a-z]+ /.test(line)) return 'the method is written in capitals: POST';
  if (code === 'HPE_INVALID_HEADER_TOKEN') return 'a header is not a name, a colon and a value';
  return null;
}

function fieldOf(code: string): string | null {
  if (/CONTENT_LENGTH/.test(code)) return 'content-length';
  return /TRANSFER_ENCODING/.test(code) ? 'transfer-encoding' : null;
}
