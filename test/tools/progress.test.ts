import { describe, expect, it } from 'vitest';
import { createProgress } from '../../tools/progress.ts';

function told(isTTY: boolean | undefined, steps: readonly { readonly atMs: number; readonly done: number }[]) {
  const written: string[] = [];
  let nowMs = 0;
  const out = { ...(isTTY === undefined ? {} : { isTTY }), write: (text: string) => written.push(text) };
  const progress = createProgress(200, out, () => nowMs);
  const play = async () => {
    for (const { atMs, done } of steps) {
      nowMs = atMs;
      await progress.tell(done, () => `${done} of 200`);
    }
    return written;
  };
  return { play, progress, written };
}

describe('a long command', () => {
  it('draws a bar on a terminal, again only when it has grown', async () => {
    const { play } = told(true, [
      { atMs: 0, done: 0 },
      { atMs: 1, done: 101 },
      { atMs: 2, done: 101 },
      { atMs: 3, done: 200 },
    ]);
    expect(await play()).toEqual([
      `\r\u001b[K[${'.'.repeat(40)}]   0 %`,
      `\r\u001b[K[${'#'.repeat(20)}${'.'.repeat(20)}]  50 %`,
      `\r\u001b[K[${'#'.repeat(40)}] 100 %`,
    ]);
  });

  it('keeps the bar within its brackets, whatever is done', async () => {
    const { play } = told(true, [
      { atMs: 0, done: -5 },
      { atMs: 1, done: 900 },
    ]);
    expect(await play()).toEqual([expect.stringMatching(/\[\.{40}\] {3}0 %$/), expect.stringMatching(/\[#{40}\] 100 %$/)]);
  });

  it('takes the bar away once, and draws it again after that', async () => {
    const { play, progress, written } = told(true, [{ atMs: 0, done: 20 }]);
    await play();
    progress.clear();
    progress.clear();
    expect(written.slice(1)).toEqual(['\r\u001b[K']);
    await play();
    expect(written).toHaveLength(3);
  });

  it.each([false, undefined])('writes a line a minute where there is no terminal (%s), and takes nothing away', async (isTTY) => {
    const { play, progress, written } = told(isTTY, [
      { atMs: 0, done: 0 },
      { atMs: 59_999, done: 50 },
      { atMs: 60_000, done: 60 },
      { atMs: 119_000, done: 70 },
      { atMs: 121_000, done: 80 },
    ]);
    expect(await play()).toEqual(['60 of 200\n', '80 of 200\n']);
    progress.clear();
    expect(written).toHaveLength(2);
  });
});
