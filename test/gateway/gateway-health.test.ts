import { describe, expect, it } from 'vitest';
import { adapterFor, gatewayThat, TOKEN } from '../support/gateway-rig.ts';
import { answer, answerJson, CLOSED_PORT, say, silent } from '../support/scripted-gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const CONNECTED = { interactionServer: 'connected' };
const never = new AbortController().signal;

describe('the health of the gateway', () => {
  it.each([
    ['connected', 'that is connected', answerJson(CONNECTED)],
    ['disconnected', '503', answer(503, {}, '')],
    ['disconnected', '503 with any body', answer(503, JSON_TYPE, JSON.stringify(CONNECTED))],
    ['unknown', 'of other words', answerJson({ interactionServer: 'yes' })],
    ['unknown', 'that is a list', answerJson(['connected'])],
    ['unknown', 'that is not JSON', answer(200, JSON_TYPE, 'connected')],
    ['unknown', '401', answer(401, JSON_TYPE, JSON.stringify(CONNECTED))],
    ['unknown', '404', answer(404, JSON_TYPE, JSON.stringify(CONNECTED))],
    ['unknown', '500', answer(500, JSON_TYPE, JSON.stringify(CONNECTED))],
    ['unknown', 'that is not HTTP', say('rubbish\r\n')],
  ])('is %s by an answer %s', async (health, _, script) => {
    const gateway = await gatewayThat(script);
    expect(await adapterFor([gateway.url]).health(never)).toBe(health);
  });

  it('is asked for with GET below the base path, with the token and without a message', async () => {
    const gateway = await gatewayThat(answerJson(CONNECTED));
    await adapterFor([`${gateway.url}/base/`]).health(never);
    expect(gateway.requests).toHaveLength(1);
    expect(gateway.requests[0]).toMatchObject({ method: 'GET', path: '/base/health', body: '' });
    expect(gateway.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, accept: 'application/json' });
    expect(gateway.requests[0]?.headers).not.toHaveProperty('x-deadline-ms');
    expect(gateway.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('is that of the next URL where the first cannot be reached', async () => {
    const second = await gatewayThat(answerJson(CONNECTED));
    expect(await adapterFor([`http://127.0.0.1:${CLOSED_PORT}`, second.url]).health(never)).toBe('connected');
  });

  it('is that of the first URL where that can be reached, whatever it says', async () => {
    const [first, second] = [await gatewayThat(answer(503, {}, '')), await gatewayThat(answerJson(CONNECTED))];
    expect(await adapterFor([first.url, second.url]).health(never)).toBe('disconnected');
    expect(second.sockets()).toBe(0);
  });

  it('is unknown where none can be reached', async () => {
    expect(await adapterFor([`http://127.0.0.1:${CLOSED_PORT}`]).health(never)).toBe('unknown');
  });

  it('is unknown when the asker stops waiting', async () => {
    const gateway = await gatewayThat(silent);
    expect(await adapterFor([gateway.url]).health(AbortSignal.timeout(50))).toBe('unknown');
  });
});
