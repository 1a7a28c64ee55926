import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HtmlValue, html } from '../../../src/http/status/html.ts';

/** Any text, and above all what HTML is made of. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', 'script', '<!--', '-->', ']]>', 'onload=', ' ', '\n', '\0', '\u202e', '&lt;'),
    )
    .map((parts) => parts.join('')),
);

/** What a browser makes of it. */
function read(written: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
  return written.replace(/&(amp|lt|gt|quot|#39|#96);/g, (_, name: string) => names[name] ?? '');
}

describe('a value in a page', () => {
  it('never breaks out of text or attribute, and is read as what it was', () => {
    fc.assert(
      fc.property(texts, texts, (attribute, text) => {
        const page = html`<p title="${attribute}">${text}</p>`.text;
        const [, first = '', second = ''] = /^<p title="([^"<>'`]*)">([^<>"'`]*)<\/p>$/.exec(page) ?? [];
        expect(page).toBe(`<p title="${first}">${second}</p>`);
        const seen = (value: string) => value.replace(/\\u[0-9a-f]{4}/g, '');
        const visible = (value: string) =>
          seen(value.replace(/(?![\n\t])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, ''));
        expect([seen(read(first)), seen(read(second))]).toEqual([visible(attribute), visible(text)]);
      }),
    );
  });

  it.each([
    ['Bestellung "A&O" <3', 'Bestellung &quot;A&amp;O&quot; &lt;3'],
    ['turned \u202eround', 'turned \\u202eround'],
    ['a\0b\u0085c', 'a\\u0000b\\u0085c'],
    ['half \ud83d of one', 'half \\ud83d of one'],
    ['Grüße 👋\n', 'Grüße 👋\n'],
    [0, '0'],
    [null, ''],
    [false, ''],
  ] satisfies [HtmlValue, string][])('is written so that nothing is hidden in it: %j', (value, written) => {
    expect(html`<p>${value}</p>`.text).toBe(`<p>${written}</p>`);
  });

  it('that is HTML stands as it is in text, alone or in a list, and is refused in an attribute', () => {
    const bold = html`<b class="x">${'<'}</b>`;
    expect(html`<p>${bold}${[bold, bold]}</p>`.text).toBe(`<p>${bold.text}${bold.text}${bold.text}</p>`);
    expect(() => html`<p title="${bold}">`).toThrow('in an attribute');
    expect(() => html`<p title="${[bold]}">`).toThrow('in an attribute');
  });
});

describe('a template that would not be safe', () => {
  const value = 'x';
  it.each([
    ['an attribute without quotes', () => html`<p title=${value}>`],
    ['an attribute in single quotes', () => html`<p title='${value}'>`],
    ['the name of an attribute', () => html`<p ${value}="1">`],
    ['the name of an element', () => html`<${value}>`],
    ['a script', () => html`<script>let a = "${value}"</script>`],
    ['a style', () => html`<style>${value}</style>`],
    ['a comment', () => html`<!-- ${value} -->`],
    ['the whole of a link', () => html`<a href="${value}">`],
    ['the target of a form', () => html`<form action="${value}">`],
    ['the code of an event', () => html`<p onclick="${value}">`],
    ['a style in an attribute', () => html`<p style="${value}">`],
    ['the second value', () => html`<p>${value}</p><p title=${value}>`],
  ])('throws: %s', (_where, render) => {
    expect(render).toThrow(/a value (?:stands where HTML has no text|begins a URL, or is code)/);
  });

  it('is not one with a value behind the beginning of a link, or behind a closed comment', () => {
    expect(html`<!-- why --><a href="/status?id=${'"'}">${value}</a>`.text).toBe('<!-- why --><a href="/status?id=&quot;">x</a>');
  });
});
