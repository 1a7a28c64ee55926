import { randomUUID } from 'node:crypto';

/**
 * A new UUID, in one piece: as it comes from Node.js it is some thirty small strings, which V8 keeps for as long as nobody looks
 * into them.
 */
export function freshId(): string {
  const id = randomUUID();
  id.charCodeAt(0);
  return id;
}
