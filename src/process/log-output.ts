import { write, writeSync } from 'node:fs';
import type { Clock } from '../probe/clock.ts';
import { LineBuffer, PIECE_BYTES, type Piece } from './line-buffer.ts';

/** Longest that a line waits for others, while the reader keeps up. */
export const LOG_DELAY_MS = 100;
/** What is worth a system call of its own before that. */
const ENOUGH_BYTES = PIECE_BYTES / 2;
/** How long a descriptor that cannot take more is left alone. */
const BUSY_MS = 10;
/** Tries at the end of the process, `BUSY_MS` apart, before what is left is given up. */
const LAST_TRIES = 100;
const BUSY = new Set(['EAGAIN', 'EBUSY']);

/** The part of `node:fs` that is used. */
export interface DescriptorWriting {
  write(
    fd: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: null,
    callback: (error: NodeJS.ErrnoException | null, writtenBytes: number) => void,
  ): void;
  writeSync(fd: number, bytes: Uint8Array): number;
}

export interface LogOutputParts {
  readonly fd: number;
  readonly clock: Clock;
  /**
   * Called after the output works again, with the number of lines that were lost: the reader was too slow, or could not
   * take them.
   */
  readonly onLost: (lines: number) => void;
  readonly files?: DescriptorWriting;
}

/**
 * Writes lines to a descriptor of any kind, in order, many at a time, one write under way at once. Never blocks before
 * the end of the process, and holds no more than `MAX_WAITING_BYTES`. pino's own destination takes five times as long for a
 * line: it measures all the text that waits again for each (bench/README.md).
 */
export class LogOutput {
  readonly #parts: LogOutputParts;
  readonly #files: DescriptorWriting;
  readonly #waiting = new LineBuffer();
  #writing: Piece | null = null;
  #isScheduled = false;
  #lostLines = 0;
  #onDrained: (() => void)[] = [];

  constructor(parts: LogOutputParts) {
    this.#parts = parts;
    this.#files = parts.files ?? { write, writeSync };
  }

  /** Takes a line with its line break. It is out `LOG_DELAY_MS` later at most, unless the reader is slow. */
  write(line: string): void {
    if (!this.#waiting.add(line)) this.#lostLines += 1;
    if (this.#waiting.bytes >= ENOUGH_BYTES) this.#next();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#parts.clock.schedule(LOG_DELAY_MS, () => {
        this.#isScheduled = false;
        this.#next();
      });
    }
  }

  /** Resolves once every line is out, or lost. Never rejects. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
      this.#next();
    });
  }

  /**
   * For the end of the process, and for a fault that may be the end: blocks until every line is out. A write that is
   * under way is given the time that one takes; Node.js waits for it before it exits.
   */
  flushSync(): void {
    if (this.#writing !== null) pause(BUSY_MS);
    for (let piece = this.#waiting.take(); piece !== null; piece = this.#waiting.take()) this.#putSync(piece.bytes);
  }

  #next(): void {
    if (this.#writing !== null) return;
    this.#writing = this.#waiting.take();
    if (this.#writing !== null) this.#put(this.#writing, 0);
    else for (const resolve of this.#onDrained.splice(0)) resolve();
  }

  #put(piece: Piece, from: number): void {
    this.#files.write(this.#parts.fd, piece.bytes, from, piece.bytes.length - from, null, (error, writtenBytes) => {
      if (isBusy(error)) this.#parts.clock.schedule(BUSY_MS, () => this.#put(piece, from));
      else if (error === null && from + writtenBytes < piece.bytes.length) this.#put(piece, from + writtenBytes);
      else this.#finish(piece, error === null);
    });
  }

  #finish(piece: Piece, isOut: boolean): void {
    this.#writing = null;
    this.#waiting.giveBack(piece);
    if (!isOut) this.#lostLines += piece.lines;
    else if (this.#lostLines > 0) {
      const lostLines = this.#lostLines;
      this.#lostLines = 0;
      this.#parts.onLost(lostLines);
    }
    // What waits for its time may go on waiting, so that lines go out together.
    if (!this.#isScheduled || this.#waiting.bytes >= ENOUGH_BYTES || this.#onDrained.length > 0) this.#next();
  }

  #putSync(bytes: Uint8Array): void {
    let left = bytes;
    for (let tries = 0; left.length > 0 && tries < LAST_TRIES; ) {
      try {
        left = left.subarray(this.#files.writeSync(this.#parts.fd, left));
      } catch (error) {
        if (!isBusy(error)) return;
        tries += 1;
        pause(BUSY_MS);
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && BUSY.has(error.code);
}

/** Blocks. For moments at which nothing else may happen any more. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
