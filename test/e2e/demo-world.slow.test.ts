import { describe, expect, it } from 'vitest';
import { demoGateway } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, probe } from '../support/listening-service.ts';

const DEMO_RULES = { CHATPROBE_SINGLE_CHAT_SERVER: 'true', CHATPROBE_ON_CHAT_SERVER_DOWN: 'stop' };

describe('the demo world, by the embedded simulator and over the network, gives the same verdicts', () => {
  const EXPECTED = [
    ['0006Ka9HFHRR0T2B', null, { verdict: 'route', evidence: 'alive', reason: 'delivered', attempts: 1 }],
    ['02JH8H2FE3Q3T00E', 'ChatServer_1', { verdict: 'stop', evidence: 'dead', reason: 'session_not_found', attempts: 3, faultCode: '100' }],
    [
      '0000GaBNKN2Q0021',
      'ChatServer_2',
      { verdict: 'stop', evidence: 'orphaned', reason: 'chat_server_not_found', attempts: 3, degraded: true },
    ],
    ['100p9yPPb8H4YWhX', 'ChatServer_3', { verdict: 'route', evidence: 'alive', reason: 'delivered' }],
    ['nobodyKnowsThis0', null, { verdict: 'stop', evidence: 'dead', reason: 'session_not_found', attempts: 3 }],
    ['0006Ka9HFHRR0T2B', 'ChatServer_99', { verdict: 'route', evidence: 'unknown', reason: 'gateway_misrouted', attempts: 1 }],
  ] as const;

  it.each(['embedded', 'over the network'])('%s', async (where) => {
    const env = where === 'embedded' ? { CHATPROBE_DRAIN_MS: '0' } : { ...gatewayEnv(await demoGateway()), ...DEMO_RULES };
    const service = await listeningService(env);
    const answers = await Promise.all(EXPECTED.map(([id, chatServerAppName]) => probe(service, { chatServerAppName }, id)));
    for (const [n, [id, , expected]] of EXPECTED.entries()) {
      expect(answers[n]).toMatchObject({ status: 200, answer: { interactionId: id, ...expected } });
      // Composer gives up then.
      expect(answers[n]?.tookMs).toBeLessThan(10_000);
    }
  });
});
