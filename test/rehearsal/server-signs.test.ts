import { describe, expect, it } from 'vitest';
import { createServerSignsLog } from '../../lab/rehearsal/server-signs.ts';
import type { WireAttempt } from '../../lab/rehearsal/wire-word.ts';
import type { EspReply } from '../../src/probe/esp.ts';
import { requestFor } from '../simulator/sample-request.ts';

const REQUEST = requestFor('chat', 'A');
const ECHO = { referenceId: REQUEST.referenceId, userData: null };
const REPLIES = {
  alive: { kind: 'response', ...ECHO },
  dead: { kind: 'fault', ...ECHO, service: 'Chat', faultCode: '100', faultString: null },
  down: { kind: 'error', ...ECHO, errorCode: 1, errorMessage: 'Not found by name' },
  odd: { kind: 'error', ...ECHO, errorCode: 2, errorMessage: null },
} as const satisfies Record<string, EspReply>;
type Word = keyof typeof REPLIES;

/** What is known after these words, each about a Chat Server, sent at one moment and settled at another. */
function signsAfter(...words: readonly (readonly [string, Word, number, number?])[]) {
  const signs = createServerSignsLog();
  for (const [server, word, atMs, settledAtMs = atMs + 5] of words) {
    const attempt: WireAttempt = { atMs, request: REQUEST, settledAtMs, outcome: { kind: 'reply', reply: REPLIES[word] } };
    signs.heard(server, attempt, settledAtMs);
  }
  return signs.of('A');
}

describe('what a Chat Server gives away', () => {
  it('is that it is down since the first "not found" in a row', () => {
    expect(signsAfter(['A', 'alive', 0], ['A', 'down', 100], ['A', 'down', 900])).toMatchObject({ downSinceMs: 105, provenForMs: 800 });
    expect(signsAfter(['A', 'down', 100], ['A', 'odd', 500], ['A', 'down', 900])).toMatchObject({ downSinceMs: 105, provenForMs: 800 });
  });

  it.each(['alive', 'dead'] as const)('is that it is up by a reply of its own, %s', (word) => {
    expect(signsAfter(['A', 'down', 100], ['A', word, 200])).toMatchObject({ downSinceMs: Number.POSITIVE_INFINITY, provenForMs: 0 });
    expect(signsAfter(['A', 'down', 100], ['A', word, 200], ['A', 'down', 300])).toMatchObject({ downSinceMs: 305, provenForMs: 0 });
  });

  it('begins anew after more than 90 s without a sign', () => {
    expect(signsAfter(['A', 'down', 0], ['A', 'down', 90_000]).downSinceMs).toBe(5);
    expect(signsAfter(['A', 'down', 0], ['A', 'down', 90_001])).toMatchObject({ downSinceMs: 90_006, provenForMs: 0 });
  });

  it('is not changed by a reply to an older message', () => {
    expect(signsAfter(['A', 'down', 100], ['A', 'alive', 50, 2_000]).downSinceMs).toBe(105);
    expect(signsAfter(['A', 'alive', 100], ['A', 'down', 50, 2_000]).downSinceMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('is told beside when another one was last alive', () => {
    expect(signsAfter(['A', 'alive', 500], ['B', 'dead', 100], ['C', 'alive', 50], ['B', 'down', 900]).aliveElsewhereAtMs).toBe(105);
    expect(signsAfter(['A', 'alive', 500]).aliveElsewhereAtMs).toBe(Number.NEGATIVE_INFINITY);
  });
});
