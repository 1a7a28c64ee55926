import { expect, it } from 'vitest';
import { gatewayThat } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, metricAt, probe } from '../support/listening-service.ts';
import { answer, deliver } from '../support/scripted-gateway.ts';

/** Time-outs by a breaker that opens would hide what the limit does. */
const FILE = `
targets:
  default: { policy: once, outage: { messageLimit: 3, breakerFailures: 1000 } }
policies:
  once: { attempts: 2, attemptTimeoutMs: 1000, pauseMs: 0, deadlineMs: 5000 }
`;
const UNCONFIRMED = 'chatprobe_hidden_messages_total{target="default",delivery="unconfirmed"}';

it.each([400, 401, 402, 403, 404, 405, 407, 411, 413, 414, 415, 417, 421, 422, 426, 428, 429, 431, 451])(
  '%i is no message: neither for the limit of its chat nor for the metric',
  async (status) => {
    const gateway = await gatewayThat(answer(status, {}, ''));
    const service = await listeningService(gatewayEnv(gateway.url), { file: FILE });
    for (let n = 0; n < 5; n += 1) expect((await probe(service)).answer['reason']).toMatch(/^gateway_(auth|misrouted|busy)$/);
    expect(await metricAt(service, UNCONFIRMED)).toBe(0);
    gateway.follow(deliver);
    expect((await probe(service)).answer).toMatchObject({ evidence: 'alive' });
  },
);

it.each([408, 409, 301, 500, 503, 504])('%i may be one: it counts', async (status) => {
  const gateway = await gatewayThat(answer(status, {}, ''));
  const service = await listeningService(gatewayEnv(gateway.url), { file: FILE });
  for (let n = 0; n < 5; n += 1) await probe(service);
  expect(await metricAt(service, UNCONFIRMED)).toBe(3);
  gateway.follow(deliver);
  expect((await probe(service)).answer).toMatchObject({ evidence: 'unknown', reason: 'message_limit' });
});
