import { Type } from 'typebox';
import { CONTROL_STATES, GUARD_STATES } from '../resilience/events.ts';

const control = (which: string) =>
  Type.Union([Type.Enum([...CONTROL_STATES], { type: 'string' }), Type.Null()], {
    description: `What is answered about the interaction that ${which}; null if none is configured.`,
  });

/** How a target guards itself, as told by `/readyz`: the shape of `SafetyState`. */
export const SafetyStateSchema = Type.Object(
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
