import { onTestFinished } from 'vitest';
import { createDemoWorld } from '../../lab/simulator/demo-world.ts';
import { startSimulator } from '../../lab/simulator/network/network-face.ts';
import type { GatewayConfig } from '../../src/config/config.ts';
import { createGatewayAdapter } from '../../src/gateway/gateway-adapter.ts';
import type { NameLookup } from '../../src/gateway/name-lookup.ts';
import type { InteractionServerAdapter, SendOutcome } from '../../src/probe/adapter.ts';
import { realClock } from '../../src/probe/clock.ts';
import type { EspRequest } from '../../src/probe/esp.ts';
import { espRequest } from './esp-request.ts';
import { type Script, type ScriptedGateway, type ScriptedGatewayOptions, startScriptedGateway } from './scripted-gateway.ts';
import { SECRETS } from './secrets.ts';

export const TOKEN = SECRETS.gatewayToken;

/** A scripted far end that goes with the test. */
export async function gatewayThat(script: Script, options: ScriptedGatewayOptions = {}): Promise<ScriptedGateway> {
  const gateway = await startScriptedGateway(script, options);
  onTestFinished(() => gateway.close());
  return gateway;
}

/** The demo world over the network; goes with the test. */
export async function demoGateway(): Promise<string> {
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world: createDemoWorld({ clock: realClock, seed: 1 }) });
  onTestFinished(() => simulator.close());
  return simulator.url;
}

/** A gateway adapter that goes with the test. */
export function adapterFor(
  urls: readonly string[],
  config: Partial<GatewayConfig> = {},
  nowMs: () => number = () => performance.now(),
  onFarEnd: (isSimulated: boolean) => void = () => undefined,
  names?: NameLookup,
): InteractionServerAdapter {
  const adapter = createGatewayAdapter(
    { kind: 'gateway', urls, token: TOKEN, ca: null, identity: null, connectTimeoutMs: 1_000, maxConnections: 8, ...config },
    { clock: { nowMs }, wallNowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5), onFarEnd, ...(names === undefined ? {} : { names }) },
  );
  onTestFinished(() => adapter.close());
  return adapter;
}

export interface Timed {
  readonly outcome: SendOutcome;
  readonly tookMs: number;
}

/** One send as the prober makes it: `signal` aborts when the time is over. */
export async function send(adapter: InteractionServerAdapter, timeoutMs = 2_000, request: EspRequest = espRequest()): Promise<Timed> {
  const startedMs = performance.now();
  const outcome = await adapter.send(request, timeoutMs, AbortSignal.timeout(Math.ceil(timeoutMs)));
  return { outcome, tookMs: performance.now() - startedMs };
}

/** Asks again and again, without keeping a core busy, until it is true; fails the test by its time-out if it never is. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
