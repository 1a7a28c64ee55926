import { describe, expect, it } from 'vitest';
import { picturesOf } from '../../tools/rehearsals-pictures.ts';
import { FILES, linksIn, targetOf, text } from '../support/pages.ts';
import { problemsOfSvg } from '../support/svg-check.ts';

const PAGE = text('docs/rehearsals.md');
const PICTURES = picturesOf(PAGE);
const inShort = PICTURES.get('docs/pictures/in-short.svg') ?? '';

describe('the pictures of rehearsals', () => {
  it('are what is committed; if not: npm run rehearsals -- --pictures', () => {
    expect(FILES.filter((file) => /^docs\/pictures\/.*\.svg$/.test(file)).sort()).toEqual([...PICTURES.keys()].sort());
    for (const [file, picture] of PICTURES) expect(text(file), file).toBe(picture);
  });

  it.each([...PICTURES])('%s is one file by itself', (_file, picture) => {
    expect(problemsOfSvg(picture)).toEqual([]);
  });

  it('lead the README and the page, each the first thing that is shown', () => {
    for (const [page, picture] of [
      ['README.md', 'docs/pictures/in-short.svg'],
      ['docs/rehearsals.md', 'docs/pictures/rehearsals.svg'],
    ] as const) {
      const [, lead = ''] = text(page).split(/^# .*\n/m);
      expect(lead.split(/^## (?!In short)/m)[0]).toMatch(/^!\[[^\]]{30,}\]\(/m);
      expect(linksIn(page).map((link) => targetOf(page, link))).toContain(picture);
    }
  });

  it('show the figures of the tables', () => {
    const row = '| server-stays-down | inline | auto | 33320 |';
    expect(PAGE).toContain(row);
    const changed = picturesOf(PAGE.replace(row, '| server-stays-down | inline | auto | 44444 |'));
    for (const [file, picture] of changed) {
      expect(picture).toContain('<title>no probe: 44,444</title>');
      expect(picture).toContain('visits of ghosts 44,444 no probe');
      expect(PICTURES.get(file)).not.toContain('44,444');
    }
  });

  it('agree with what the README says beside its own', () => {
    const [, visits = '', , watched = ''] = /visits of ghosts ([\d,]+) no probe, ([\d,]+) plain, ([\d,]+) watched/.exec(inShort) ?? [];
    const [, stopped = ''] = /fail-over-30s[^.]* living chats stopped 0 no probe, ([\d,]+) plain, 0 watched\./.exec(inShort) ?? [];
    const readme = text('README.md').replaceAll(/\s+/g, ' ');
    expect([visits, watched, stopped]).not.toContain('');
    expect(readme).toContain(`ghosts reach agents ${visits} times. With this service they do so ${watched} times`);
    expect(readme).toContain(`${stopped} living chats are stopped if each probe fends for itself, none with this service.`);
  });

  it('are not drawn where a figure is missing', () => {
    expect(() => picturesOf(PAGE.replaceAll('| fail-over-30s | inline | stop | plain |', '| gone |'))).toThrow(
      'docs/rehearsals.md has no figure 1 of fail-over-30s, inline, stop, plain',
    );
  });
});
