/** Size of a piece. Large enough that writing it costs little per line, small enough for a pipe to take at once. */
export const PIECE_BYTES = 65_536;
/** Most that may wait, in bytes. Beyond it lines are refused: a log that nobody reads must not eat the memory. */
export const MAX_WAITING_BYTES = 64 * PIECE_BYTES;

/** UTF-8 needs at most three bytes for one unit of a JavaScript string. */
const MAX_BYTES_PER_UNIT = 3;

/** Whole lines, ready to be written. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly lines: number;
}

/** Text lines on their way out, packed into pieces of memory that are used again and again. */
export class LineBuffer {
  #filling: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #filledBytes = 0;
  #filledLines = 0;
  readonly #full: Piece[] = [];
  #fullBytes = 0;
  #spare: Buffer | null = null;

  /** What waits, in bytes. */
  get bytes(): number {
    return this.#fullBytes + this.#filledBytes;
  }

  /** Takes a line with its line break. Returns false, and takes nothing, if too much waits already. */
  add(line: string): boolean {
    const mostBytes = line.length * MAX_BYTES_PER_UNIT;
    if (mostBytes > this.#filling.length - this.#filledBytes && !this.#makeRoom(mostBytes)) return false;
    // At once, not at the end: pino's lines are ropes of many strings, and joining a piece of them took longer than the rest of a line.
    this.#filledBytes += this.#filling.write(line, this.#filledBytes);
    this.#filledLines += 1;
    return true;
  }

  /** Hands out the oldest lines; null if none wait. Give the piece back once it is written. */
  take(): Piece | null {
    if (this.#full.length === 0 && this.#filledBytes > 0) this.#startNext(PIECE_BYTES);
    const piece = this.#full.shift() ?? null;
    this.#fullBytes -= piece?.bytes.length ?? 0;
    return piece;
  }

  /** Its memory may be filled anew. */
  giveBack({ bytes }: Piece): void {
    if (bytes.buffer.byteLength === PIECE_BYTES) this.#spare = Buffer.from(bytes.buffer);
  }

  #makeRoom(mostBytes: number): boolean {
    const sizeBytes = Math.max(PIECE_BYTES, mostBytes);
    if (this.bytes + sizeBytes > MAX_WAITING_BYTES) return false;
    this.#startNext(sizeBytes);
    return true;
  }

  #startNext(sizeBytes: number): void {
    if (this.#filledBytes > 0) this.#full.push({ bytes: this.#filling.subarray(0, this.#filledBytes), lines: this.#filledLines });
    this.#fullBytes += this.#filledBytes;
    this.#filledBytes = 0;
    this.#filledLines = 0;
    if (this.#spare !== null && sizeBytes === PIECE_BYTES) {
      this.#filling = this.#spare;
      this.#spare = null;
    } else this.#filling = Buffer.allocUnsafeSlow(sizeBytes);
  }
}
