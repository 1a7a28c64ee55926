import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { DEMO_CHATS } from '../../lab/simulator/demo-world.ts';

const ENTRY = 'dist/lab/simulator/main.js';
const started: ChildProcessWithoutNullStreams[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [ENTRY, ...args], { env: { PATH: process.env['PATH'], ...env } });
  started.push(child);
  return child;
}

/** What it printed, once it has said all that it says at the start. */
async function announced(child: ChildProcessWithoutNullStreams, lastWords: string = DEMO_CHATS.restored.shows): Promise<string> {
  let printed = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (printed.includes(lastWords)) break;
  }
  return printed;
}

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [[code], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

describe('the simulator as a process', () => {
  it('says where it really listens and what each demo id shows, and answers there', async () => {
    const printed = await announced(start({ CHATPROBE_SIM_PORT: '0' }));
    for (const { id, chatServer, shows } of Object.values(DEMO_CHATS)) expect(printed).toContain(`${id}  on ${chatServer}: ${shows}`);
    const [url] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(printed) ?? [];
    const response = await fetch(`${url}/health`);
    expect(await response.json()).toEqual({ interactionServer: 'connected' });
  });

  it('plays a scenario file, to be steered', async () => {
    const printed = await announced(
      start({ CHATPROBE_SIM_PORT: '0' }, ['--scenario', 'fail-over-6s', '--chats', '5']),
      'Interactions to try',
    );
    const [url] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(printed) ?? [];
    const response = await fetch(`${url}/sim/scenario`);
    expect(await response.json()).toMatchObject({ name: 'fail-over-6s', chats: 5, scenario: { highAvailability: 'n+1' } });
  });

  it('lists the scenario files where the one asked for is none of them, and exits with 64', async () => {
    const { code, stderr } = await ended(start({ CHATPROBE_SIM_PORT: '0' }, ['--scenario', 'fail-over']));
    expect(code).toBe(64);
    expect(stderr).toMatch(
      /^chat-probe simulator: --scenario must be one of demo, all-at-once, by-type, cold-start, .*, not "fail-over"\n$/,
    );
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('closes and exits with 0 on %s', async (signal) => {
    const child = start({ CHATPROBE_SIM_PORT: '0' });
    await announced(child);
    child.kill(signal);
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' });
  });

  it('reports every bad value at once and exits with 78', async () => {
    const { code, stdout, stderr } = await ended(start({ CHATPROBE_SIM_HOST: 'a b', CHATPROBE_SIM_PORT: 'x' }));
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'chat-probe simulator: CHATPROBE_SIM_HOST must be a host name or an IP address, not "a b"',
      'chat-probe simulator: CHATPROBE_SIM_PORT must be a whole number from 0 to 65535, not "x"',
      '',
    ]);
  });

  it('says in one line that the port is taken and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : address;
    const { code, stderr } = await ended(start({ CHATPROBE_SIM_PORT: String(port) }));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(`chat-probe simulator: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`);
  });
});
