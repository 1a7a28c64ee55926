import { describe, expect, it } from 'vitest';
import { createFarEnds } from '../../src/gateway/gateway-adapter.ts';
import replies from '../fixtures/esp-replies.json' with { type: 'json' };
import { adapterFor, gatewayThat, send } from '../support/gateway-rig.ts';
import { answer, CLOSED_PORT, deliver, type Script } from '../support/scripted-gateway.ts';

const HEADER = 'x-chat-probe-simulator';

/** The far ends and all that was told of them. */
function farEnds() {
  const told: boolean[] = [];
  const ends = createFarEnds((isSimulated) => told.push(isSimulated));
  const heard = (index: number, status: number, headers: Record<string, unknown> = {}): void =>
    ends.heard(index, { status, headers, body: new Uint8Array() });
  return { ends, told, heard };
}

describe('a target', () => {
  it('is taken for real until it is heard', () => {
    const { ends, told } = farEnds();
    expect([ends.anySimulated(), told]).toEqual([false, []]);
  });

  it.each([200, 401, 422, 503, 504])('is simulated as soon as an answer %i says so, and that is told once', (status) => {
    const { ends, told, heard } = farEnds();
    for (let n = 0; n < 3; n += 1) heard(0, status, { [HEADER]: 'true' });
    expect([ends.anySimulated(), told]).toEqual([true, [true]]);
  });

  it.each(['true', 'TRUE', '', ['true', 'true']])('is simulated whatever the header holds: %j', (value) => {
    const { ends, heard } = farEnds();
    heard(0, 200, { [HEADER]: value });
    expect(ends.anySimulated()).toBe(true);
  });

  it('is real again once a real gateway answers there', () => {
    const { ends, told, heard } = farEnds();
    heard(0, 200, { [HEADER]: 'true' });
    heard(0, 200);
    heard(0, 200);
    expect([ends.anySimulated(), told]).toEqual([false, [true, false]]);
  });

  it('stays simulated through errors, which may be those of a proxy', () => {
    const { ends, told, heard } = farEnds();
    heard(0, 200, { [HEADER]: 'true' });
    for (const status of [404, 429, 502, 503]) heard(0, status);
    expect([ends.anySimulated(), told]).toEqual([true, [true]]);
  });

  it('stays simulated while one of its URLs leads to a simulator, whichever answers', () => {
    const { ends, told, heard } = farEnds();
    heard(1, 200, { [HEADER]: 'true' });
    heard(0, 200);
    expect(ends.anySimulated()).toBe(true);
    heard(2, 200, { [HEADER]: 'true' });
    heard(1, 200);
    expect([ends.anySimulated(), told]).toEqual([true, [true]]);
    heard(2, 200);
    expect([ends.anySimulated(), told]).toEqual([false, [true, false]]);
  });
});

describe('a gateway adapter', () => {
  const simulating = answer(
    200,
    { 'content-type': 'application/json', 'X-Chat-Probe-Simulator': 'true' },
    JSON.stringify(replies.delivered),
  );

  it.each([
    ['real', deliver, false],
    ['simulated', simulating, true],
  ] as const satisfies readonly (readonly [string, Script, boolean])[])(
    'knows a %s far end by its replies',
    async (_name, script, simulated) => {
      const gateway = await gatewayThat(script);
      const adapter = adapterFor([gateway.url]);
      expect(adapter.isSimulated()).toBe(false);
      expect((await send(adapter)).outcome.kind).toBe('reply');
      expect(adapter.isSimulated()).toBe(simulated);
    },
  );

  it('knows it by its health too', async () => {
    const gateway = await gatewayThat(answer(503, { [HEADER]: 'true' }, ''));
    const adapter = adapterFor([gateway.url]);
    await adapter.health(AbortSignal.timeout(2_000));
    expect(adapter.isSimulated()).toBe(true);
  });

  it('knows the URL from which a reply came, and tells of it', async () => {
    const second = await gatewayThat(simulating);
    const told: boolean[] = [];
    const adapter = adapterFor([`http://127.0.0.1:${CLOSED_PORT}`, second.url], {}, undefined, (isSimulated) => told.push(isSimulated));
    await send(adapter);
    expect([adapter.isSimulated(), told]).toEqual([true, [true]]);
    second.follow(deliver);
    await send(adapter);
    expect([adapter.isSimulated(), told]).toEqual([false, [true, false]]);
  });
});
