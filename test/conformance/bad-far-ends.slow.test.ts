import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { gatewayThat } from '../support/gateway-rig.ts';
import type { Script } from '../support/scripted-gateway.ts';
import { answer, CLOSED_PORT, say, silent } from '../support/scripted-gateway.ts';
import { idsOf, runKit } from './run-kit.ts';

const TIMEOUTS = { timeoutMs: 60, maxReplyMs: 60, runTimeoutMs: 1_000 };

const SAYING_NOTHING: readonly (readonly [string, Script])[] = [
  ['never answers', silent],
  ['closes at once', (socket) => void socket.destroy()],
  ['closes in the middle of its answer', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"mess')],
  ['does not speak HTTP', say('220 ready when you are\r\n')],
  ['never ends its head', say('HTTP/1.1 200 OK\r\nx-one: 1\r\n')],
  ['drips its answer without end', dripping],
  ['sends without end', flooding],
  ['switches protocols', say('HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n')],
];

describe('a far end that says nothing passes no check, and does not hold up the run', () => {
  it.each(SAYING_NOTHING)('it %s', async (_what, script) => {
    const gateway = await gatewayThat(script);
    const startedAtMs = performance.now();
    const report = await runKit(gateway.url, TIMEOUTS);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
    expect(idsOf(report, 'passed')).toEqual([]);
    expect(report.failed + report.notRun).toBe(report.checks.length);
  });

  it('it is not there', async () => {
    const report = await runKit(`http://127.0.0.1:${CLOSED_PORT}`, TIMEOUTS);
    expect([report.failed, report.messagesToLive]).toEqual([report.checks.length, 0]);
    expect(report.checks[0]).toMatchObject({ detail: expect.stringContaining('refused'), exchanges: [{ sent: '', received: '' }] });
  });
});

describe('a far end that says the same to everything', () => {
  it.each([
    ['empty objects', 200, '{}', []],
    ['nonsense', 200, 'nonsense', []],
    ['that nobody is let in', 401, '{}', ['auth-no-token', 'auth-wrong-token']],
    ['that nothing is there', 404, '{}', ['wrong-http-method', 'wrong-path']],
    ['that it failed', 500, '{}', ['deadline-over', 'deadline-late-body']],
    ['that it is away', 503, '{}', ['health', 'deadline-over', 'deadline-late-body']],
  ])('%s keeps no promise but what that happens to keep', async (_what, status, body, kept) => {
    const gateway = await gatewayThat(answer(status, { 'content-type': 'application/json' }, body));
    const report = await runKit(gateway.url, { timeoutMs: 2_000 });
    expect([...idsOf(report, 'passed')].sort()).toEqual([...kept].sort());
  });
});

it('a run that has no time left says what was not run', async () => {
  const gateway = await gatewayThat(silent);
  const report = await runKit(gateway.url, { timeoutMs: 60, maxReplyMs: 60, runTimeoutMs: 100 });
  expect(report.notRun).toBeGreaterThan(20);
  expect(report.checks.at(-1)).toMatchObject({ status: 'not_run', detail: 'the time of the whole run was over', exchanges: [] });
});

function dripping(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n');
  const timer = setInterval(() => socket.write(' '), 5);
  socket.on('close', () => clearInterval(timer));
}

function flooding(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n');
  const pour = (): void => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  };
  socket.on('drain', pour);
  pour();
}
