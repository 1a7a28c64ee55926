import { expect, it } from 'vitest';
import { CLOSED_PORT } from '../support/scripted-gateway.ts';
import { serviceProcess } from '../support/service-process.ts';

it('chat-probe check-gateway ends by itself, with what its run came to', async () => {
  const [refused, broken] = [
    serviceProcess({}, ['check-gateway']),
    serviceProcess({}, ['check-gateway', `http://127.0.0.1:${CLOSED_PORT}`, '--live', 'a', '--dead', 'b']),
  ];
  expect(await refused.exit).toBe(64);
  expect(refused.stderr()).toContain('chat-probe check-gateway: URL is needed');
  expect(await broken.exit).toBe(1);
  expect(broken.stdout()).toContain('The gateway does not keep the contract.');
  expect(broken.stderr()).toBe('');
});
