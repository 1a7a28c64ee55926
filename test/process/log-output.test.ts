import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realClock } from '../../src/probe/clock.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { MAX_WAITING_BYTES } from '../../src/process/line-buffer.ts';
import { type DescriptorWriting, LOG_DELAY_MS, LogOutput } from '../../src/process/log-output.ts';

/** A descriptor whose reader does what the test says. */
function scripted() {
  const clock = createVirtualClock();
  const out = { text: '', calls: 0, lost: [] as number[] };
  let answer: (() => void) | null = null;
  /** What the next writes come to: all of it, so many bytes, or an error; then all of it. */
  const script: (number | string)[] = [];
  const put = (bytes: Uint8Array): number => {
    out.calls += 1;
    const next = script.shift() ?? bytes.length;
    if (typeof next === 'string') throw Object.assign(new Error(next), { code: next });
    const some = bytes.subarray(0, next);
    out.text += Buffer.from(some).toString('latin1');
    return some.length;
  };
  const files: DescriptorWriting = {
    write(_fd, bytes, offset, length, _position, callback) {
      answer = () => {
        let writtenBytes: number;
        try {
          writtenBytes = put(bytes.subarray(offset, offset + length));
        } catch (error) {
          callback(error as NodeJS.ErrnoException, 0);
          return;
        }
        callback(null, writtenBytes);
      };
    },
    writeSync: (_fd, bytes) => put(bytes),
  };
  const output = new LogOutput({ fd: 1, clock, files, onLost: (lines) => out.lost.push(lines) });
  /** Lets the write under way end, and those that follow it at once. */
  const settle = (times = 100): void => {
    for (let n = 0; n < times && answer !== null; n += 1) {
      const end = answer;
      answer = null;
      end();
    }
  };
  return { clock, out, script, output, settle, isWriting: () => answer !== null };
}

/** Two of these are enough for a write. */
const LONG = `${'0123456789abcdef'.repeat(1_024).slice(1)}\n`;

it('writes lines together, once the first of them has waited long enough', async () => {
  const { clock, out, output, settle, isWriting } = scripted();
  output.write('one\n');
  output.write('two\n');
  await clock.advance(LOG_DELAY_MS - 1);
  expect(isWriting()).toBe(false);
  await clock.advance(1);
  settle();
  expect([out.text, out.calls]).toEqual(['one\ntwo\n', 1]);
});

it('writes at once when enough lines wait', () => {
  const { out, output, settle } = scripted();
  for (let n = 0; n < 3; n += 1) output.write(LONG);
  settle(1);
  expect(out.text).toBe(LONG + LONG);
});

it('writes what came during a write after it, even if its time was over meanwhile', async () => {
  const { clock, out, output, settle } = scripted();
  for (const line of [LONG, LONG, 'later\n']) output.write(line);
  await clock.advance(LOG_DELAY_MS);
  expect(out.text).toBe('');
  settle();
  expect(out.text).toBe(`${LONG}${LONG}later\n`);
});

it('goes on where a write has stopped short', () => {
  const { out, output, script, settle } = scripted();
  script.push(5, 1);
  for (const line of [LONG, LONG]) output.write(line);
  settle();
  expect(out.text).toBe(LONG + LONG);
  expect(out.calls).toBe(3);
});

it('tries again a little later when the descriptor is busy, and loses nothing', async () => {
  const { clock, out, output, script, settle } = scripted();
  script.push(3, 'EAGAIN', 'EAGAIN');
  for (const line of [LONG, LONG]) output.write(line);
  for (let n = 0; n < 5; n += 1) {
    settle();
    await clock.advance(10);
  }
  expect(out.text).toBe(LONG + LONG);
  expect(out.lost).toEqual([]);
});

it('drops lines while the reader is stuck, and tells how many when it reads again', () => {
  const { out, output, settle } = scripted();
  const lines = Math.ceil((MAX_WAITING_BYTES * 2) / LONG.length);
  for (let n = 0; n < lines; n += 1) output.write(LONG);
  settle(1000);
  const [lost = 0] = out.lost;
  expect(out.lost).toHaveLength(1);
  expect(lost).toBeGreaterThan(lines / 4);
  expect(out.text).toBe(LONG.repeat(lines - lost));
});

it('counts what a broken descriptor took with it, and tells only when a write succeeds', async () => {
  const { clock, out, output, script, settle } = scripted();
  script.push('EPIPE', 'EPIPE');
  for (const line of ['one\n', 'two\n', 'three\n']) {
    output.write(line);
    if (line === 'one\n') continue;
    await clock.advance(LOG_DELAY_MS);
    settle();
  }
  expect(out.lost).toEqual([]);
  output.write('four\n');
  await clock.advance(LOG_DELAY_MS);
  settle();
  expect([out.lost, out.text]).toEqual([[3], 'four\n']);
});

it('is drained only when the last line is out', async () => {
  const { out, output, settle } = scripted();
  for (const line of [LONG, LONG, 'last\n']) output.write(line);
  let isDrained = false;
  const drained = output.drained().then(() => {
    isDrained = true;
  });
  settle(1);
  await Promise.resolve();
  expect([isDrained, out.text.length]).toEqual([false, 2 * LONG.length]);
  settle();
  await drained;
  expect(out.text).toBe(`${LONG}${LONG}last\n`);
});

it('is drained at once when nothing waits', async () => {
  await expect(scripted().output.drained()).resolves.toBeUndefined();
});

it('writes what is left in the same tick at the end of the process, busy or not, in parts or whole', () => {
  const { out, output, script } = scripted();
  script.push(2, 'EAGAIN', 1);
  output.write('left over\n');
  output.flushSync();
  expect(out.text).toBe('left over\n');
});

it('puts the last lines after a write that is under way', () => {
  const { out, output, settle } = scripted();
  for (const line of [LONG, LONG]) output.write(line);
  settle(0);
  output.write('last\n');
  output.flushSync();
  expect(out.text).toBe('last\n');
  settle();
  expect(out.text).toBe(`last\n${LONG}${LONG}`);
});

it('gives up at the end of the process when the reader is gone', () => {
  const { out, output, script } = scripted();
  script.push('EPIPE');
  output.write('nobody reads this\n');
  output.flushSync();
  expect([out.text, out.calls]).toEqual(['', 1]);
});

it('writes to a real file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const output = new LogOutput({ fd, clock: realClock, onLost: () => undefined });
  const lines = Array.from({ length: 3_000 }, (_, n) => `${n} ünïcödé ${'.'.repeat(n % 200)}\n`);
  for (const line of lines) output.write(line);
  await output.drained();
  output.write('the end\n');
  output.flushSync();
  closeSync(fd);
  expect(readFileSync(path, 'utf8')).toBe(`${lines.join('')}the end\n`);
});
