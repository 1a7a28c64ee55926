import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failOnLeaks, takeLeaks } from '../support/leak-tap.ts';
import { rawExchange } from '../support/raw-caller.ts';
import { plant, SECRETS, USER_DATA } from '../support/secrets.ts';

const { apiToken, widgetSecret } = SECRETS;
const { phone } = USER_DATA;
const PROBE = '/interactions/:id/probe';

/** Something on Fastify that says what it should not, in the head of its answers and in their bodies. */
async function talkative(route: string): Promise<string> {
  const app = fastify();
  onTestFinished(() => app.close());
  app.post(route, (_request, reply) => reply.header('x-token', apiToken).send({ phone }));
  app.get('/inject', async () => (await app.inject({ method: 'POST', url: '/interactions/1/probe' })).statusCode);
  return app.listen({ port: 0, host: '127.0.0.1' });
}

const post = (url: string): Promise<string> =>
  rawExchange(url, 'POST /interactions/1/probe HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');

describe('a planted word is found', () => {
  it('in a line of a log, whoever writes it and wherever it goes', () => {
    pino({ level: 'trace' }, { write: () => undefined }).trace({ deep: { token: apiToken } }, 'said');
    expect(takeLeaks()).toEqual(['a log line: apiToken, as it is']);
  });

  it('in head and body of an answer of the service on a socket', async () => {
    await post(await talkative(PROBE));
    expect(takeLeaks()).toEqual(['an answer on a socket: apiToken, as it is', 'an answer on a socket: phone, as it is']);
  });

  it('in an answer to inject', async () => {
    await fetch(`${await talkative(PROBE)}/inject`);
    expect(takeLeaks()).toEqual(['an answer: apiToken, as it is', 'an answer: phone, as it is']);
  });

  it.each([
    ['standard output', `process.stdout.write('${apiToken}')`],
    ['standard error', `console.error('${encodeURIComponent(phone)}')`],
    [
      'standard output',
      `process.stdout.write('${apiToken.slice(0, 9)}'); setTimeout(() => process.stdout.write('${apiToken.slice(9)}'), 100)`,
    ],
  ])('in the %s of a child, also one whose output comes in pieces: %s', async (output, script) => {
    const child = spawn(process.execPath, ['-e', script]);
    child.stdout.resume();
    child.stderr.resume();
    await once(child, 'close');
    expect(takeLeaks().map((leak) => leak.split(':')[0])).toEqual([`${output} of a child process`]);
  });

  it('in what a child wrote that was waited for, or whose output came as one', async () => {
    spawnSync(process.execPath, ['-e', `console.log('${widgetSecret}')`]);
    expect(takeLeaks()).toEqual(['an output of a child process: widgetSecret, as it is']);
    await new Promise((resolve) => execFile(process.execPath, ['-e', `console.log('${widgetSecret}')`], resolve));
    expect(takeLeaks()).toEqual(['standard output of a child process: widgetSecret, as it is']);
  });

  it('in what this process writes', () => {
    // biome-ignore lint/suspicious/noConsole: it is what is tried.
    console.log({ phone });
    process.stderr.write(`${phone}\n`);
    expect(takeLeaks()).toEqual(['console.log: phone, as it is', 'standard error: phone, as it is']);
  });

  it('where a test planted a word of its own', () => {
    const word = plant('Zq-of-this-test');
    pino({}, { write: () => undefined }).info(word);
    expect(takeLeaks()).toEqual(['a log line: planted Zq-o..., as it is']);
  });
});

it('who leaks is failed, by name of channel and word', () => {
  pino({}, { write: () => undefined }).info(apiToken);
  expect(failOnLeaks).toThrow(/planted secrets or user data were emitted[\s\S]*a log line: apiToken/);
  expect(failOnLeaks).not.toThrow();
});

it('what is no service of ours may say what it was told', async () => {
  await post(await talkative('/interactions/1/probe'));
  expect(takeLeaks()).toEqual([]);
});
