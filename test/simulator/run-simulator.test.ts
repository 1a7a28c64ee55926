import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { DEMO_CHATS } from '../../lab/simulator/demo-world.ts';
import type { HostProcess } from '../../lab/simulator/run-simulator.ts';
import { runSimulator } from '../../lab/simulator/run-simulator.ts';
import { LIBRARY } from '../support/control-bench.ts';

interface Bench {
  readonly host: HostProcess;
  readonly said: { printed: string; complained: string };
  /** Sends a signal that asks the process to end. */
  stop(): void;
  /** Resolves with the code that the process was told to exit with. */
  readonly exited: Promise<number>;
}

const ANY_PORT = { CHATPROBE_SIM_PORT: '0' };

/** A process made up for the test. */
function bench(env: Readonly<Record<string, string>>, args: readonly string[] = []): Bench {
  const said = { printed: '', complained: '' };
  let listener = (): void => undefined;
  let exit = (_code: number): void => undefined;
  const exited = new Promise<number>((resolve) => {
    exit = resolve;
  });
  const host: HostProcess = {
    args,
    env,
    scenarios: LIBRARY,
    print(text) {
      said.printed += text;
    },
    complain(text) {
      said.complained += text;
    },
    onStopSignal(given) {
      listener = given;
    },
    exit: (code) => exit(code),
  };
  return { host, said, exited, stop: () => listener() };
}

describe('runSimulator', () => {
  it('says what it ignores, as injected by Kubernetes', async () => {
    const { host, said, stop, exited } = bench({ CHATPROBE_SIM_PORT: '0', CHATPROBE_SIM_SERVICE_HOST: '10.96.7.1' });
    expect(await runSimulator(host)).toBe(0);
    expect(said.complained).toBe('chat-probe simulator: ignored, as injected by Kubernetes: CHATPROBE_SIM_SERVICE_HOST\n');
    stop();
    await exited;
  });

  it('says where it listens and what each demo id shows, and ends on a signal', async () => {
    const { host, said, stop, exited } = bench({ CHATPROBE_SIM_PORT: '0' });
    expect(await runSimulator(host)).toBe(0);
    const [url] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said.printed) ?? [];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const { id, chatServer, shows } of Object.values(DEMO_CHATS))
      expect(said.printed).toContain(`${id}  on ${chatServer}: ${shows}\n`);

    stop();
    expect(await exited).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(said.complained).toBe('');
  });

  it('ends at once on a second signal, but not on npm saying the first one again', async () => {
    const alone = bench(ANY_PORT);
    const underNpm = bench({ ...ANY_PORT, npm_lifecycle_event: 'simulator' });
    for (const { host } of [alone, underNpm]) expect(await runSimulator(host)).toBe(0);
    for (const { stop } of [alone, underNpm]) {
      stop();
      stop();
    }
    expect(await Promise.all([alone.exited, underNpm.exited])).toEqual([1, 0]);
  });

  it('plays the scenario that the arguments name, and says which', async () => {
    const { host, said, stop, exited } = bench(ANY_PORT, ['--scenario', 'calm', '--chats', '3', '--seed', '5']);
    expect(await runSimulator(host)).toBe(0);
    const [url] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said.printed) ?? [];
    expect(said.printed).toContain('Scenario calm, seed 5: Two Chat Servers, and nothing happens.\n');
    expect(said.printed).toContain('the 3 from chat-000001 on, on A, B\n');
    const response = await fetch(`${url}/sim/scenario`);
    expect(await response.json()).toMatchObject({ name: 'calm', seed: 5, chats: 3 });
    stop();
    expect(await exited).toBe(0);
  });

  // Loopback by an address that is not seen to be it, so that the test opens nothing to a network.
  it.each([
    ['on loopback', '127.0.0.1', [], 200],
    ['beyond loopback', '::ffff:127.0.0.1', [], 404],
    ['beyond loopback with --control', '::ffff:127.0.0.1', ['--control'], 200],
  ])('can be steered, or says that it cannot, %s', async (_where, hostName, args, status) => {
    const { host, said, stop, exited } = bench({ ...ANY_PORT, CHATPROBE_SIM_HOST: hostName }, args);
    expect(await runSimulator(host)).toBe(0);
    const [, port] = /listening on http:.*:(\d+)/.exec(said.printed) ?? [];
    expect((await fetch(`http://127.0.0.1:${port}/sim/clock`)).status).toBe(status);
    expect(said.printed).toContain(status === 200 ? `:${port}/sim\n` : 'It cannot be steered');
    stop();
    await exited;
  });

  it('prints how to use it, and starts nothing', async () => {
    const { host, said } = bench({}, ['--help']);
    expect(await runSimulator(host)).toBe(0);
    expect(said).toEqual({ printed: expect.stringMatching(/^Usage: npm run simulator/), complained: '' });
  });

  it('tells every wrong argument at once and starts nothing', async () => {
    const { host, said } = bench(ANY_PORT, ['--scenario', 'nope', '--seed', 'x']);
    expect(await runSimulator(host)).toBe(64);
    expect(said).toEqual({
      printed: '',
      complained:
        'chat-probe simulator: --scenario must be one of demo, broken, calm, not "nope"\n' +
        'chat-probe simulator: --seed must be a whole number from 0 to 4294967295, not "x"\n',
    });
  });

  it('tells every mistake of a scenario file and starts nothing', async () => {
    const { host, said } = bench(ANY_PORT, ['--scenario', 'broken']);
    expect(await runSimulator(host)).toBe(65);
    expect(said.printed).toBe('');
    expect(said.complained).toMatch(/^chat-probe simulator: broken\.yaml: .*highAvailability/m);
    expect(said.complained).toMatch(/^chat-probe simulator: broken\.yaml: .*seed/m);
  });

  it('tells every bad value at once and starts nothing', async () => {
    const { host, said } = bench({ CHATPROBE_SIM_HOST: 'a b', CHATPROBE_SIM_PORT: 'x' });
    expect(await runSimulator(host)).toBe(78);
    expect(said.printed).toBe('');
    expect(said.complained).toBe(
      'chat-probe simulator: CHATPROBE_SIM_HOST must be a host name or an IP address, not "a b"\n' +
        'chat-probe simulator: CHATPROBE_SIM_PORT must be a whole number from 0 to 65535, not "x"\n',
    );
  });

  it('says in one line that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : address;
    const { host, said } = bench({ CHATPROBE_SIM_PORT: String(port) });
    expect(await runSimulator(host)).toBe(1);
    other.close();
    expect(said).toEqual({
      printed: '',
      complained: `chat-probe simulator: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`,
    });
  });
});
