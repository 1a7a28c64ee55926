import { describe } from 'vitest';
import { startSimulator } from '../../../lab/simulator/network/network-face.ts';
import { createEmbeddedAdapter } from '../../../src/adapters/embedded-adapter.ts';
import { createGatewayAdapter } from '../../../src/gateway/gateway-adapter.ts';
import { realClock } from '../../../src/probe/clock.ts';
import { adapterContract } from './adapter-contract.ts';

const TOKEN = 'gateway-token';

describe('the embedded simulator', () => {
  adapterContract(async (world) => ({ adapter: createEmbeddedAdapter(world), stop: async () => undefined }));
});

describe('the gateway adapter, over the network', () => {
  adapterContract(async (world) => {
    const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world, token: TOKEN });
    const adapter = createGatewayAdapter(
      { kind: 'gateway', urls: [simulator.url], token: TOKEN, ca: null, identity: null, connectTimeoutMs: 1_000, maxConnections: 4 },
      { clock: realClock, wallNowMs: () => 0, onFarEnd: () => undefined },
    );
    return { adapter, stop: () => simulator.close() };
  });
});
