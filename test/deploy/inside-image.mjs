// Runs inside the image, for check-image.sh: what it holds, what it is set to, what it does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';

const config = JSON.parse(process.argv[2]);
const EXPECTED = ['LICENSE', 'dist', 'node_modules', 'package.json', 'scenarios'];
const PATIENCE_MS = 15_000;

function check(what, isSo, found = '') {
  if (!isSo) throw new Error(`NOT OK  ${what}: ${typeof found === 'string' ? found : JSON.stringify(found)}`);
  process.stdout.write(`ok  ${what}\n`);
}
const below = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true });
const pathOf = (entry) => `${entry.parentPath}/${entry.name}`;
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

check('it runs as a user with a number, who is not root', /^[1-9]\d*(:\d+)?$/.test(config.User) && process.getuid() !== 0, config.User);
check('STOPSIGNAL is SIGTERM', config.StopSignal === 'SIGTERM', config.StopSignal);
const port = process.env.CHATPROBE_PORT;
check('EXPOSE is CHATPROBE_PORT', Object.keys(config.ExposedPorts).join() === `${port}/tcp`, config.ExposedPorts);
check('it holds what runs and nothing else', readdirSync('.').sort().join() === EXPECTED.join(), readdirSync('.'));
check('it has the program that a pod waits with', existsSync('/bin/sleep'));
const strange = below('dist').filter((entry) => entry.isFile() && !entry.name.endsWith('.js'));
check('dist holds JavaScript alone', strange.length === 0, strange.map(pathOf));
const writable = ['.', ...below('.').map(pathOf)].filter((path) => existsSync(path) && isWritable(path));
check('the service cannot change its files', writable.length === 0, writable);

const locked = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages;
const wanted = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies);
const there = readdirSync('node_modules')
  .filter((name) => !name.startsWith('.'))
  .flatMap((name) => (name.startsWith('@') ? readdirSync(`node_modules/${name}`).map((inner) => `${name}/${inner}`) : [name]));
const missing = wanted.filter((name) => !there.includes(name));
const unlisted = there.filter((name) => locked[`node_modules/${name}`]?.dev !== undefined || !(`node_modules/${name}` in locked));
check('it has the packages of production and no other', missing.length + unlisted.length === 0, { missing, unlisted });

function start(command, env = {}) {
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...env } });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said.text += chunk;
    });
  const killing = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(killing);
    return code ?? signal;
  });
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { said, ended, stop };
}
async function untilAnswers(url, { said }) {
  for (let left = PATIENCE_MS / 100; left > 0; left -= 1) {
    if ((await fetch(url).catch(() => null))?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer: ${said.text}`);
}

const refusal = start(config.Cmd);
const refused = await refusal.ended;
const names = ['CHATPROBE_ADAPTER', 'CHATPROBE_ALLOW_ANONYMOUS'].every((name) => refusal.said.text.includes(name));
check('without settings it refuses to start (78), naming the adapter and the open door', refused === 78 && names, refusal.said.text);

const env = { CHATPROBE_PORT: '18080', CHATPROBE_HOST: '127.0.0.1', CHATPROBE_ADAPTER: 'simulator', CHATPROBE_ALLOW_ANONYMOUS: 'true' };
const health = config.Healthcheck.Test.slice(1);
const service = start(config.Cmd, env);
await untilAnswers('http://127.0.0.1:18080/livez', service);
check('HEALTHCHECK succeeds', (await start(health, env).ended) === 0);
const answer = await fetch('http://127.0.0.1:18080/interactions/0006Ka9HFHRR0T2B/probe', { method: 'POST' });
const verdict = await answer.text();
check('a probe of a live chat says route', answer.ok && /"verdict":"route","evidence":"alive"/.test(verdict), verdict);
check('SIGTERM drains it and ends it with 0', (await service.stop()) === 0, service.said.text);
check('HEALTHCHECK fails with 1 when nothing answers', (await start(health, env).ended) === 1);

const simulator = start(['node', 'dist/lab/simulator/main.js', '--scenario', 'fail-over-6s'], { CHATPROBE_SIM_PORT: '18081' });
await untilAnswers('http://127.0.0.1:18081/health', simulator);
check('the simulator plays a scenario, is healthy, and ends on SIGTERM', (await simulator.stop()) === 0, simulator.said.text);
