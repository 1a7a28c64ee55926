import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configFrom } from '../config/loading.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const block = (language: string, nth: number): string =>
  [...read('docs/operating.md').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))][nth]?.[1] ?? '';
const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const { bounds } = configFrom(null);
const [, longestMs] = bounds.deadlineMs;

// What the files do is tried with the real programs: npm run check:proxies.
describe.each([
  ['haproxy', 'deploy/haproxy.cfg', /timeout (?:client|server) (\d+)s/g],
  ['nginx', 'deploy/nginx.conf', /proxy_read_timeout (\d+)s/g],
])('%s', (language, file, timeouts) => {
  it('is shown in docs/operating.md as the file has it', () => {
    const shown = linesOf(block(language, 0));
    const whole = linesOf(read(file));
    expect(shown.length).toBeGreaterThan(5);
    expect(whole.filter((line) => shown.includes(line))).toEqual(shown);
  });

  it('waits for longer than the longest probe takes', () => {
    const seconds = [...read(file).matchAll(timeouts)].map(([, digits]) => Number(digits));
    expect(seconds.length).toBeGreaterThan(0);
    expect(Math.min(...seconds) * 1_000).toBeGreaterThan(longestMs + 5_000);
  });
});
