/**
 * What to do on a signal: the first one closes, then exits with 0 (1 if closing fails); any further one exits with 1 at once.
 *
 * @param exit ends the process.
 */
export function createShutDown(close: () => Promise<void>, exit: (code: number) => void): () => void {
  let isClosing = false;
  return () => {
    if (isClosing) {
      exit(1);
      return;
    }
    isClosing = true;
    close().then(
      () => exit(0),
      () => exit(1),
    );
  };
}
