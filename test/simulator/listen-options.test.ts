import { describe, expect, it } from 'vitest';
import { listenFault, readListenOptions } from '../../lab/simulator/listen-options.ts';

describe('readListenOptions', () => {
  it.each([
    ['nothing given', {}, { host: '127.0.0.1', port: 9190 }],
    ['empty strings', { CHATPROBE_SIM_HOST: '', CHATPROBE_SIM_PORT: '' }, { host: '127.0.0.1', port: 9190 }],
    ['a host name', { CHATPROBE_SIM_HOST: 'sim-1.example' }, { host: 'sim-1.example', port: 9190 }],
    ['an IPv6 address', { CHATPROBE_SIM_HOST: '::1' }, { host: '::1', port: 9190 }],
    ['the lowest port', { CHATPROBE_SIM_PORT: '0' }, { host: '127.0.0.1', port: 0 }],
    ['the highest port', { CHATPROBE_SIM_PORT: '65535' }, { host: '127.0.0.1', port: 65_535 }],
    ['names of the service itself', { CHATPROBE_HOST: '0.0.0.0', CHATPROBE_PORT: '8080' }, { host: '127.0.0.1', port: 9190 }],
  ])('takes %s', (_what, env, options) => {
    expect(readListenOptions(env)).toEqual({ ok: true, options, ignored: [] });
  });

  it('ignores what Kubernetes injects for a Service of the simulator', () => {
    const injected = {
      CHATPROBE_SIM_PORT: 'tcp://10.0.0.7:9190',
      CHATPROBE_SIM_SERVICE_HOST: '10.0.0.7',
      CHATPROBE_SIM_PORT_9190_TCP: 'x',
    };
    expect(readListenOptions(injected)).toEqual({
      ok: true,
      options: { host: '127.0.0.1', port: 9190 },
      ignored: Object.keys(injected),
    });
  });

  it.each(['65536', '-1', '80.5', 'http', ' 9190', '0x50'])('refuses the port %j', (port) => {
    expect(readListenOptions({ CHATPROBE_SIM_PORT: port })).toEqual({
      ok: false,
      problems: [`CHATPROBE_SIM_PORT must be a whole number from 0 to 65535, not ${JSON.stringify(port)}`],
    });
  });

  it.each(['http://127.0.0.1', 'two words', '-dash', '127.0.0.1:80'])('refuses the host %j', (host) => {
    expect(readListenOptions({ CHATPROBE_SIM_HOST: host })).toEqual({
      ok: false,
      problems: [`CHATPROBE_SIM_HOST must be a host name or an IP address, not ${JSON.stringify(host)}`],
    });
  });

  it('reports every problem in one go, misspelt names included', () => {
    const read = readListenOptions({ CHATPROBE_SIM_PROT: '1', CHATPROBE_SIM_HOST: '/', CHATPROBE_SIM_PORT: 'x' });
    expect(read).toEqual({
      ok: false,
      problems: [
        'CHATPROBE_SIM_PROT is not known; known are CHATPROBE_SIM_HOST and CHATPROBE_SIM_PORT',
        expect.stringContaining('CHATPROBE_SIM_HOST'),
        expect.stringContaining('CHATPROBE_SIM_PORT'),
      ],
    });
  });
});

describe('listenFault', () => {
  it.each([
    ['a taken port', Object.assign(new Error('long text'), { code: 'EADDRINUSE' }), 'the port is taken'],
    ['any other code', Object.assign(new Error('long text'), { code: 'EACCES' }), 'EACCES'],
    ['a fault without a code', new Error('long text'), 'unknown fault'],
    ['what is no error', 'thrown', 'unknown fault'],
  ])('names %s in one line', (_what, fault, because) => {
    expect(listenFault(fault, { host: '127.0.0.1', port: 80 })).toBe(`cannot listen on 127.0.0.1 port 80: ${because}`);
  });
});
