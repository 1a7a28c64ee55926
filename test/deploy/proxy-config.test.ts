import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { proxyConfig } from '../support/proxy-config.ts';

const linesOf = (text: string) => text.split('\n');
const fileLines = (file: string) => linesOf(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));

it.each([
  [
    'deploy/haproxy.cfg',
    ['  bind 127.0.0.1:1', '  server probe-1 127.0.0.1:2', '  server probe-2 127.0.0.1:3', '  server probe-3 127.0.0.1:4'],
  ],
  [
    'deploy/nginx.conf',
    [
      '  server 127.0.0.1:2 max_fails=1 fail_timeout=2s;',
      '  server 127.0.0.1:3 max_fails=1 fail_timeout=2s;',
      '  server 127.0.0.1:4 max_fails=1 fail_timeout=2s;',
      '  listen 127.0.0.1:1;',
    ],
  ],
])('%s is tried with other ports, and is otherwise as it is', (file, changed) => {
  const [was, is] = [fileLines(file), linesOf(proxyConfig(file, 1, [2, 3, 4]))];
  expect(is.filter((line) => !was.includes(line))).toEqual(changed);
  expect(was.filter((line) => !is.includes(line))).toHaveLength(3);
});
