import { Type } from 'typebox';
import type { AdapterHealth } from '../probe/adapter.ts';
import { CONTROL_STATES, GUARD_STATES } from '../resilience/events.ts';
import type { SafetyState } from '../resilience/probe-service.ts';

/** How one target looks from here. For people and dashboards; it never makes the service unready. */
export interface TargetState {
  readonly target: string;
  readonly adapter: string;
  readonly interactionServer: AdapterHealth;
  /** Whether its verdicts are made up. */
  readonly simulated: boolean;
  readonly safety: SafetyState;
}

/** How the link to the store that replicas share stands. */
export interface StoreState {
  readonly state: 'linked' | 'catching_up' | 'apart';
  readonly replicas: number;
}

const control = (which: string) =>
  Type.Union([Type.Enum([...CONTROL_STATES], { type: 'string' }), Type.Null()], {
    description: `What is answered about the interaction that ${which}; null if none is configured.`,
  });

/** How a target guards itself, as told by `/readyz`: the shape of `SafetyState`. */
const SafetyStateSchema = Type.Object(
  {
    guard: Type.Enum([...GUARD_STATES], {
      type: 'string',
      description: '`tripped`: stops are withheld, since there are too many; `released`: by an operator, for a while.',
    }),
    delivered: Type.Boolean({ description: 'Whether a message was delivered since the start.' }),
    gatewayOpen: Type.Boolean({ description: 'Whether the gateway is left alone, since it keeps failing.' }),
    serversDown: Type.Integer({ minimum: 0, description: 'Chat Servers that are down or just coming back.' }),
    probesParked: Type.Integer({ minimum: 0, description: 'Probes that wait for them.' }),
    controls: Type.Object(
      { absent: control('never existed'), live: control('is always alive') },
      { description: 'The control probes: while one is `wrong`, nothing is stopped.' },
    ),
    shadow: Type.Boolean({ description: 'Whether every answer is `route`.' }),
    enforcePercent: Type.Number({ minimum: 0, maximum: 100, description: 'Share of the interactions whose verdict is answered.' }),
  },
  { description: 'How the target guards itself.' },
);

const TargetStateSchema = Type.Object({
  target: Type.String({ examples: ['default'] }),
  adapter: Type.String({ description: '`simulator`, `gateway` or `workflow`.', examples: ['gateway'] }),
  interactionServer: Type.Enum(['connected', 'disconnected', 'unknown'], {
    type: 'string',
    description: 'What the adapter says of the way to Interaction Server.',
  }),
  simulated: Type.Boolean({ description: 'True if its verdicts are made up: a simulator answers, embedded or behind a gateway.' }),
  safety: SafetyStateSchema,
});

const StoreStateSchema = Type.Object(
  {
    state: Type.Enum(['linked', 'catching_up', 'apart'], {
      type: 'string',
      description: '`linked`: this replica knows what the others know; `apart`: each goes on with what it knows itself.',
    }),
    replicas: Type.Integer({ minimum: 1, description: 'Replicas seen there the last time, this one counted.' }),
  },
  { description: 'The store that replicas share, if there is one. For information: where it is lost each replica goes on alone.' },
);

/** The body of `/readyz`. */
export const readiness = (description: string) =>
  Type.Object(
    {
      ready: Type.Boolean({ description: 'Whether to send new probes here.' }),
      draining: Type.Boolean({ description: 'True once the process was told to stop.' }),
      targets: Type.Array(TargetStateSchema, { description: 'For information: a target in trouble never makes the service unready.' }),
      store: Type.Optional(StoreStateSchema),
    },
    { description },
  );
