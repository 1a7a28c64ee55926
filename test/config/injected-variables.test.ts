import { describe, expect, it } from 'vitest';
import { withoutInjected } from '../../src/config/injected-variables.ts';

/** What Kubernetes injects for a Service of this name with two named ports, one of them UDP. */
const injectedFor = (service: string): Readonly<Record<string, string>> => ({
  [`${service}_SERVICE_HOST`]: '10.96.7.1',
  [`${service}_SERVICE_PORT`]: '80',
  [`${service}_SERVICE_PORT_HTTP`]: '80',
  [`${service}_SERVICE_PORT_METRICS_2`]: '9090',
  [`${service}_PORT`]: 'tcp://10.96.7.1:80',
  [`${service}_PORT_80_TCP`]: 'tcp://10.96.7.1:80',
  [`${service}_PORT_80_TCP_PROTO`]: 'tcp',
  [`${service}_PORT_80_TCP_PORT`]: '80',
  [`${service}_PORT_80_TCP_ADDR`]: '10.96.7.1',
  [`${service}_PORT_53_UDP`]: 'udp://10.96.7.1:53',
  [`${service}_PORT_53_UDP_ADDR`]: '10.96.7.1',
});

describe('variables', () => {
  it.each(['CHATPROBE', 'CHATPROBE_SIM', 'CHATPROBE_GATEWAY_2'])('that Kubernetes injects for the Service %s are set aside', (service) => {
    const injected = injectedFor(service);
    const own = { CHATPROBE_HOST: '0.0.0.0', PATH: '/bin', NOTHING: undefined };
    expect(withoutInjected({ ...injected, ...own }, 'CHATPROBE_')).toEqual({
      given: { CHATPROBE_HOST: '0.0.0.0', PATH: '/bin' },
      ignored: Object.keys(injected),
    });
  });

  it.each([
    ['CHATPROBE_PORT', '8080'],
    ['CHATPROBE_PORT', ''],
    ['CHATPROBE_PORT', 'http://10.96.7.1:80'],
    ['CHATPROBE_PROT', 'tcp://10.96.7.1:80'],
    ['CHATPROBE_HOST', 'tcp://10.96.7.1:80'],
    ['CHATPROBE_GATEWAY_URL', 'tcp://10.96.7.1:80'],
    ['CHATPROBE_SERVICE_HOSTS', '10.96.7.1'],
    ['CHATPROBE_SERVICEPORT', '80'],
    ['CHATPROBE_PORT_HTTP_TCP', '80'],
    ['OTHER_SERVICE_HOST', '10.96.7.1'],
  ])("%s=%s is the operator's", (name, value) => {
    expect(withoutInjected({ [name]: value }, 'CHATPROBE_')).toEqual({ given: { [name]: value }, ignored: [] });
  });
});
