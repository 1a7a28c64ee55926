import { expect, it } from 'vitest';
import { printable } from '../../lab/conformance/printable.ts';

const shown = (text: string, secrets: readonly string[] = [], most?: number): string => printable(Buffer.from(text), secrets, most);

it('keeps printable ASCII and the ends of lines, and escapes all else', () => {
  expect(shown('GET / HTTP/1.1\r\na: "b"\r\n\r\n')).toBe('GET / HTTP/1.1\na: "b"\n\n');
  expect(shown('\t\u0000\u001b[31m\ré')).toBe('\\x09\\x00\\x1b[31m\\x0d\\xc3\\xa9');
});

it('strikes out a secret as it is, as JSON writes it, quoted once more, and as URLs write it', () => {
  const secret = 'a"b/c';
  for (const form of [secret, 'a\\"b/c', 'a\\\\\\"b/c', 'a%22b%2Fc'])
    expect(shown(`x${form}y${form}`, [secret])).toBe('x[struck out]y[struck out]');
  expect(shown('abc', [''])).toBe('abc');
});

it('cuts what is long, and tells how much, but never within a secret', () => {
  expect(shown('x'.repeat(12), [], 10)).toBe(`${'x'.repeat(10)}[and 2 more bytes]`);
  expect(shown('x'.repeat(10), [], 10)).toBe('x'.repeat(10));
  expect(shown(`${'x'.repeat(8)}s3cret`, ['s3cret'], 10)).not.toContain('s3');
  expect(shown('x'.repeat(2_000)).length).toBeLessThan(1_600);
});
