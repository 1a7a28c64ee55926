import { describe, expect, it } from 'vitest';
import { box, grouped, label, svgOf } from '../../lab/rehearsal/svg.ts';
import { problemsOfSvg } from '../support/svg-check.ts';

const picture = (title: string, body: readonly string[] = []) => svgOf({ width: 800, height: 10, title, description: 'all of it', body });

describe('a picture', () => {
  it('is one self-contained file with words for who cannot see it', () => {
    expect(problemsOfSvg(picture('An outage', [label(1, 2, 'words'), box({ x: 1, y: 2, width: 3, height: 4 }, 'up', 'told')]))).toEqual([]);
  });

  it('shows any name as it is, and none becomes markup', () => {
    const name = `</title><script>alert("1")</script>&amp; 'x'`;
    const svg = picture(name, [label(0, 0, name), box({ x: 0, y: 0, width: 1, height: 1 }, 'up', name)]);
    expect(problemsOfSvg(svg)).toEqual([]);
    const shown = '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp; &apos;x&apos;';
    expect(svg.split(shown)).toHaveLength(4);
  });

  it.each(['\u0000', '\u001b', '\ud800', '\uffff'])('replaces what XML cannot hold: %j', (sign) => {
    expect(label(0, 0, `a${sign}b`)).toContain('>a\ufffdb<');
  });

  it('keeps the signs of every script', () => {
    expect(label(0, 0, 'Ünï 聊天 😀')).toContain('>Ünï 聊天 😀<');
  });
});

describe('the check of a picture', () => {
  it.each([
    ['loose', (svg: string) => svg.replace('all of it', 'a < b')],
    ['not ended', (svg: string) => svg.replace('</svg>', '')],
    ['ends nothing', (svg: string) => svg.replace('</desc>', '</title>')],
    ['twice', (svg: string) => svg.replace('role="img"', 'role="img" role="img"')],
    ['a bad value', (svg: string) => svg.replace('height="10"/>', 'height="NaN"/>')],
    ['from outside', (svg: string) => svg.replace('<style>', '<style>@import "x";')],
    ['no dark colours', (svg: string) => svg.replace('dark', 'light')],
  ])('finds what is %s', (word, spoil) => {
    expect(problemsOfSvg(spoil(picture('An outage'))).join('; ')).toContain(word);
  });
});

it.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [1_234_567, '1,234,567'],
])('writes %d as %s', (count, text) => {
  expect(grouped(count)).toBe(text);
});
