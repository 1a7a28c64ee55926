import { readFileSync } from 'node:fs';

/**
 * The text of deploy/haproxy.cfg or deploy/nginx.conf, with other ports and as many servers as there are ports. Nothing else is changed, so
 * that what is tried is the file.
 */
export function proxyConfig(file: string, ownPort: number, serverPorts: readonly number[]): string {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const [first] = serverLines(text);
  if (first === undefined) throw new Error(`${file} names no server`);
  const servers = serverPorts.map((port, n) => first.replace(/probe-\d+/, `probe-${n + 1}`).replace(/:\d+/, `:${port}`));
  const isServer = new Set(serverLines(text));
  return text
    .split('\n')
    .flatMap((line) => (line === first ? servers : isServer.has(line) ? [] : [line]))
    .map((line) => line.replace(/((?:bind|listen) 127\.0\.0\.1):\d+/, `$1:${ownPort}`))
    .join('\n');
}

function serverLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^ +server (?:probe-\d+ )?127\.0\.0\.1:\d+/.test(line));
}
