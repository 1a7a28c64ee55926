const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a, 32 bits, as an unsigned integer (by Fowler, Noll and Vo): the same in every process and release. Spreads
 * alike texts; is no protection against somebody who chooses them. For ASCII, where a character is a byte.
 */
export function fnv1a(text: string): number {
  let hash = OFFSET_BASIS;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash >>> 0;
}
