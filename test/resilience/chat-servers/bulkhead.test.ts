import { expect, it } from 'vitest';
import { suspectRig, words } from './chat-servers-rig.ts';

const PATIENT = { lastMomentAtMs: 50_000, deadlineAtMs: 60_000 };

it('lets no more messages be under way to a Chat Server that comes back than to a healthy one', async () => {
  const { clock, ask } = await suspectRig({ maxInFlightPerServer: 2 });
  const canary = ask(PATIENT);
  const parked = Array.from({ length: 4 }, () => ask(PATIENT));
  canary.came('delivered');
  await clock.advance(1_000);
  expect(words(...parked)).toEqual(['released', 'released', 'waits', 'waits']);

  parked[0]?.came('delivered');
  await clock.advance(1_000);
  expect(words(...parked)).toEqual(['released', 'released', 'released', 'waits']);
});

it('sets no timer but for the first deadline while there is no room', async () => {
  const { clock, ask } = await suspectRig({ maxInFlightPerServer: 1 });
  const canary = ask(PATIENT);
  const parked = [ask(PATIENT), ask(PATIENT)];
  canary.came('delivered');
  await clock.advance(0);
  expect(words(...parked)).toEqual(['released', 'waits']);
  await clock.step();
  expect(clock.nowMs()).toBe(PATIENT.deadlineAtMs - 50);
  expect(words(...parked)).toEqual(['released', 'deadline by none']);
});
