import { describe, expect, it, onTestFinished } from 'vitest';
import { runCheckGateway } from '../../lab/conformance/run-check-gateway.ts';
import { createDemoWorld, DEMO_CHATS } from '../../lab/simulator/demo-world.ts';
import { startSimulator } from '../../lab/simulator/network/network-face.ts';
import { realClock } from '../../src/probe/clock.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { DEAD, DOWN_SERVER, LIVE, type Plant, SERVER, startPlantedGateway, TOKEN } from './planted-gateway.ts';

const TLS = selfSignedCertificate('127.0.0.1');
const FILES: Readonly<Record<string, string>> = { token: ` ${TOKEN}\n`, ca: TLS.cert, empty: '', twoWords: 'a b', noCertificate: 'x' };
const SITE = ['--live', LIVE, '--dead', DEAD, '--server', SERVER, '--down-server', DOWN_SERVER];

async function checkGateway(...args: readonly string[]) {
  let [printed, complained] = ['', ''];
  const code = await runCheckGateway({
    args,
    clock: realClock,
    readTextFile: (path) => {
      const text = FILES[path];
      return text === undefined ? { ok: false, detail: 'ENOENT' } : { ok: true, text };
    },
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      complained += text;
    },
  });
  return { code, printed, complained };
}

async function planted(plant: Plant = {}, tls?: typeof TLS): Promise<string> {
  const gateway = await startPlantedGateway(plant, tls);
  onTestFinished(() => gateway.close());
  return gateway.url;
}

async function simulator(token?: string) {
  const world = createDemoWorld({ clock: realClock, seed: 1 });
  const { url, close } = await startSimulator({ host: '127.0.0.1', port: 0, world, ...(token === undefined ? {} : { token }) });
  onTestFinished(close);
  return { url, deliveries: () => world.session(DEMO_CHATS.live.id)?.transcript.length ?? 0 };
}

describe("the simulator's network face keeps the contract", () => {
  it('with a token, in every check', async () => {
    const { url, deliveries } = await simulator(TOKEN);
    const { code, printed, complained } = await checkGateway(url, ...SITE, '--token-file', 'token', '--json');
    const report = JSON.parse(printed);
    expect({ code, complained, passed: report.passed, of: report.checks.length }).toEqual({ code: 0, complained: '', passed: 40, of: 40 });
    expect([report.messagesToLive, deliveries()]).toEqual([2, 2]);
  });

  it('by type and without a token, in what is not skipped', async () => {
    const { url, deliveries } = await simulator();
    const { code, printed } = await checkGateway(url, '--dead', DEAD, '--allow-skips');
    expect(code).toBe(0);
    expect(printed).toMatch(/^35 passed, 0 failed, 5 skipped\.$/m);
    expect(printed).toMatch(/skipped {2}auth-no-token .*\(needs --token-file\)/);
    expect(printed).toMatch(/; 0 messages to the live chat\.$/m);
    expect(deliveries()).toBe(0);
  });
});

describe('a gateway behind TLS', () => {
  it('is tested like any other, by whom its authority is trusted', async () => {
    const url = await planted({}, TLS);
    const { code, printed } = await checkGateway(url, ...SITE, '--token-file', 'token', '--ca-file', 'ca');
    expect(printed).toContain('40 passed, 0 failed, 0 skipped.');
    expect(code).toBe(0);
  });

  it('fails every check where its authority is not trusted, and is sent nothing', async () => {
    const url = await planted({}, TLS);
    const { code, printed } = await checkGateway(url, '--json', '--allow-skips');
    const report = JSON.parse(printed);
    expect([code, report.passed, report.messagesToLive]).toEqual([1, 0, 0]);
    expect(report.checks[0]).toMatchObject({ detail: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'), exchanges: [{ sent: '' }] });
  });
});

it('shows no token, though the gateway gives it back', async () => {
  const telling: Plant = {
    manners:
      () =>
      ({ headers }) => ({ status: 200, json: { messageName: headers.authorization, userData: headers } }),
  };
  const url = await planted(telling);
  for (const form of [[], ['--json']]) {
    const { code, printed } = await checkGateway(url, ...SITE, '--token-file', 'token', ...form);
    expect(code).toBe(1);
    expect(printed).toContain('[struck out]');
    expect(printed).not.toContain('very-secret');
  }
});

it('sends the text and the id keys that it is told', async () => {
  const bodies: string[] = [];
  const url = await planted({
    manners: (next) => (asked) => {
      bodies.push(asked.body);
      return next(asked);
    },
  });
  await checkGateway(url, '--allow-skips', '--dead', DEAD, '--text', 'hello', '--id-keys', 'ChatId');
  const message = JSON.parse(bodies.find((body) => body.includes('"MessageText"')) ?? '{}');
  expect(message).toMatchObject({ request: { Parameters: { MessageText: 'hello' } }, userData: { ChatId: DEAD } });
});

it('exits with 1 where a promise is broken, and shows it', async () => {
  const url = await planted({ manners: (next) => (asked) => (asked.path === '/health' ? { status: 200, json: {} } : next(asked)) });
  const { code, printed, complained } = await checkGateway(url, ...SITE, '--token-file', 'token');
  expect({ code, complained }).toEqual({ code: 1, complained: '' });
  expect(printed).toMatch(/FAILED {3}health .*\n {4}promise .*\n {4}broken: .*\n {4}sent:\n {6}\| GET \/health HTTP\/1.1\n/);
  expect(printed).toContain('39 passed, 1 failed, 0 skipped.');
});

it('prints its usage and asks nobody', async () => {
  expect(await checkGateway('--help')).toEqual({
    code: 0,
    printed: expect.stringContaining('Usage: chat-probe check-gateway URL'),
    complained: '',
  });
});

describe('exits with 64, having asked nobody, and names', () => {
  it('the chats that it was not given', async () => {
    const { code, printed, complained } = await checkGateway('http://127.0.0.1:1');
    expect({ code, printed }).toEqual({ code: 64, printed: '' });
    expect(complained).toMatch(/--live is needed[\s\S]*--dead is needed/);
  });

  it('every problem of its arguments', async () => {
    const { code, printed, complained } = await checkGateway('--liev', '--live', 'a', '--dead', 'a b');
    expect({ code, printed }).toEqual({ code: 64, printed: '' });
    expect(complained.match(/^chat-probe check-gateway: .+$/gm)).toHaveLength(3);
  });

  it.each([
    ['absent', /--token-file names a file that cannot be read \(ENOENT\)/],
    ['empty', /--token-file must name a file with one token/],
    ['twoWords', /--token-file must name a file with one token/],
  ])('a token file that is %s', async (file, problem) => {
    const { code, complained } = await checkGateway('http://127.0.0.1:1', ...SITE, '--token-file', file);
    expect(code).toBe(64);
    expect(complained).toMatch(problem);
  });

  it('two files that are no good', async () => {
    const { code, complained } = await checkGateway('http://127.0.0.1:1', ...SITE, '--token-file', 'absent', '--ca-file', 'noCertificate');
    expect(code).toBe(64);
    expect(complained).toMatch(/--token-file names[\s\S]*--ca-file must name a file with a certificate in PEM/);
  });
});
