import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { SECRETS } from '../support/secrets.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { serviceProcess } from '../support/service-process.ts';

const ENTRY = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';
const RELEASE = '/targets/default/guard/release';

const hashSecret = (input: string) => spawnSync(process.execPath, [ENTRY, 'hash-secret'], { input, encoding: 'utf8' });

it('hash-secret prints one line that can be kept in place of the secret, and refuses what no header can carry', () => {
  const { stdout, stderr, status } = hashSecret('s3cret\n');
  expect([stdout.replace(/^\$scrypt\$ln=15,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}\n$/, 'a hash'), stderr, status]).toEqual(['a hash', '', 0]);
  expect(hashSecret('two words')).toMatchObject({ stdout: '', status: 64 });
  expect(hashSecret('')).toMatchObject({ stdout: '', status: 64 });
});

it('a process that speaks TLS lets in who has a hashed secret, for what it may do, and is found alive', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { cert, key } = selfSignedCertificate('127.0.0.1');
  const port = await freePort();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('cert', cert);
  write('key', key);
  write('workflow', `${hashSecret(SECRETS.apiToken).stdout}${SECRETS.newToken}\n`);
  write('ops', `${SECRETS.opsToken}\n`);
  write(
    'config.yaml',
    `server:
  maxEventLoopDelayMs: 60000
  opsTokenFile: ops
  callers: { workflow: { scopes: [probe], secretFiles: [workflow] } }
  tls: { certFile: cert, keyFile: key }
`,
  );
  const env = { CHATPROBE_CONFIG: join(folder, 'config.yaml'), CHATPROBE_PORT: String(port) };
  const service = serviceProcess(env);
  expect(await service.listening()).toBe(`https://127.0.0.1:${port}`);

  const status = async (path: string, user: string, secret: string) => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', ca: cert, agent: false, auth: `${user}:${secret}` }).end();
    const [response] = await once(asked, 'response');
    response.resume();
    return response.statusCode;
  };
  expect(await status(PROBE, 'workflow', SECRETS.apiToken)).toBe(200);
  expect(await status(PROBE, 'workflow', SECRETS.newToken)).toBe(200);
  expect(await status(PROBE, 'workflow', SECRETS.wrongToken)).toBe(401);
  expect(await status(RELEASE, 'workflow', SECRETS.apiToken)).toBe(403);
  expect(await status(RELEASE, 'ops', SECRETS.opsToken)).toBe(200);

  expect(await serviceProcess(env, ['--check-health']).exit).toBe(0);
  service.child.kill('SIGKILL');
  await service.exit;
  expect(await serviceProcess(env, ['--check-health']).exit).toBe(1);
  expect(service.stdout()).not.toMatch(/scrypt|PRIVATE/);
});
