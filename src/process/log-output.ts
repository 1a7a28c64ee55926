import { type DestinationStream, pino } from 'pino';
import { createCancelController } from '../probe/cancel-signal.ts';
import { type Clock, wait } from '../probe/clock.ts';
import { createEndOfTurn } from '../probe/end-of-turn.ts';

/** Longest that a line waits for others, while the reader keeps up. */
const LOG_DELAY_MS = 100;
/** What is worth a system call before that, and the thread that makes it: of a probe's time under load a quarter as much took a twelfth. */
const ENOUGH_BYTES = 32_768;
/** Characters that are handed on without waiting for the end of the turn: a whole crowd's lines at once would be more than may wait. */
const ENOUGH_GATHERED = 8_192;
/** What a pipe holds. */
const MOST_AT_ONCE_BYTES = 65_536;
/** Most that may wait. Beyond it lines are lost: a log that nobody reads must not eat the memory. */
export const MAX_WAITING_BYTES = 4 * 1_024 * 1_024;
/** Longest that the end of the process waits for a reader. */
export const LAST_LINES_MS = 2_000;
/** Longest where the process is to end at once: a reader who keeps up needs a few milliseconds. */
export const LAST_LINES_AT_ONCE_MS = 100;

export interface LogOutputParts {
  /** One that does not block: a write that nobody takes would hold the process for ever, even as it exits. */
  readonly fd: number;
  readonly clock: Clock;
  /** Called after the output works again, with the number of lines that were lost because the reader was too slow. */
  readonly onLost: (lines: number) => void;
}

export interface LogOutput extends DestinationStream {
  /** For the end of the process. Resolves once every line is out, or `withinMs` later; takes no more lines then. Never rejects. */
  end(withinMs: number): Promise<void>;
}

/** pino's own destination, bounded in memory and at the end of the process. */
export function createLogOutput({ fd, clock, onLost }: LogOutputParts): LogOutput {
  const destination = pino.destination({
    fd,
    sync: false,
    minLength: ENOUGH_BYTES,
    maxWrite: MOST_AT_ONCE_BYTES,
    maxLength: MAX_WAITING_BYTES,
    periodicFlush: LOG_DELAY_MS,
  });
  let lostLines = 0;
  destination.on('drop', (lines: string) => {
    lostLines += lines.split('\n').length - 1;
  });
  destination.on('drain', () => {
    if (lostLines === 0) return;
    const lines = lostLines;
    lostLines = 0;
    onLost(lines);
  });
  // pino calls it as the process exits. It tries for ever where the reader is slow or gone: `end` takes its place.
  destination.flushSync = () => undefined;
  const over = createCancelController();
  destination.once('close', () => over.abort('every line is out'));
  // Without this a full disk would be a fault that nothing caught. What it did not take is tried again at the next flush.
  destination.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') over.abort('the reader is gone');
  });
  let gathered = '';
  const handOver = (): void => {
    if (gathered !== '' && !over.signal.aborted) destination.write(gathered);
    gathered = '';
  };
  const atEndOfTurn = createEndOfTurn();
  return {
    // Those of one turn together: with each that it is given sonic-boom measures all that waits, up to 32 KB.
    write(line) {
      if (gathered === '') atEndOfTurn(handOver);
      gathered += line;
      if (gathered.length >= ENOUGH_GATHERED) handOver();
    },
    end(withinMs) {
      handOver();
      if (!over.signal.aborted) destination.end();
      return wait(clock, withinMs, over.signal);
    },
  };
}
