/** What every picture of a rehearsal is made of: text in, text out, the same bytes for the same figures. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** For screen readers, and for whoever points at the picture. */
  readonly title: string;
  /** All that the picture shows, in words: for whoever cannot see it. */
  readonly description: string;
  /** Elements, one a line. */
  readonly body: readonly string[];
}

/**
 * Colours that people who see red and green alike can tell apart, light and dark. Each stands for one thing in every picture. A picture that is
 * an image in a page follows the reader's system, since it cannot see the page.
 */
const STYLE = [
  '.ground{fill:#fff}.text{fill:#1b1f24;font:13px system-ui,sans-serif}.head{font-weight:600}.large{font-size:16px}.end{text-anchor:end}',
  '.middle{text-anchor:middle}.quiet{fill:#57606a;font-size:12px}.axis{stroke:#8c959f;stroke-width:1}.grid{stroke:#d0d7de;stroke-width:1}',
  '.living{fill:#0072b2}.ghost{fill:#b35c00}.cut{fill:#c4002f}.saved{fill:#8c959f}.up{fill:#00805e}.down{fill:#c4002f}.away{fill:#b35c00}',
  '@media(prefers-color-scheme:dark){.ground{fill:#0d1117}.text{fill:#e6edf3}.quiet{fill:#9da7b1}.axis{stroke:#7d8590}.grid{stroke:#30363d}',
  '.living{fill:#58a6ff}.ghost{fill:#f0a33a}.cut{fill:#ff6b78}.saved{fill:#7d8590}.up{fill:#3fb98f}.down{fill:#ff6b78}.away{fill:#f0a33a}}',
].join('');

/** One whole file: no script, no font or image from elsewhere, nothing that depends on where it stands. */
export function svgOf({ width, height, title, description, body }: Picture): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

/** @param classes `quiet`, `head`, `large`, `end` or `middle`, with spaces between them. */
export function label(x: number, y: number, words: string, classes = ''): string {
  return `<text class="${`text ${classes}`.trimEnd()}" x="${short(x)}" y="${short(y)}">${escaped(words)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: 'axis' | 'grid'): string {
  return `<line class="${kind}" x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}"/>`;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** @param tells what a pointer over it is told. */
export function box({ x, y, width, height }: Box, kind: string, tells: string): string {
  const place = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
  return `<rect class="${kind}" ${place}><title>${escaped(tells)}</title></rect>`;
}

export function area(points: readonly (readonly [number, number])[], kind: string): string {
  return `<polygon class="${kind}" points="${points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ')}"/>`;
}

/** 33,320: the same on every machine. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Half of the lines of a picture would be decimals otherwise. */
function short(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
/** What XML cannot hold, not even escaped: control characters, and halves of a character. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escaped(words: string): string {
  return words.replaceAll(UNWRITABLE, '\u{fffd}').replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
