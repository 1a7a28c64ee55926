import type { IncomingMessage } from 'node:http';

/** Whether a request says that a body follows, be it an empty one. */
export function hasLength({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** The lines of a header, by its name in lower case. Node.js keeps the first of a content type alone. */
export function headerLines({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}
