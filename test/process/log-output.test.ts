import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realClock } from '../../src/probe/clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createLogOutput, LAST_LINES_MS, MAX_WAITING_BYTES } from '../../src/process/log-output.ts';
import { namedPipe, temporaryFolder } from '../support/named-pipe.ts';

const LINE = `${'x'.repeat(1_023)}\n`;

/** Both ends of a pipe that does not block; the reader reads when it is told to. The output closes the writing end. */
function pipe() {
  const named = namedPipe();
  const [reader, writer] = [named.reader(), named.writer(constants.O_NONBLOCK)];
  const bytes = Buffer.alloc(MAX_WAITING_BYTES);
  /** Bytes that wait; 0 if none do. */
  const read = (): number => {
    try {
      return readSync(reader, bytes);
    } catch {
      return 0;
    }
  };
  return { writer, read, leave: () => closeSync(reader) };
}

it('writes every line in order, those that have just come too', async () => {
  const path = join(temporaryFolder(), 'log');
  const fd = openSync(path, 'w');
  const output = createLogOutput({ fd, clock: realClock, onLost: () => undefined });
  const lines = Array.from({ length: 3_000 }, (_, n) => `${n} ünïcödé ${'.'.repeat(n % 200)}\n`);
  for (const line of lines) output.write(line);
  await output.end(LAST_LINES_MS);
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
});

it('writes a line that comes alone within moments', async () => {
  const { writer, read } = pipe();
  const output = createLogOutput({ fd: writer, clock: realClock, onLost: () => undefined });
  output.write(LINE);
  await expect.poll(read, { timeout: 5_000 }).toBe(LINE.length);
  await output.end(LAST_LINES_MS);
});

it('drops lines while the reader is stuck, and tells how many when it reads again', async () => {
  const { writer, read } = pipe();
  const lost: number[] = [];
  const output = createLogOutput({ fd: writer, clock: realClock, onLost: (lines) => lost.push(lines) });
  const lines = (MAX_WAITING_BYTES / LINE.length) * 2;
  for (let n = 0; n < lines; n += 1) output.write(LINE);
  let gotBytes = 0;
  const reading = setInterval(() => {
    gotBytes += read();
  }, 5);
  onTestFinished(() => clearInterval(reading));
  await expect.poll(() => lost.length, { timeout: 30_000 }).toBe(1);
  await expect.poll(() => gotBytes / LINE.length + (lost[0] ?? 0), { timeout: 5_000 }).toBe(lines);
  expect(lost[0]).toBe(lines / 2);
  await output.end(LAST_LINES_MS);
});

it('ends though nobody reads', async () => {
  const { writer } = pipe();
  const clock = createVirtualClock();
  const output = createLogOutput({ fd: writer, clock, onLost: () => undefined });
  for (let n = 0; n < 100; n += 1) output.write(LINE);
  let hasEnded = false;
  const ended = output.end(LAST_LINES_MS).then(() => {
    hasEnded = true;
  });
  await clock.advance(LAST_LINES_MS - 1);
  expect(hasEnded).toBe(false);
  await clock.advance(1);
  await ended;
});

it('ends at once when the reader is gone, however often it is asked to, and takes what comes after that for lost', async () => {
  const { writer, leave } = pipe();
  const output = createLogOutput({ fd: writer, clock: createVirtualClock(), onLost: () => undefined });
  leave();
  output.write(LINE);
  await output.end(LAST_LINES_MS);
  output.write(LINE);
  await expect(output.end(LAST_LINES_MS)).resolves.toBeUndefined();
});

it('ends at once when nothing waits, and once more', async () => {
  const { writer } = pipe();
  const output = createLogOutput({ fd: writer, clock: createVirtualClock(), onLost: () => undefined });
  await output.end(LAST_LINES_MS);
  await expect(output.end(LAST_LINES_MS)).resolves.toBeUndefined();
});
