import type { Check } from '../check.ts';
import { allOf, broken, expecting, PASSED } from '../check.ts';
import type { Exchange } from '../exchange.ts';
import { expectNotFound, isClientError } from '../expectations.ts';

const SOURCE = 'docs/gateway.md, "Statuses"';
/** These would say that the address was not even looked at. */
const NOT_ABOUT_THE_ADDRESS = [401, 403, 407, 429];

export const WRONG_HTTP_METHOD: Check = {
  id: 'wrong-http-method',
  title: 'GET /esp is refused',
  promise: 'Messages are sent by POST {base}/esp, and in no other way.',
  source: SOURCE,
  needs: [],
  async run(site) {
    const exchange = await site.get('/esp');
    return expecting('a 4xx such as 405 or 404', exchange, isNotThere(exchange));
  },
};

export const WRONG_PATH: Check = {
  id: 'wrong-path',
  title: 'a message to another path is refused',
  promise: 'Messages are sent to POST {base}/esp, and nowhere else.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const exchange = await site.post(site.messageToDead(), { path: '/chat-probe-knows-no-such-path' });
    return expecting('a 4xx such as 404', exchange, isNotThere(exchange));
  },
};

export const NO_REDIRECT: Check = {
  id: 'no-redirect',
  title: 'nothing is redirected',
  promise: 'A redirect is taken for a protocol error: following one could carry message and token to a stranger.',
  source: 'docs/gateway.md, "Replies"',
  needs: ['dead'],
  async run(site) {
    const usual = await site.post(site.messageToDead());
    const withSlash = await site.post(site.messageToDead(), { path: '/esp/' });
    const redirected = [usual, withSlash].find(isRedirect);
    if (redirected !== undefined) return broken(`the answer sends the caller to another address`, redirected);
    return allOf([expectNotFound(usual), withSlash.kind === 'answered' ? PASSED : expecting('an answer', withSlash, false)]);
  },
};

function isNotThere(exchange: Exchange): boolean {
  return exchange.kind === 'answered' && isClientError(exchange.status) && !NOT_ABOUT_THE_ADDRESS.includes(exchange.status);
}

function isRedirect(exchange: Exchange): boolean {
  return exchange.kind === 'answered' && exchange.status >= 300 && exchange.status < 400;
}
