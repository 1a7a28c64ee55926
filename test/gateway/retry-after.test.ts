import { describe, expect, it } from 'vitest';
import { MAX_RETRY_AFTER_MS, retryAfterMs } from '../../src/gateway/read-answer.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('a Retry-After header', () => {
  it.each([
    ['seconds', '3', 3_000],
    ['seconds with blanks around', ' 3 ', 3_000],
    ['no time at all', '0', 0],
    ['a date to come', 'Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['a date gone by', 'Fri, 02 Jan 2026 03:04:04 GMT', 0],
    ['far too many seconds', '99999999999', MAX_RETRY_AFTER_MS],
    ['a date far away', 'Sat, 02 Jan 2027 03:04:05 GMT', MAX_RETRY_AFTER_MS],
  ])('of %s is understood', (_, header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });

  it.each([
    ['a negative number', '-1'],
    ['a fraction', '1.5'],
    ['words', 'soon'],
    ['nothing', ''],
    ['a date of another form', '2026-01-02T03:04:15Z'],
    ['a date that does not exist', 'Fri, 99 Jan 2026 03:04:15 GMT'],
    ['two of them', ['1', '2']],
  ])('of %s is not believed', (_, header) => {
    expect(retryAfterMs(header, NOW)).toBeNull();
  });

  it('that is absent asks for nothing', () => {
    expect(retryAfterMs(undefined, NOW)).toBeNull();
  });
});
