/** Where a long command shows how far it is; `process.stdout` is one. */
export interface ProgressOut {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far a long command is: as a bar on a terminal, as a line a minute elsewhere, where a log is read later. */
export interface Progress {
  /**
   * @param done how much, of the whole.
   * @param line what to say where there is no terminal; called only when it is due.
   */
  tell(done: number, line: () => string | Promise<string>): Promise<void>;
  /** Takes the bar away, so that something else can be written. The next `tell` draws it anew. */
  clear(): void;
}

const LINE_EVERY_MS = 60_000;
const BAR_WIDTH = 40;
/** Back to the beginning of the line, and nothing left in it. */
const CLEAR_LINE = '\r\u001b[K';

/** @param whole what `done` comes to in the end; above 0. */
export function createProgress(whole: number, out: ProgressOut, nowMs: () => number): Progress {
  let toldMs = nowMs();
  let drawn = '';
  return {
    async tell(done, line) {
      if (out.isTTY === true) {
        const bar = barOf(done / whole);
        if (bar !== drawn) out.write(`${CLEAR_LINE}${bar}`);
        drawn = bar;
      } else if (nowMs() - toldMs >= LINE_EVERY_MS) {
        toldMs = nowMs();
        out.write(`${await line()}\n`);
      }
    },
    clear() {
      if (drawn !== '') out.write(CLEAR_LINE);
      drawn = '';
    },
  };
}

function barOf(share: number): string {
  const kept = Math.min(1, Math.max(0, share));
  const full = Math.floor(BAR_WIDTH * kept);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${String(Math.floor(100 * kept)).padStart(3)} %`;
}
