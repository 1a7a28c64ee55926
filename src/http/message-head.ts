import type { IncomingMessage } from 'node:http';
import type { Problem } from './problems.ts';

/** What a caller hears whose body came without a word of its length. */
export const UNANNOUNCED: Problem = {
  code: 'length_required',
  detail:
    'the request does not say how long its body is: send Content-Length (0 without a body), or Transfer-Encoding: chunked under HTTP/1.1',
  field: 'content-length',
};

/** Whether a request says that a body follows, be it an empty one. */
export function hasLength({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Whether a request was meant to have a body although it does not say how long that is: then what follows it may be that body. */
export function maySkipLength(request: IncomingMessage): boolean {
  return request.method === 'POST' && !hasLength(request) && (isBefore11(request) || saysItsType(request));
}

export function saysItsType(request: IncomingMessage): boolean {
  return headerLines(request, 'content-type').length > 0;
}

/** Where a body without a length could only end with the connection. */
export function isBefore11({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor < 1 || (httpVersionMajor === 1 && httpVersionMinor < 1);
}

/** The lines of a header, by its name in lower case. Node.js keeps the first of a content type alone. */
export function headerLines({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}
