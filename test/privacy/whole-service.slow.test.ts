import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gatewayThat } from '../support/gateway-rig.ts';
import { takeLeaks } from '../support/leak-tap.ts';
import { AS_USER_DATA, plantedIn, SECRETS, USER_DATA } from '../support/secrets.ts';
import { type ServiceProcess, serviceProcess } from '../support/service-process.ts';
import { ECHOES, type Echo, echoing } from './echoing-gateway.ts';

const PATIENCE_MS = 10_000;
const AUTHORIZATION = `Authorization: Bearer ${SECRETS.apiToken}`;
/** A caller with the scope `ops`. */
const OPERATOR = `X-Api-Key: ${SECRETS.widgetSecret}`;
/** A refusal names it to the one who sent it, and to nobody else. */
const REFUSED_KEY = 'RefusedKey-Xq41';
const IN_QUERY = `?token=${SECRETS.apiToken}&phone=${encodeURIComponent(USER_DATA.phone)}&${USER_DATA.key}=${USER_DATA.card}`;

describe('secrets and user data', () => {
  it('are in nothing that the service emits at trace, whatever is asked and whatever the gateway does', async () => {
    const { service, url, played } = await startedService();
    const answers = await askedEverything(url);
    await service.stop();
    const { stdout, stderr } = service.process;
    expect(leaksIn({ stdout: stdout(), stderr: stderr(), ...answers })).toEqual([]);
    expect(stdout() + stderr()).not.toContain(REFUSED_KEY);

    // All of it happened.
    expect([...played].sort()).toEqual(Object.keys(ECHOES).sort());
    const codes = new Set(Object.values(answers).map((answer) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]));
    for (const code of ['200', '400', '401', '403', '404', '405', '411', '413', '415', '422', '429', '431', '505'])
      expect(codes).toContain(code);
    expect(answers['probe: fault with the request']).toContain('refused: not allowed: Bearer [left out');
    expect(answers['evidence']).toContain('"explanation"');
    expect(answers['evidence of one']).toContain('refused: not allowed: Bearer [left out');
    expect(stdout()).toContain('configuration refused: the one before it stays in force');
    const lines = stdout().trim().split('\n');
    expect(lines.filter((line) => line.includes('"msg":"probe finished"')).length).toBeGreaterThan(20);
    expect(lines.filter((line) => line.includes('"msg":"request refused"')).length).toBeGreaterThan(20);
  });

  it('are found where there is a leak: the harness can fail', async () => {
    const leaky = `
      import { Server } from 'node:http';
      const { emit } = Server.prototype;
      Server.prototype.emit = function (name, request, ...others) {
        if (name === 'request') process.stderr.write(encodeURIComponent(request.rawHeaders.join()));
        return emit.call(this, name, request, ...others);
      };`;
    const { service, url } = await startedService({ NODE_OPTIONS: preload(leaky) });
    const answers = { one: await exchange(url, post('/interactions/0006Ka9HFHRR0T2B/probe', '', AUTHORIZATION)) };
    await service.stop();
    expect(leaksIn({ stderr: service.process.stderr(), ...answers })).toEqual(['stderr: apiToken, as it is']);
    expect(takeLeaks()).toEqual(['standard error of a child process: apiToken, as it is']);
  });

  it.each([
    ['an exception', 'throw fault'],
    ['a rejection', 'void Promise.reject(fault)'],
  ])('are not in the last words of a process that ends by %s that nothing caught', async (_what, ends) => {
    const { privateKey, gatewayToken } = SECRETS;
    const carried = JSON.stringify({ privateKey, headers: { authorization: `Bearer ${gatewayToken}` }, body: USER_DATA.text });
    // A signal that means nothing to the service.
    const crash = `process.on('SIGWINCH', () => { const fault = Object.assign(new Error('planted fault'), ${carried}); ${ends}; });`;
    const { service } = await startedService({ NODE_OPTIONS: preload(crash) });
    service.process.child.kill('SIGWINCH');
    expect(await service.process.exit).toBe(1);
    const { stdout, stderr } = service.process;
    expect(stdout()).toContain('"message":"planted fault"');
    expect(leaksIn({ stdout: stdout(), stderr: stderr() })).toEqual([]);
  });

  it('are not shown by --check-config', async () => {
    const process = serviceProcess({ ...configured('http://127.0.0.1:9') }, ['--check-config']);
    expect([await process.exit, process.stdout().includes('callers must show a token')]).toEqual([0, true]);
    expect(leaksIn({ stdout: process.stdout(), stderr: process.stderr() })).toEqual([]);
  });

  it.each(misplacements())('are not repeated by a refusal where they stand in a wrong place: %s', async (_where, env, args) => {
    const process = serviceProcess(env, args);
    expect([64, 78]).toContain(await process.exit);
    expect(process.stderr()).not.toBe('');
    expect(leaksIn({ stdout: process.stdout(), stderr: process.stderr() })).toEqual([]);
  });
});

function leaksIn(emitted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(emitted).flatMap(([where, text]) => plantedIn(text).map((found) => `${where}: ${found}`));
}

/** The service as a process, before a gateway that echoes. */
async function startedService(env: Readonly<Record<string, string>> = {}) {
  const played = new Set<string>();
  const gateway = await gatewayThat(echoing((echo) => played.add(echo)));
  const settings = configured(gateway.url);
  const started = serviceProcess({ ...settings, ...env });
  const url = await started.listening();
  return { service: { process: started, stop: () => stopped(started, settings.CHATPROBE_CONFIG) }, url, played };
}

/** A signal that would have it read a file with secrets in wrong places, then one that ends it: their lines are searched too. */
async function stopped(started: ServiceProcess, config: string): Promise<void> {
  const { apiToken, gatewayToken, misplaced } = SECRETS;
  const server = { apiToken, apiTokenFile: misplaced, port: misplaced, [misplaced]: apiToken };
  writeFileSync(config, JSON.stringify({ server, targets: { default: { token: gatewayToken, gateways: [`http://${misplaced}@x`] } } }));
  started.child.kill('SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 500));
  started.child.kill('SIGTERM');
  await started.exit;
}

/** Its settings, with every secret where it belongs. */
function configured(gatewayUrl: string): { readonly CHATPROBE_CONFIG: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'api-token'), `${SECRETS.apiToken}\n`);
  writeFileSync(join(folder, 'widget-secrets'), `${SECRETS.widgetSecret}\n${SECRETS.scryptHash}\n`);
  writeFileSync(join(folder, 'gateway-token'), `${SECRETS.gatewayToken}\n`);
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `server: { apiTokenFile: api-token, statusPage: true, logLevel: trace, maxEventLoopDelayMs: 60000, drainMs: 0,
  tokenHeader: x-api-key, callers: { widget: { scopes: [probe, ops], secretFiles: [widget-secrets], secretHashes: ['${SECRETS.otherHash}'] } } }
targets: { default: { adapter: gateway, gateways: ['${gatewayUrl}'], tokenFile: gateway-token, ha: false, outage: { breakerFailures: 100 } } }
policies: { inline: { attempts: 1, attemptTimeoutMs: 2000, deadlineMs: 3000 } }
`,
  );
  return { CHATPROBE_CONFIG: config };
}

/** From a file: of what comes from a URL of its own, the stack of an error would show the text. */
function preload(script: string): string {
  const file = join(temporaryFolder(), 'preload.mjs');
  writeFileSync(file, script);
  return `--import=${pathToFileURL(file)}`;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Every kind of request, one after the other; the answers by what was asked. */
async function askedEverything(url: string): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const [what, bytes] of [...probes(), ...refusals(), ...pages(), ...failedLogins()]) answers[what] = await exchange(url, bytes);
  // Those who leave in the middle get no answer.
  for (const bytes of abandoned()) await exchange(url, bytes, 200);
  // Last, when what there is to be counted has been counted.
  answers['metrics at last'] = await exchange(url, `GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return answers;
}

type Asked = readonly (readonly [string, string])[];

function probes(): Asked {
  const asked = (Object.keys(ECHOES) as Echo[]).map((echo, n): [string, string] => {
    const body = JSON.stringify({ chatServerAppName: `ChatServer_${n}`, userData: { ...AS_USER_DATA, Echo: echo } });
    return [`probe: ${echo}`, post(`/interactions/planted_${n}/probe${IN_QUERY}&debug=true`, body, AUTHORIZATION)];
  });
  const form = new URLSearchParams({ phone: USER_DATA.phone, text: USER_DATA.text, debug: 'true' }).toString();
  return [
    ...asked,
    ['probe: a form', post('/interactions/planted_form/probe', form, AUTHORIZATION)],
    ['probe: plain text', post('/interactions/planted_text/probe', '', AUTHORIZATION, 'Accept: text/plain')],
    ['probe: closed', post('/interactions/planted_closed/probe?isOnline=0', JSON.stringify({ userData: AS_USER_DATA }), AUTHORIZATION)],
    ['guard', post(`/targets/default/guard/release${IN_QUERY}`, JSON.stringify(AS_USER_DATA), AUTHORIZATION)],
    ['caller: Basic', post('/interactions/planted_basic/probe', '', `Authorization: Basic ${basic('widget', SECRETS.widgetSecret)}`)],
    ['caller: header', post('/interactions/planted_header/probe', '', `X-Api-Key: ${SECRETS.widgetSecret}`)],
    ['caller: scope', post('/targets/default/guard/release', '', `X-Api-Key: ${SECRETS.apiToken}`)],
    ['evidence', get('/probes?limit=100', OPERATOR)],
    ['evidence of one', get('/interactions/planted_0/probes', OPERATOR)],
    ['the page of how things stand', get('/status', OPERATOR)],
    ['the page, looking one up', get('/status?id=planted_0', OPERATOR)],
    ['evidence that is not found', get(`/probes${IN_QUERY}&verdict=${SECRETS.misplaced}&cursor=${SECRETS.misplaced}`, OPERATOR)],
  ];
}

function refusals(): Asked {
  const [PROBE, said] = ['/interactions/planted_no/probe', JSON.stringify(AS_USER_DATA)];
  const asProbe = (what: string, body: string, ...headers: string[]): [string, string] => [
    what,
    post(PROBE, body, AUTHORIZATION, ...headers),
  ];
  const nested = (levels: number): string => (levels === 0 ? JSON.stringify(USER_DATA.text) : `{"${USER_DATA.key}":${nested(levels - 1)}}`);
  const target = JSON.stringify({ target: SECRETS.apiToken, userData: AS_USER_DATA });
  return [
    asProbe('JSON that breaks off', said.slice(0, -2)),
    asProbe('JSON that is none', `{"token": ${SECRETS.apiToken}, ${said}`),
    asProbe('JSON encoded twice', JSON.stringify(said)),
    asProbe('XML', `<probe>${SECRETS.apiToken}${USER_DATA.text}</probe>`, 'Content-Type: application/xml'),
    asProbe('an unknown character set', said, `Content-Type: application/json; charset=${SECRETS.misplaced}`),
    asProbe('an unknown type', said, `Content-Type: x/${SECRETS.misplaced}`),
    asProbe('a compressed body', said, 'Content-Encoding: gzip'),
    asProbe('too large a body', JSON.stringify({ text: USER_DATA.text.repeat(2_000) })),
    asProbe('too large user data', JSON.stringify({ userData: { [USER_DATA.key]: USER_DATA.text.repeat(600) } })),
    asProbe('user data too deep', `{"userData":${nested(40)}}`),
    asProbe(
      'a key of user data that is refused',
      `{"userData":{"${REFUSED_KEY}":"a","${REFUSED_KEY}":"b","__proto__":"${USER_DATA.name}"}}`,
    ),
    asProbe('user data that is none', JSON.stringify({ userData: USER_DATA.card })),
    asProbe('user data in a form', `userData[${REFUSED_KEY}]=${encodeURIComponent(USER_DATA.name)}`),
    asProbe('an unknown target', target),
    asProbe('an unknown policy', JSON.stringify({ policy: SECRETS.misplaced })),
    asProbe('a number that is none', JSON.stringify({ attempts: USER_DATA.card, deadlineMs: 1 })),
    asProbe('bounds', JSON.stringify({ attempts: 9_000, userData: AS_USER_DATA })),
    ['a bad id', post(`/interactions/${encodeURIComponent(USER_DATA.name)}/probe`, said, AUTHORIZATION)],
    ['a bad escape', post(`/interactions/%zz${SECRETS.misplaced}/probe`, said, AUTHORIZATION)],
    ['an unknown route', post(`/${SECRETS.misplaced}${IN_QUERY}`, said, AUTHORIZATION)],
    ['a wrong method', get(`${PROBE}${IN_QUERY}`, AUTHORIZATION)],
    ['an id of the request that is none', post(PROBE, '', AUTHORIZATION, `X-Request-Id: <${SECRETS.misplaced}>`)],
    ['too long a head', post(PROBE, '', AUTHORIZATION, `X-Long: ${SECRETS.misplaced.repeat(1_000)}`)],
    ['a flood of headers', post(PROBE, '', AUTHORIZATION, ...Array.from({ length: 400 }, (_, n) => `X-${n}: ${SECRETS.misplaced}`))],
    ['no length', `POST ${PROBE} HTTP/1.0\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\n\r\n${said}`],
    ['no HTTP at all', `${said}\r\n${AUTHORIZATION}\r\n\r\n`],
    ['a tunnel', `CONNECT ${SECRETS.misplaced}:443 HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\n\r\n`],
    ['HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SECRETS.misplaced}`],
    ['broken chunks', `POST ${PROBE} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\nTransfer-Encoding: chunked\r\n\r\n${said}\r\n`],
  ];
}

/** The last of them, since they slow down those that follow. */
function failedLogins(): Asked {
  const wrong = [
    `Bearer ${SECRETS.wrongToken}`,
    `Bearer ${SECRETS.apiToken.slice(0, -1)}`,
    `Basic ${basic('widget', SECRETS.basicPassword)}`,
    `Basic ${basic('nobody', SECRETS.widgetSecret)}`,
    SECRETS.wrongToken,
    `Bearer ${SECRETS.wrongToken}\r\nAuthorization: Bearer ${SECRETS.apiToken}`,
    `Bearer ${USER_DATA.name}`,
    `Bearer ${SECRETS.scryptHash}`,
  ];
  return Array.from({ length: 28 }, (_, n): [string, string] => {
    const header = `Authorization: ${wrong[n % wrong.length]}`;
    return [`failed log-in ${n}`, post(`/interactions/planted_login/probe${IN_QUERY}`, JSON.stringify(AS_USER_DATA), header)];
  });
}

function basic(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

function pages(): Asked {
  const paths = ['/', '/docs', '/docs/', '/docs/static/index.html', '/docs/static/none', '/openapi.json', '/metrics', '/livez', '/readyz'];
  return paths.map((path) => [path, get(`${path}${IN_QUERY}`, AUTHORIZATION, `Cookie: ${SECRETS.misplaced}`)]);
}

function abandoned(): readonly string[] {
  const whole = post('/interactions/planted_gone/probe', JSON.stringify({ userData: AS_USER_DATA }), AUTHORIZATION);
  return [whole.slice(0, whole.indexOf('\r\n\r\n')), whole.slice(0, -20)];
}

function post(path: string, body: string, ...headers: readonly string[]): string {
  const type = headers.some((header) => header.startsWith('Content-Type')) ? [] : ['Content-Type: application/json'];
  const all = ['Host: x', 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`, ...type, ...headers];
  return `POST ${path} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}

function get(path: string, ...headers: readonly string[]): string {
  return `GET ${path} HTTP/1.1\r\n${['Host: x', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;
}

/** All that comes back until the connection closes. */
async function exchange(url: string, bytes: string, patienceMs = PATIENCE_MS): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  const giveUp = setTimeout(() => socket.destroy(), patienceMs);
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  clearTimeout(giveUp);
  return Buffer.concat(chunks).toString('utf8');
}

type Misplacement = [where: string, env: Record<string, string>, args?: readonly string[]];

/** Secrets where a hurried operator puts them. */
function misplacements(): readonly Misplacement[] {
  const { misplaced, apiToken, gatewayToken, privateKey, basicPassword, scryptHash } = SECRETS;
  const gateway = { CHATPROBE_ADAPTER: 'gateway', CHATPROBE_HA: 'true', CHATPROBE_GATEWAY_URL: 'http://127.0.0.1:9' };
  const variables = [
    ...['CONFIG', 'PORT', 'ADAPTER', 'POLICY', 'LOG_LEVEL', 'ALLOW_ANONYMOUS', 'API_TOKEN_FILE', 'VISIBILITY', 'DRAIN_MS'],
    ...['GATEWAY_URL', 'GATEWAY_TOKEN_FILE', 'GATEWAY_CA_FILE', 'HA', 'ON_CHAT_SERVER_DOWN', 'ENFORCE_PERCENT'],
  ];
  return [
    // One process for as many of them as can be wrong together.
    ['in every variable', { ...gateway, ...Object.fromEntries(variables.map((name) => [`CHATPROBE_${name}`, misplaced])) }],
    [
      'in the URL',
      { ...gateway, CHATPROBE_GATEWAY_URL: `http://user:${gatewayToken}@gw,http://gw?t=${misplaced},https://${privateKey}@gw` },
    ],
    ['with white space in them', { ...gateway, CHATPROBE_API_TOKEN: `${apiToken} ${misplaced}`, CHATPROBE_GATEWAY_TOKEN: basicPassword }],
    ['as a hash in place of a file', { ...gateway, CHATPROBE_API_TOKEN_FILE: scryptHash }],
    ['as arguments', {}, ['--api-token', apiToken, `--gateway-token=${gatewayToken}`]],
    ['in the arguments of the kit', {}, ['check-gateway', 'http://127.0.0.1:9', '--token', misplaced]],
  ];
}
