import { Client } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { LateRequest } from '../../src/gateway/exchange.ts';
import { gatewayThat } from '../support/gateway-rig.ts';
import { deliver } from '../support/scripted-gateway.ts';

it('a request whose late header cannot be added is not written without', async () => {
  const gateway = await gatewayThat(deliver);
  const client = new Client(gateway.url);
  onTestFinished(() => client.destroy());
  const request = new LateRequest({ method: 'POST', path: '/esp', headers: [], body: '{}' });
  const error = await new Promise((resolve) => {
    client.dispatch(request, {
      onRequestStart: () => request.addHeader('x-deadline-ms', '1'),
      onResponseEnd: () => resolve(null),
      onResponseError: (_, reason) => resolve(reason),
    });
  });
  expect(error).toBeInstanceOf(Error);
  expect(gateway.requests).toHaveLength(0);
});
