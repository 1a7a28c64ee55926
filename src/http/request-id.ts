import type { IncomingMessage } from 'node:http';
import { freshId } from './fresh-id.ts';

/** Characters that are safe in logs and headers. */
export const REQUEST_ID_PATTERN = '^[A-Za-z0-9._~:/+=@-]{1,128}$';

const SAFE = new RegExp(REQUEST_ID_PATTERN);

/** The caller's `x-request-id` if it is safe, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SAFE.test(given) ? given : freshId();
}
