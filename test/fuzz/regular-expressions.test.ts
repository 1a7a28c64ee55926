import { expect, it } from 'vitest';
import { FILES, text } from '../support/pages.ts';

/** Where one may stand, the expression itself and its flags; a division is none, or is as quick. */
const LITERAL =
  /(?<=[=(,:?!&|[]\s*|\n\s*)\/((?:[^/\n\\[*]|\\.|\[(?:[^\]\\\n]|\\.)*\])(?:[^/\n\\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])*)\/([dgimsuvy]*)/g;
const LENGTH = 16_000;
/** A quadratic one takes three times that, a linear one a hundredth. */
const LIMIT_MS = 20;
const BEGINNINGS = ['', 'a', 'charset=', 'https://', 'Bearer ', '$scrypt$ln=1,r=8,p=1$', 'a='];
const FILLINGS = [
  ' ',
  '\t',
  '\n',
  '/',
  'a',
  '0',
  '=',
  '.',
  '"',
  ';',
  '&',
  '-',
  '_',
  '%',
  '[',
  ',',
  ':',
  'A',
  '\u00e4',
  '\u200b',
  'a ',
  'a&',
  '; ',
  '&a=',
  '-----',
];

/** All of them, as code says them. */
const literals = FILES.filter((file) => file.startsWith('src/')).flatMap((file) =>
  [...text(file).matchAll(LITERAL)].flatMap(([found, source = '', flags]) => {
    try {
      return [[`${file}: ${found}`, new RegExp(source, flags)] as const];
    } catch {
      return [];
    }
  }),
);

/** What takes it too long, measured again since others use this machine too; null if nothing does. */
function slowInput(expression: RegExp): string | null {
  for (const start of BEGINNINGS) {
    for (const filling of FILLINGS) {
      if (leastMs(expression, `${start}${filling.repeat(LENGTH / filling.length)}\0`) > LIMIT_MS) return `${start}, ${filling}`;
    }
  }
  return null;
}

function leastMs(expression: RegExp, input: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5 && least > LIMIT_MS; run += 1) {
    const before = process.cpuUsage();
    input.replace(expression, '');
    const { user } = process.cpuUsage(before);
    least = Math.min(least, user / 1_000);
  }
  return least;
}

it.each(literals)('takes no more than in proportion: %s', (_where, expression) => {
  expect(slowInput(expression)).toBeNull();
});

it('one that was there once is found', () => {
  expect(slowInput(/^\s*(?:null)?\s*$/i)).toBe(',  ');
  expect(slowInput(/\/+$/)).toBe(', /');
  expect(literals.length).toBeGreaterThan(50);
});
