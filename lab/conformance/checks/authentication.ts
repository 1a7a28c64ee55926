import type { Check, Finding } from '../check.ts';
import { expecting } from '../check.ts';
import type { Exchange } from '../exchange.ts';

const PROMISE = 'The gateway answers 401 or 403 when it refuses the caller.';
const SOURCE = 'docs/gateway.md, "Statuses"';
/** Made up, and nothing like the real one. */
const WRONG_TOKEN = 'chat-probe-does-not-know-the-token';

export const AUTH_NO_TOKEN: Check = {
  id: 'auth-no-token',
  title: 'a message without a token is refused with 401 or 403',
  promise: PROMISE,
  source: SOURCE,
  needs: ['dead', 'token'],
  run: async (site) => expectShutOut(await site.post(site.messageToDead(), { token: null })),
};

export const AUTH_WRONG_TOKEN: Check = {
  id: 'auth-wrong-token',
  title: 'a message with a wrong token is refused with 401 or 403',
  promise: PROMISE,
  source: SOURCE,
  needs: ['dead', 'token'],
  run: async (site) => expectShutOut(await site.post(site.messageToDead(), { token: WRONG_TOKEN })),
};

function expectShutOut(exchange: Exchange): Finding {
  return expecting('401 or 403', exchange, exchange.kind === 'answered' && [401, 403].includes(exchange.status));
}
