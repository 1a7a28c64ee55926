/** Draws what a seed says, so that each case can be played again. */
export interface Draw {
  below(count: number): number;
  of<T>(list: readonly [T, ...T[]]): T;
}

export function drawFrom(random: () => number): Draw {
  const below = (count: number): number => Math.floor(random() * count);
  return { below, of: (list) => list[below(list.length)] ?? list[0] };
}

type Tokens = readonly [string, ...string[]];

/** What parsers and regular expressions stumble over. */
const ANY: Tokens = [
  ...([
    'a',
    '1',
    '0',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '.',
    ',',
    ';',
    ':',
    '=',
    '&',
    '+',
    '-',
    '_',
    '/',
    '\\',
    '"',
    "'",
    '`',
    '?',
    '#',
    '!',
    '*',
    '@',
  ] as const),
  ...['(', ')', '[', ']', '{', '}', '<', '>', '%', '%41', '%ff', '%C3%84', '%u0041', '%(a', '$', '|', '^', '~', '\0', '\u007f', '\u00e4'],
  ...['\u4e2d', '\ud800', '\udc00', '\u{1f600}', '\u200b', '\ufeff', '\\u0061', '\\"', '\\ud800', 'null', 'true', '1e999', '00'],
];

/** Texts of one kind of input, and what it is made of. */
export interface Language {
  readonly tokens: Tokens;
  /** Each as it would be sent in good faith; hostile ones are often these with something in them too often. */
  readonly samples: Tokens;
  /** What can stand within itself: how it begins and ends. */
  readonly nests: readonly [readonly [string, string], ...(readonly [string, string])[]];
}

/** A text that somebody hostile could send, of about `size` characters. The same draws make the same shape in any size. */
export function hostileText(draw: Draw, { tokens, samples, nests }: Language, size: number): string {
  const token = (): string => draw.of(draw.below(3) === 0 ? ANY : tokens);
  const piece = Array.from({ length: 1 + draw.below(5) }, token).join('');
  const [sample, other] = [draw.of(samples), draw.of(samples)];
  const [start, end] = draw.of(nests);
  const at = draw.below(sample.length + 1);
  const [last, kind] = [draw.below(4) === 0 ? token() : '', draw.below(6)];
  const repeated = filled(size, () => piece);
  if (kind === 0) return repeated + last;
  if (kind === 1) return sample.slice(0, at) + repeated + sample.slice(at) + last;
  if (kind === 2) return sample.slice(0, at) + filled(size, (n) => piece.replace(/[a1]|$/, n.toString(36))) + sample.slice(at);
  const levels = Math.floor(size / (start.length + end.length));
  if (kind === 3) return start.repeat(levels) + other + end.repeat(levels - draw.below(2));
  if (kind === 4)
    return sample.slice(0, at) + start.repeat(levels / 2) + filled(size / 2, (n) => piece + n) + end.repeat(levels / 2) + sample.slice(at);
  return filled(size, (n) => (n % 2 === 0 ? sample : piece)) + last;
}

function filled(size: number, piece: (n: number) => string): string {
  const pieces: string[] = [];
  for (let length = 0, n = 0; length < size; n += 1) {
    const next = piece(n);
    pieces.push(next);
    length += next.length + 1;
  }
  return pieces.join('');
}
