import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Lifecycle } from '../../src/http/load-shedding.ts';
import { createInFlight } from '../../src/http/load-shedding.ts';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { drain } from '../../src/process/drain.ts';

/** A service that is told to leave, over a server that closes once its last connection has gone. */
function leavingService(drainMs: number, connections: 'none' | 'held') {
  const clock = createVirtualClock();
  const lifecycle: Lifecycle = { phase: 'serving' };
  const inFlight = createInFlight();
  let closed = (): void => undefined;
  const whenClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const http = Object.assign(new EventEmitter(), { closeAllConnections: () => closed() });
  if (connections === 'none') closed();
  const endTracing = () => Promise.resolve();
  const app = { server: { server: http, close: () => whenClosed }, lifecycle, inFlight, endTracing } as unknown as App;
  const state = { isOver: false };
  void drain(app, drainMs, clock).then(() => {
    state.isOver = true;
  });
  return { clock, lifecycle, inFlight, http, isOver: () => state.isOver };
}

/** A probe under way, and whether it was told to settle. */
function probeIn({ inFlight }: ReturnType<typeof leavingService>) {
  const controller = createCancelController();
  const caller = { controller, target: 'default', heldBytes: 0 };
  const place = inFlight.enter(caller);
  return { isCut: () => controller.signal.aborted, leave: () => inFlight.leave(caller, place) };
}

describe('a drain', () => {
  it('serves new probes for 2 s, then takes no more', async () => {
    const service = leavingService(62_000, 'held');
    await service.clock.advance(1_999);
    expect(service.lifecycle.phase).toBe('leaving');
    await service.clock.advance(1);
    expect(service.lifecycle.phase).toBe('closing');
  });

  it('shorter than that takes no more when it ends', async () => {
    const service = leavingService(500, 'held');
    await service.clock.advance(499);
    expect(service.lifecycle.phase).toBe('leaving');
    await service.clock.advance(1);
    expect(service.lifecycle.phase).toBe('closing');
  });

  it('lets probes under way go on until its end', async () => {
    const service = leavingService(10_000, 'held');
    const probe = probeIn(service);
    await service.clock.advance(9_999);
    expect([probe.isCut(), service.isOver()]).toEqual([false, false]);
    await service.clock.advance(1);
    expect(probe.isCut()).toBe(true);
  });

  it('is over 1 s after its end at the latest', async () => {
    const service = leavingService(10_000, 'held');
    probeIn(service);
    await service.clock.advance(10_999);
    expect(service.isOver()).toBe(false);
    await service.clock.advance(1);
    expect(service.isOver()).toBe(true);
  });

  it('is over later only as long as answers go out', async () => {
    const service = leavingService(10_000, 'held');
    const probes = Array.from({ length: 4 }, () => probeIn(service));
    await service.clock.advance(10_850);
    for (const probe of probes.slice(0, 3)) {
      probe.leave();
      await service.clock.advance(100);
      expect(service.isOver()).toBe(false);
    }
    await service.clock.advance(100);
    expect(service.isOver()).toBe(true);
    expect(service.clock.nowMs()).toBe(11_250);
  });

  it('is over as soon as the server has closed, and leaves no timer behind', async () => {
    const service = leavingService(10_000, 'none');
    await service.clock.advance(2_000);
    expect(service.isOver()).toBe(true);
    expect(service.clock.pending()).toBe(0);
  });
});

describe('connections on which nothing comes', () => {
  /** Time moves on by one look at a time, so that what follows from each has happened. */
  async function pass(service: ReturnType<typeof leavingService>, ms: number) {
    for (let passed = 0; passed < ms; passed += 100) await service.clock.advance(100);
    await service.clock.advance(0);
  }

  it('are cut 1 s after the listener closed', async () => {
    const service = leavingService(62_000, 'held');
    await pass(service, 2_900);
    expect(service.isOver()).toBe(false);
    await pass(service, 100);
    expect(service.isOver()).toBe(true);
  });

  it('are cut 1 s after the last probe, so that its answer gets out', async () => {
    const service = leavingService(62_000, 'held');
    const probe = probeIn(service);
    await pass(service, 5_000);
    probe.leave();
    await pass(service, 900);
    expect(service.isOver()).toBe(false);
    await pass(service, 100);
    expect(service.isOver()).toBe(true);
  });

  it('are not cut until 1 s after the last request began, so that it can arrive whole', async () => {
    const service = leavingService(62_000, 'held');
    await pass(service, 2_900);
    service.http.emit('request');
    await pass(service, 900);
    expect(service.isOver()).toBe(false);
    await pass(service, 100);
    expect(service.isOver()).toBe(true);
  });

  it('are not cut before a request that has just arrived is read', async () => {
    const service = leavingService(62_000, 'held');
    // Looked at 1 s after the listener closed, while a request waits to be read.
    vi.spyOn(service.inFlight, 'count', 'get').mockImplementation(() => {
      if (service.clock.nowMs() === 3_000) queueMicrotask(() => service.http.emit('request'));
      return 0;
    });
    await pass(service, 3_900);
    expect(service.isOver()).toBe(false);
    await pass(service, 100);
    expect(service.isOver()).toBe(true);
  });
});
