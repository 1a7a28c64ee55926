import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIVE } from '../../src/http/status/status-sections.ts';
import { MOST_OUTAGES } from '../../src/status/outage-log.ts';
import { table, text } from '../support/pages.ts';

const PAGE = text('docs/status-page.md');
const PNG = '89504e470d0a1a0a';

describe('docs/status-page.md', () => {
  it.each(['light', 'dark'])('shows the page in %s, as `npm run pictures:status` draws it', (scheme) => {
    const picture = readFileSync(new URL(`../../docs/pictures/status-${scheme}.png`, import.meta.url));
    expect(picture.subarray(0, 8).toString('hex')).toBe(PNG);
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1_280, 1_380]);
    expect(picture.length).toBeLessThan(300_000);
    expect(PAGE).toContain(`(pictures/status-${scheme}.png)`);
  });

  it('tells of every part that follows, and of the bounds that hold', () => {
    const parts = table(PAGE, 'Part', 'It shows').map(([part = '']) => part);
    expect(parts).toEqual([
      'The headline',
      'Why was this chat stopped?',
      'Now',
      'Last hour',
      'Outages',
      'Last stops',
      'Release the guard',
      'Ask about a chat',
    ]);
    expect(Object.keys(LIVE)).toEqual(['headline', 'now', 'hour', 'outages', 'stops']);
    expect(PAGE).toContain(`The latest ${MOST_OUTAGES} are kept`);
  });
});
