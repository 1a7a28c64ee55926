import type { Check } from '../check.ts';
import { broken, PASSED } from '../check.ts';
import { fieldsIn, inWords } from '../esp-answer.ts';

export const HEALTH: Check = {
  id: 'health',
  title: 'GET /health tells the state of Interaction Server',
  promise: 'GET {base}/health answers 200 {"interactionServer":"connected"} or 503.',
  source: 'docs/gateway.md, "Health"',
  needs: [],
  async run(site) {
    const exchange = await site.get('/health');
    if (exchange.kind === 'answered' && exchange.status === 503)
      return { kept: true, note: 'it says 503: Interaction Server is not connected' };
    const isConnected =
      exchange.kind === 'answered' &&
      exchange.status === 200 &&
      exchange.headers['content-type']?.startsWith('application/json') === true &&
      fieldsIn(exchange.body)?.['interactionServer'] === 'connected';
    return isConnected
      ? PASSED
      : broken(`expected 200 with JSON {"interactionServer":"connected"}, or 503, got ${inWords(exchange)}`, exchange);
  },
};
