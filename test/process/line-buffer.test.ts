import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineBuffer, MAX_WAITING_BYTES, PIECE_BYTES } from '../../src/process/line-buffer.ts';

/** Takes everything out. */
function drain(buffer: LineBuffer): string {
  let text = '';
  for (let piece = buffer.take(); piece !== null; piece = buffer.take()) {
    text += Buffer.from(piece.bytes).toString('utf8');
    buffer.giveBack(piece);
  }
  return text;
}

it('hands out what was added, in order, whatever the lines are made of', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => `${text}\n`);
  fc.assert(
    fc.property(fc.array(fc.tuple(line, fc.nat(3_000)), { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (lines, takeEvery) => {
      const buffer = new LineBuffer();
      const all = lines.map(([text, times]) => text.repeat(times + 1));
      let out = '';
      for (const [index, text] of all.entries()) {
        expect(buffer.add(text)).toBe(true);
        if (index % takeEvery === 0) out += drain(buffer);
      }
      expect(out + drain(buffer)).toBe(all.join(''));
      expect(buffer.bytes).toBe(0);
    }),
    { numRuns: 30 },
  );
});

it('hands out whole lines only, and says how many', () => {
  const buffer = new LineBuffer();
  const line = `${'x'.repeat(999)}\n`;
  for (let n = 0; n < 100; n += 1) buffer.add(line);
  const first = buffer.take();
  expect(first?.bytes.length).toBe((first?.lines ?? 0) * line.length);
  expect((first?.lines ?? 0) + (buffer.take()?.lines ?? 0)).toBe(100);
  expect(buffer.take()).toBeNull();
});

it('takes a line that is longer than a piece', () => {
  const buffer = new LineBuffer();
  const line = `${'é'.repeat(PIECE_BYTES)}\n`;
  expect([buffer.add('before\n'), buffer.add(line), buffer.add('after\n')]).toEqual([true, true, true]);
  expect(drain(buffer)).toBe(`before\n${line}after\n`);
});

it('refuses lines while too much waits, and takes them again once some of it is gone', () => {
  const buffer = new LineBuffer();
  const line = `${'x'.repeat(9_999)}\n`;
  let taken = 0;
  while (buffer.add(line)) taken += 1;
  expect(buffer.bytes).toBeLessThanOrEqual(MAX_WAITING_BYTES);
  expect(buffer.bytes).toBe(taken * line.length);
  expect(taken * line.length).toBeGreaterThan(MAX_WAITING_BYTES / 2);
  buffer.take();
  expect(buffer.add(line)).toBe(true);
});

it('keeps a piece as it is until it is given back', () => {
  const buffer = new LineBuffer();
  buffer.add('first\n');
  const first = buffer.take();
  for (let n = 0; n < 3; n += 1) {
    buffer.add('other\n');
    const other = buffer.take();
    if (other !== null) buffer.giveBack(other);
  }
  expect(Buffer.from(first?.bytes ?? []).toString()).toBe('first\n');
});

it('uses the memory of a piece that was given back again', () => {
  const buffer = new LineBuffer();
  const memory = new Set<ArrayBufferLike>();
  for (let n = 0; n < 20; n += 1) {
    buffer.add('line\n');
    const piece = buffer.take();
    if (piece === null) continue;
    memory.add(piece.bytes.buffer);
    buffer.giveBack(piece);
  }
  expect(memory.size).toBe(2);
});
