import { describe, expect, it } from 'vitest';
import { createEndOfTurn } from '../../src/probe/end-of-turn.ts';

describe('the end of a turn', () => {
  /** One turn of the event loop. */
  function turn(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  it('calls back at the end of the turn, in the order of asking and one right after the other', async () => {
    const atEndOfTurn = createEndOfTurn();
    const heard: string[] = [];
    for (const name of ['first', 'second']) {
      atEndOfTurn(() => {
        heard.push(name);
        queueMicrotask(() => heard.push(`what follows from the ${name}`));
      });
    }
    await Promise.resolve();
    expect(heard).toEqual([]);
    await turn();
    expect(heard).toEqual(['first', 'second', 'what follows from the first', 'what follows from the second']);
  });

  it('calls back in a later turn those who ask while others are called back', async () => {
    const atEndOfTurn = createEndOfTurn();
    const heard: string[] = [];
    atEndOfTurn(() => {
      heard.push('one');
      atEndOfTurn(() => heard.push('two'));
    });
    await turn();
    expect(heard).toEqual(['one']);
    await turn();
    expect(heard).toEqual(['one', 'two']);
  });

  it('lets others have their turn while a crowd is called back, and forgets nobody', async () => {
    const atEndOfTurn = createEndOfTurn();
    const heard: number[] = [];
    for (let n = 0; n < 1_000; n += 1) atEndOfTurn(() => heard.push(n));
    let turns = 0;
    while (heard.length < 1_000) {
      const before = heard.length;
      await turn();
      turns += 1;
      expect(heard.length - before).toBeLessThanOrEqual(64);
      if (turns === 3) for (let n = 1_000; n < 1_010; n += 1) atEndOfTurn(() => heard.push(n));
    }
    expect(turns).toBeGreaterThanOrEqual(16);
    await turn();
    expect(heard).toEqual(Array.from({ length: 1_010 }, (_, n) => n));
  });
});
