import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/process/start-service.ts';
import { messageIn } from '../support/chat-gateway.ts';
import { deliver, type ScriptedGateway, startScriptedGateway } from '../support/scripted-gateway.ts';
import { askTarget, DEADLINE_MS, type ProbeAnswer, serviceFor } from './faulty-targets.ts';
import { GATEWAY_FAULTS, type GatewayFault } from './gateway-faults.ts';

/** How a fault was met: what the caller was told, the messages that were sent for it, and what came of the next chat. */
interface Met {
  readonly answer: ProbeAnswer;
  readonly references: readonly number[];
  readonly next: ProbeAnswer;
  readonly requestsForNext: number;
}

const nameOf = (fault: GatewayFault): string => `t${GATEWAY_FAULTS.indexOf(fault)}`;
const gateways = new Map<string, ScriptedGateway>();
const met = new Map<string, Met>();
const delay = monitorEventLoopDelay({ resolution: 5 });
let service: RunningService;

// All at the same time, each at a target of its own: most of them only wait.
beforeAll(async () => {
  for (const fault of GATEWAY_FAULTS) gateways.set(nameOf(fault), await startScriptedGateway(fault.does));
  service = await serviceFor(new Map([...gateways].map(([name, { url }]) => [name, { urls: [url] }])));
  delay.enable();
  await Promise.all([...gateways].map(async ([name, gateway]) => met.set(name, await meet(name, gateway))));
  delay.disable();
});

afterAll(async () => {
  await service.stop();
  await Promise.all([...gateways.values()].map((gateway) => gateway.close()));
});

async function meet(target: string, gateway: ScriptedGateway): Promise<Met> {
  const about = (id: string) => gateway.requests.filter((request) => messageIn(request).interactionId === id);
  const answer = await askTarget(service, target, `faulty-${target}`);
  const references = about(`faulty-${target}`).map(({ body }) => (JSON.parse(body) as { referenceId: number }).referenceId);
  gateway.follow(deliver);
  const next = await askTarget(service, target, `next-${target}`);
  return { answer, references, next, requestsForNext: about(`next-${target}`).length };
}

describe('a gateway that misbehaves', () => {
  it.each(GATEWAY_FAULTS)('$name', (fault) => {
    const found = met.get(nameOf(fault));
    const { reason, evidence = 'unknown', verdict = 'route', once = false } = fault;
    expect(found?.answer).toMatchObject({ verdict, evidence, reason, attempts: once ? 1 : 2, degraded: /unknown|orphaned/.test(evidence) });
    // The process itself may be late: the machine is shared.
    expect(found?.answer.elapsedMs).toBeLessThanOrEqual(DEADLINE_MS + 50 + delay.max / 1e6);
    // Each attempt sends its message once; where the process is late it may not come to that.
    expect(found?.references.length).toBeGreaterThan(0);
    expect(found?.references.length).toBeLessThanOrEqual(once ? 1 : 2);
    expect(new Set(found?.references).size).toBe(found?.references.length);
    // And nothing of it is left for the next chat.
    expect(found?.next).toMatchObject({ verdict: 'route', evidence: 'alive', reason: 'delivered', attempts: 1 });
    expect(found?.requestsForNext).toBe(1);
  });
});
