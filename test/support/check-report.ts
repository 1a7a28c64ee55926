/** What a check prints: a line for each thing that it looked at. The caller's exit code is how many were not so. */
export interface CheckReport {
  /** A line that judges nothing. */
  say(line: string): void;
  /** @param found what was there instead, shown if it is not so. */
  check(what: string, isSo: boolean, found: unknown): void;
  readonly failed: number;
}

/** Each line tells how many seconds after the start it was written. */
export function createCheckReport(write: (text: string) => void = (text) => void process.stdout.write(text)): CheckReport {
  const begunMs = performance.now();
  let failed = 0;
  const say = (line: string): void => write(`${String(Math.round((performance.now() - begunMs) / 1_000)).padStart(4)} s  ${line}\n`);
  return {
    say,
    check(what, isSo, found) {
      if (!isSo) failed += 1;
      say(isSo ? `ok  ${what}` : `NOT OK  ${what}: ${JSON.stringify(found)}`);
    },
    get failed() {
      return failed;
    },
  };
}
