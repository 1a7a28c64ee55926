import { createDemoWorld } from '../../lab/simulator/demo-world.ts';
import type { AdapterConfig } from '../config/config.ts';
import { createGatewayAdapter } from '../gateway/gateway-adapter.ts';
import type { NameLookup } from '../gateway/name-lookup.ts';
import type { InteractionServerAdapter } from '../probe/adapter.ts';
import type { Clock } from '../probe/clock.ts';
import { createEmbeddedAdapter } from './embedded-adapter.ts';

/** The time that adapters live by, and who hears of their far end. */
export interface AdapterParts {
  readonly clock: Clock;
  /** Milliseconds since 1970, for dates of the far end only. */
  wallNowMs(): number;
  /** Told when the far end of a gateway target turns out to be a simulator, or to be none any more. */
  onFarEnd(isSimulated: boolean): void;
  /** Looks up gateways' names, for all targets. */
  readonly names?: NameLookup;
}

/** Makes the adapter that a target asks for. The only list of kinds; nothing connects yet. */
export function createAdapter(config: AdapterConfig, parts: AdapterParts): InteractionServerAdapter {
  switch (config.kind) {
    case 'simulator':
      return createEmbeddedAdapter(createDemoWorld({ clock: parts.clock, seed: config.seed }));
    case 'gateway':
      return createGatewayAdapter(config, parts);
    case 'workflow':
      return WITHOUT_WAY;
  }
}

/** Of a target whose workflows send by themselves: no way leads from here to Interaction Server, so a probe that asks for one is told so. */
const WITHOUT_WAY: InteractionServerAdapter = {
  kind: 'workflow',
  isSimulated: () => false,
  send: async () => ({
    kind: 'failure',
    reason: 'gateway_misrouted',
    written: false,
    rejected: true,
    retryAfterMs: null,
    detail: 'workflows of this target send by themselves: POST /interactions/:id/observations',
  }),
  health: async () => 'unknown',
  close: async () => undefined,
};
