import { expect, it } from 'vitest';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createEvidenceLink } from '../../src/store/evidence-link.ts';
import { createMemoryEvidence } from '../../src/store/memory-evidence.ts';
import type { SharedEvidence } from '../../src/store/shared-evidence.ts';
import { APART_MS } from '../../src/store/store-link.ts';
import { BOUNDS } from './evidence-contract.ts';

function rig() {
  const clock = createVirtualClock();
  const memory = createMemoryEvidence(clock, BOUNDS);
  const did: string[] = [];
  const store: SharedEvidence = { ...memory.connect(), reset: () => void did.push('reset'), close: () => void did.push('close') };
  const link = createEvidenceLink({ clock, store, changed: (trouble) => void did.push(trouble?.trouble ?? 'again') });
  const find = (boundMs = 100) => clock.drive(link.ask((evidence) => evidence.find('p1'), boundMs));
  return { clock, memory, did, link, find };
}
const FOUND = { kind: 'found', record: null };

it('each trouble is told, begins a new connection, and keeps the store from being asked for 5 s', async () => {
  const { clock, memory, did, link, find } = rig();
  expect([await find(), did]).toEqual([FOUND, []]);
  memory.setReachable(false);
  expect([await find(), await find()]).toEqual([null, null]);
  expect(did).toEqual(['reset', 'unreachable']);
  expect(link.apartUntilMs).toBe(clock.nowMs() + APART_MS);
  await clock.advance(APART_MS);
  expect([await find(), did.splice(0)]).toEqual([null, ['reset', 'unreachable', 'reset', 'unreachable']]);
  memory.setReachable(true);
  await clock.advance(APART_MS - 1);
  expect(await find()).toBeNull();
  await clock.advance(1);
  expect([await find(), await find()]).toEqual([FOUND, FOUND]);
  expect(did).toEqual(['again']);
});

it('an answer that comes when another failed meanwhile is none any more, and one failure is not counted twice', async () => {
  const { clock, did, link } = rig();
  const never = link.ask(() => new Promise<never>(() => undefined), 100);
  const slow = link.ask(() => new Promise<typeof FOUND>((resolve) => void clock.schedule(150, () => resolve(FOUND))), 1_000);
  const second = link.ask(() => new Promise<never>(() => undefined), 120);
  expect(await clock.drive(Promise.all([never, slow, second]))).toEqual([null, null, null]);
  expect([did, link.apartUntilMs]).toEqual([['reset', 'late'], 100 + APART_MS]);
});

it('nobody is asked after the end, and what was asked before has no answer', async () => {
  const { clock, did, link, find } = rig();
  const asked = link.ask(() => new Promise<typeof FOUND>((resolve) => void clock.schedule(50, () => resolve(FOUND))), 1_000);
  link.close();
  expect([await clock.drive(asked), await find(), did]).toEqual([null, null, ['close']]);
});
