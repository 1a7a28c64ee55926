import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

/** The script with an `npm` in front of its PATH that says and returns this. */
function auditedBy(says: string, exitCode: number) {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\ncat <<'EOF'\n${says}\nEOF\nexit ${exitCode}\n`, { mode: 0o755 });
  const { status, stdout } = spawnSync('bash', ['tools/audit.sh'], {
    env: { PATH: `${folder}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  return [status, stdout.trim()];
}

it.each([
  ['a registry that knows of none', '{"vulnerabilities":{}}', 0, [0, 'audited: no known vulnerability in production']],
  [
    'a vulnerable package',
    '{"vulnerabilities":{"fastify":{"name":"fastify","severity":"high","range":"<6"}}}',
    1,
    [1, 'high: fastify <6\naudited: 1 vulnerable in production'],
  ],
  ['a registry that does not offer it', '{"error":{"code":"E405"}}', 1, [0, expect.stringMatching(/^NOT AUDITED: no registry answered/)]],
  ['no registry at all', '', 1, [0, expect.stringMatching(/^NOT AUDITED/)]],
] as const)('npm run audit says what came of %s', (_what, says, exitCode, expected) => {
  expect(auditedBy(says, exitCode)).toEqual(expected);
});
