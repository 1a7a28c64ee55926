/** Largest reference id. They are 32-bit (docs/genesys.md); staying positive suits signed and unsigned readers alike. */
export const MAX_REFERENCE_ID = 2 ** 31 - 1;

/**
 * Numbers messages from 1 to `MAX_REFERENCE_ID` and round again.
 *
 * @param first the first number; taken at random, two instances behind one gateway rarely use the same at the same time.
 */
export function createReferenceIds(first: number): () => number {
  let next = first;
  return () => {
    const id = next;
    next = id >= MAX_REFERENCE_ID ? 1 : id + 1;
    return id;
  };
}
