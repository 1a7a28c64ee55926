import { expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../../../lab/simulator/network/network-face.ts';
import { createPlayback } from '../../../lab/simulator/playback.ts';
import { createSteerableClock } from '../../../lab/simulator/steerable-clock.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { LIBRARY } from '../../support/control-bench.ts';
import { SECRETS } from '../../support/secrets.ts';

/** Where the demo world listens, to be steered. */
async function simulatorUrl(token?: string): Promise<string> {
  const clock = createSteerableClock(createVirtualClock());
  const stage = createPlayback(clock, LIBRARY);
  const control = { control: { stage, clock }, ...(token === undefined ? {} : { token }) };
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, world: stage.world, ...control });
  onTestFinished(() => simulator.close());
  return simulator.url;
}

it('an id of any length is one that the world may not know', async () => {
  const response = await fetch(`${await simulatorUrl()}/sim/sessions/${'x'.repeat(2_000)}`);
  expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ field: 'id' })]);
});

it('a URL that cannot be decoded is refused in JSON, by the control face as it refuses all else', async () => {
  const url = await simulatorUrl();
  const error = 'the URL cannot be decoded';
  const refusal = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return [response.status, await response.json()];
  };
  expect(await refusal('/sim/sessions/%zz')).toEqual([400, { error, field: null, problems: [{ field: null, error }] }]);
  expect(await refusal('/%zz')).toEqual([400, { error }]);
});

it('a simulator with a token is steered by nobody without it', async () => {
  const url = await simulatorUrl(SECRETS.gatewayToken);
  const crash = (headers: Record<string, string>) => fetch(`${url}/sim/servers/ChatServer_1/crash`, { method: 'POST', headers });
  expect((await crash({})).status).toBe(401);
  expect((await crash({ authorization: `Bearer ${SECRETS.gatewayToken}` })).status).toBe(200);
});
