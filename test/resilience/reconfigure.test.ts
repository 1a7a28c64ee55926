import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { wait } from '../../src/probe/clock.ts';
import { createReferenceIds } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import { protectTarget } from '../../src/resilience/protected-target.ts';
import type { TargetToProtect } from '../../src/resilience/settings.ts';
import { BUILT_IN_CONTROLS, BUILT_IN_ENFORCEMENT, BUILT_IN_GUARD, BUILT_IN_OUTAGE } from '../../src/resilience/settings.ts';
import { createDice } from '../simulation/dice.ts';
import { drawPolicy, drawRules, drawSafety } from '../simulation/random-settings.ts';
import { orderWith, RULES } from '../support/samples.ts';
import { type Answer, adapterThat, outcomeOf } from '../support/scripted-adapter.ts';

const { numRuns } = inject('properties');
const SERVERS = ['ChatServer_1', 'ChatServer_2'];

/** A target whose far end answers as `answers` has it by the Chat Server that is named, after 10 ms, on a clock of its own. */
function born(settings: Partial<TargetToProtect> & { readonly rules?: object } = {}) {
  const clock = createVirtualClock();
  const events: ServiceEvent[] = [];
  const answers = new Map<string | null, Answer>();
  const adapter = adapterThat(async (request, signal) => {
    await wait(clock, 10, signal);
    return outcomeOf(signal.aborted ? 'silent' : (answers.get(request.appName) ?? 'delivered'), request);
  });
  const { target: sample } = orderWith(adapter);
  const observe = (event: ServiceEvent): void => void events.push(event);
  const prober = createProber({ clock, random: () => 0, nextReferenceId: createReferenceIds(1), observe });
  const toProtect = (changes: typeof settings = {}): TargetToProtect => ({
    target: { ...sample, rules: { ...RULES, ...changes.rules } },
    chatServers: changes.chatServers ?? [],
    safety: changes.safety ?? {
      outage: BUILT_IN_OUTAGE,
      guard: { ...BUILT_IN_GUARD, requireDelivery: false },
      controls: BUILT_IN_CONTROLS,
      enforcement: BUILT_IN_ENFORCEMENT,
    },
  });
  let present = toProtect(settings);
  const service = protectTarget({ clock, prober, controlProber: prober, observe }, present);
  const ask = (interactionId: string, chatServer: string | null, fields: Parameters<typeof orderWith>[1] = {}) =>
    service.ask(orderWith(adapter, { interactionId, chatServer, target: present.target, ...fields }), createCancelController().signal);
  return {
    clock,
    events,
    answers,
    service,
    adapter,
    ask,
    now: (id: string, chatServer: string | null, fields = {}) => clock.drive(ask(id, chatServer, fields)),
    become(changes: typeof settings) {
      present = toProtect(changes);
      service.reconfigure(present);
    },
  };
}

type Born = ReturnType<typeof born>;

const outageWith = (outage: Partial<typeof BUILT_IN_OUTAGE>) => ({
  outage: { ...BUILT_IN_OUTAGE, ...outage },
  guard: { ...BUILT_IN_GUARD, requireDelivery: false },
  controls: BUILT_IN_CONTROLS,
  enforcement: BUILT_IN_ENFORCEMENT,
});
const guardWith = (guard: Partial<typeof BUILT_IN_GUARD>) => ({
  ...outageWith({}),
  guard: { ...BUILT_IN_GUARD, requireDelivery: false, ...guard },
});

/** Probes of some minutes: of a few chats, on servers that come and go, by callers with all sorts of patience. */
async function traffic(seed: number, subject: Born) {
  const dice = createDice(seed);
  const asked: Promise<unknown>[] = [];
  for (let n = 0; n < 40; n += 1) {
    if (dice.chance(0.3)) {
      const kinds = ['delivered', 'dead', 'orphaned', 'orphaned', 'refused', 'silent', 'other_fault'] as const;
      subject.answers.set(dice.oneOf([...SERVERS, null]), dice.oneOf(kinds));
    }
    const id = dice.chance(0.5) ? `chat-${dice.whole(1, 6)}` : `new-${n}`;
    asked.push(subject.ask(id, dice.oneOf([...SERVERS, null]), drawPolicy(dice)));
    await subject.clock.advance(dice.oneOf([0, 20, 500, 3_000, 20_000]));
  }
  const answers = await subject.clock.drive(Promise.all(asked));
  const state = subject.service.state();
  subject.service.close();
  // A control that was under way tells of its end in a turn of its own.
  await setImmediate();
  return { answers, state, events: subject.events };
}

it('a target that is told its settings late goes by them as one that was born with them, in all that it does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(), async (seed, other, course) => {
      const settingsOf = (dice: ReturnType<typeof createDice>) => ({
        rules: drawRules(dice, dice.chance(0.8), 2),
        chatServers: dice.chance(0.5) ? SERVERS : [],
        safety: drawSafety(dice, SERVERS),
      });
      const settings = settingsOf(createDice(seed));
      const first = born(settings);
      const late = born(settingsOf(createDice(other)));
      late.become(settings);
      first.service.start();
      late.service.start();
      expect(await traffic(course, late)).toEqual(await traffic(course, first));
    }),
    // Each plays minutes of an outage, twice.
    // The example had another control first, and asked in the order in which it learned of them.
    { numRuns: Math.ceil(numRuns / 20), examples: [[2139054014, 3, 0]] },
  );
});

describe('what is known stays known', () => {
  /** ChatServer_1 is down for that long, and ChatServer_2 lives. */
  async function outageOf(subject: Born, ms: number) {
    await subject.now('before', 'ChatServer_1');
    subject.answers.set('ChatServer_1', 'orphaned');
    for (let passed = 0; passed < ms; passed += 5_000) {
      await subject.now('ghost', 'ChatServer_1', { policy: { ...orderWith(subject.adapter).policy, attempts: 1, deadlineMs: 100 } });
      await subject.now(`living-${passed}`, 'ChatServer_2');
      await subject.clock.advance(5_000);
    }
  }
  const known = { rules: { onChatServerDown: 'auto' } } as const;

  it('a Chat Server that is known to be down is so by a longer restore window too, once that is over', async () => {
    const subject = born(known);
    await outageOf(subject, 60_000);
    expect(await subject.now('ghost-2', 'ChatServer_1')).toMatchObject({ isKnownDown: true });
    subject.become({ rules: { ...known.rules, restoreWindowMs: 240_000 } });
    expect(await subject.now('ghost-3', 'ChatServer_1')).toMatchObject({ isKnownDown: false });
    // Had it forgotten, it would have to be down for the whole window again.
    await outageOf(subject, 190_000);
    expect(await subject.now('ghost-4', 'ChatServer_1')).toMatchObject({ isKnownDown: true });
  });

  it('and so it is at once by a shorter one', async () => {
    const subject = born({ rules: { ...known.rules, restoreWindowMs: 240_000 } });
    await outageOf(subject, 60_000);
    expect(await subject.now('ghost-2', 'ChatServer_1')).toMatchObject({ isKnownDown: false });
    subject.become({ rules: { ...known.rules, restoreWindowMs: 45_000 } });
    expect(await subject.now('ghost-3', 'ChatServer_1')).toMatchObject({ isKnownDown: true });
    expect(subject.service.state().serversDown).toBe(1);
  });

  it('the guard stays tripped, its count too where the window is another, and what an operator released stays released', async () => {
    const subject = born({ rules: { ha: false }, safety: guardWith({ verdicts: 10, badFirstAnswers: 1_000 }) });
    subject.answers.set('ChatServer_1', 'dead');
    for (let n = 0; n < 6; n += 1) await subject.now(`dead-${n}`, 'ChatServer_1');
    subject.become({ rules: { ha: false }, safety: guardWith({ verdicts: 10, badFirstAnswers: 1_000, windowMs: 3_600_000 }) });
    for (let n = 6; n < 10; n += 1) await subject.now(`dead-${n}`, 'ChatServer_1');
    expect(subject.service.state().guard).toBe('tripped');
    subject.become({ rules: { ha: false }, safety: guardWith({ verdicts: 10, badFirstAnswers: 1_000, windowMs: 60_000 }) });
    expect(await subject.now('dead-x', 'ChatServer_1')).toMatchObject({ verdict: 'route', guarded: true });
    subject.service.release(60_000);
    subject.become({ rules: { ha: false } });
    expect(await subject.now('dead-y', 'ChatServer_1')).toMatchObject({ verdict: 'stop', guarded: false });
    subject.service.close();
  });

  it('the messages that a chat had count by another limit', async () => {
    const subject = born({ safety: outageWith({ reuseAliveMs: 0 }) });
    for (let n = 0; n < 3; n += 1) await subject.now('chat', 'ChatServer_1');
    subject.become({ safety: outageWith({ reuseAliveMs: 0, messageLimit: 3 }) });
    expect(await subject.now('chat', 'ChatServer_1')).toMatchObject({ reason: 'message_limit' });
    subject.become({ safety: outageWith({ reuseAliveMs: 0, messageLimit: 4 }) });
    expect(await subject.now('chat', 'ChatServer_1')).toMatchObject({ reason: 'delivered' });
  });
});

describe('what is switched off ends at once', () => {
  it('the breaker of a Chat Server: who waits for it is let go', async () => {
    const subject = born({ rules: { ha: false } });
    subject.answers.set('ChatServer_1', 'orphaned');
    await subject.now('first', 'ChatServer_1');
    subject.answers.set('ChatServer_1', 'silent');
    const waiting = [1, 2, 3].map((n) => subject.ask(`waiting-${n}`, 'ChatServer_1'));
    await subject.clock.advance(100);
    expect(subject.service.state()).toMatchObject({ serversDown: 1 });
    subject.become({ rules: { ha: false }, safety: outageWith({ canary: false }) });
    expect(subject.service.state()).toMatchObject({ serversDown: 0, probesParked: 0 });
    await subject.clock.drive(Promise.all(waiting));
    subject.become({ rules: { ha: false } });
    expect(subject.service.state()).toMatchObject({ serversDown: 1 });
  });

  it('the breaker of the gateway, which is told; and it opens at once where fewer failures are enough', async () => {
    const subject = born({ safety: outageWith({ breakerFailures: 5 }) });
    subject.answers.set('ChatServer_1', 'refused');
    for (let n = 0; n < 3; n += 1) await subject.now(`chat-${n}`, 'ChatServer_1');
    expect(subject.service.state().gatewayOpen).toBe(true);
    subject.become({ safety: outageWith({ breaker: false }) });
    expect(subject.service.state().gatewayOpen).toBe(false);
    subject.become({ safety: outageWith({ breakerFailures: 6 }) });
    expect(subject.service.state().gatewayOpen).toBe(true);
    const changes = subject.events.filter(({ type }) => type === 'gateway_changed');
    expect(changes.map((event) => 'open' in event && event.open)).toEqual([true, false, true]);
  });
});

describe('control probes', () => {
  const ABSENT = { interactionId: 'never-was', chatServer: 'ChatServer_1' };
  const with_ = (controls: Partial<typeof BUILT_IN_CONTROLS>) => ({
    ...outageWith({}),
    controls: { ...BUILT_IN_CONTROLS, ...controls },
  });

  it('that stay keep what they know; new ones are asked at once, dropped ones no more', async () => {
    const subject = born({ safety: with_({ absent: ABSENT }) });
    subject.service.start();
    await subject.clock.advance(100);
    expect(subject.service.state().controls).toEqual({ absent: 'wrong', live: null });
    const live = { interactionId: 'always', chatServer: 'ChatServer_2' };
    subject.become({ safety: with_({ absent: ABSENT, live, intervalMs: 1_000 }) });
    expect(subject.service.state().controls).toEqual({ absent: 'wrong', live: 'unknown' });
    await subject.clock.advance(100);
    expect(subject.service.state().controls).toEqual({ absent: 'wrong', live: 'right' });
    subject.become({ safety: with_({}) });
    expect([subject.service.state().controls, subject.clock.pending()]).toEqual([{ absent: null, live: null }, 0]);
  });
});

describe('an adapter', () => {
  it('is unused when the last probe that began with it is done, be it that of one who joined', async () => {
    const subject = born();
    subject.answers.set('ChatServer_1', 'silent');
    void subject.ask('chat', 'ChatServer_1', { policy: { ...orderWith(subject.adapter).policy, deadlineMs: 3_000, attempts: 1 } });
    void subject.ask('chat', 'ChatServer_1');
    let isUnused = false;
    void subject.service.untilUnused(subject.adapter).then(() => {
      isUnused = true;
    });
    // By now the first is over, and the other asks on.
    await subject.clock.advance(500);
    expect(isUnused).toBe(false);
    await subject.clock.advance(10_000);
    expect(isUnused).toBe(true);
  });

  it('that nobody asks by is unused at once', async () => {
    const subject = born();
    await subject.now('chat', 'ChatServer_1');
    await expect(subject.service.untilUnused(subject.adapter)).resolves.toBeUndefined();
  });
});
