import { describe, expect, it } from 'vitest';
import { FILES, text } from '../support/pages.ts';

const page = text('docs/security.md');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
const threats = rows.filter((_, at) => {
  const header = rows.slice(0, at + 1).findLast(([first = '']) => /^(?:Threat|Asset|Who|What)$/.test(first));
  return header?.[0] === 'Threat' && rows[at] !== header;
});
/** File and titles of each test that a row names. */
const named = threats.flatMap(([threat = '', , tests = '']) =>
  tests.split(/[;,] (?=`)/).map((test) => ({
    threat,
    file: /^`(test\/[^`]+)`/.exec(test)?.[1] ?? '',
    titles: [...test.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
  })),
);

describe('docs/security.md', () => {
  it('tells for every threat which test holds what stands against it', () => {
    expect(threats.length).toBeGreaterThan(25);
    expect(named.filter(({ file }) => !FILES.includes(file))).toEqual([]);
  });

  it('names tests by titles that they have', () => {
    const missing = named.flatMap(({ threat, file, titles }) =>
      titles.filter((title) => !text(file).includes(`'${title}'`)).map((title) => `${threat}: ${title}`),
    );
    expect(named.filter(({ titles }) => titles.length > 0).length).toBeGreaterThan(12);
    expect(missing).toEqual([]);
  });

  it('is where SECURITY.md sends its readers, and knows no address to write to', () => {
    expect(text('SECURITY.md')).toContain('docs/security.md');
    expect(text('SECURITY.md') + page).not.toMatch(/[\w.]+@[\w-]+\.\w/);
  });
});
