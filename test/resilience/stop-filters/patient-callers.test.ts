import { expect, it } from 'vitest';
import { conclude } from '../../../src/probe/verdict.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { BUILT_IN_GUARD } from '../../../src/resilience/settings.ts';
import type { Found } from '../../../src/resilience/single-flight/single-flight.ts';
import { filterStop } from '../../../src/resilience/stop-filters/filter-stop.ts';
import { createMassStopGuard } from '../../../src/resilience/stop-filters/mass-stop-guard.ts';
import { attemptWith, filtersWith, orderWith, RULES } from '../../support/samples.ts';
import { scriptedAdapter } from '../../support/scripted-adapter.ts';

const ORDER = orderWith(scriptedAdapter(createVirtualClock(), []));
const WINDOW_MS = 60_000;

/** Judges what was found out about chats while every orphan is held, with a guard that trips from ten verdicts on. */
function bench(isHeld: () => boolean = () => true) {
  const guard = createMassStopGuard({ ...BUILT_IN_GUARD, verdicts: 10, windowMs: WINDOW_MS }, () => undefined);
  guard.heard('delivered', 'B', 0);
  const filters = filtersWith({ servers: { holdOf: () => (isHeld() ? 'restoring' : null) }, guard, guardWindowMs: WINDOW_MS });
  const newChat = (): Found['chat'] & object => ({ stops: null, heldAtMs: null });
  const found = (chat: Found['chat'], reason: Parameters<typeof conclude>[0], nowMs: number): string | null => {
    const last = attemptWith({ reason: 'chat_server_not_found' });
    const result: Found['result'] = {
      ...conclude(reason, { ...RULES, ha: true, onChatServerDown: 'stop' }, 8_000, false),
      attempts: reason === 'delivered' ? [] : [last],
      faultCode: null,
      faultString: null,
      servedBy: 'probe',
      isKnownDown: false,
      elapsedMs: 0,
    };
    return filterStop(filters, { order: ORDER, result, probeId: 'p', startedAtMs: nowMs, isNewcomer: false, isOwn: true, chat }, nowMs)
      .withheld;
  };
  const lives = (times: number, nowMs: number): void => {
    for (let n = 0; n < times; n += 1) found(newChat(), 'delivered', nowMs);
  };
  return { guard, newChat, found, lives };
}

it.each(['chat_server_not_found', 'unconfirmed'] as const)('who asks again and again counts once in a window: %s', (reason) => {
  const { guard, newChat, found, lives } = bench();
  lives(10, 0);
  const chat = newChat();
  for (let nowMs = 0; nowMs < WINDOW_MS; nowMs += 2_000) found(chat, reason, nowMs);
  expect(guard.state(59_000)).toBe('watching');
});

it('counts again when the window is over', () => {
  const { guard, newChat, found, lives } = bench();
  const chats = Array.from({ length: 11 }, newChat);
  for (const chat of chats) found(chat, 'chat_server_not_found', 0);
  expect(guard.state(0)).toBe('tripped');
  lives(10, 61_000);
  expect(guard.state(61_000)).toBe('watching');
  for (const chat of chats) found(chat, 'chat_server_not_found', 61_000);
  expect(guard.state(61_000)).toBe('tripped');
});

it('different chats count each', () => {
  const { guard, newChat, found, lives } = bench();
  lives(10, 0);
  for (let n = 0; n < 11; n += 1) found(newChat(), 'chat_server_not_found', 0);
  expect(guard.state(0)).toBe('tripped');
});

it('a stop that is answered counts as often as it is', () => {
  const { guard, newChat, found, lives } = bench(() => false);
  lives(10, 0);
  const chat = newChat();
  for (let n = 0; n < 10; n += 1) expect(found(chat, 'chat_server_not_found', n)).toBeNull();
  expect(found(chat, 'chat_server_not_found', 10)).toBe('mass_stop');
  expect(guard.state(10)).toBe('tripped');
});

it('a life counts after it was in doubt', () => {
  const { guard, newChat, found } = bench();
  const chats = Array.from({ length: 11 }, newChat);
  for (const chat of chats) found(chat, 'chat_server_not_found', 0);
  for (const chat of chats) found(chat, 'delivered', 10_000);
  expect(guard.state(10_000)).toBe('watching');
});
