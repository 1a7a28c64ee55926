import { EventEmitter } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StatusData } from '../../../src/http/status/status-data.ts';
import { createStatusStreams, HEARTBEAT_MS, LONGEST_MS, LOOK_EVERY_MS, SEND_EVERY_MS } from '../../../src/http/status/status-stream.ts';
import { createVirtualClock } from '../../../src/probe/virtual-clock.ts';
import { listeningService, probe } from '../../support/listening-service.ts';

const CALM: StatusData = {
  nowMs: 0,
  startedAtMs: 0,
  version: '0',
  replica: 'r',
  draining: false,
  target: null,
  allTargets: [],
  policies: [],
  targets: [],
  chatServers: new Map(),
  minutes: [],
  outages: [],
  stops: [],
};
const OUTAGE = { kind: 'server', target: 'default', name: 'A', startedAtMs: 0, backAtMs: null, endedAtMs: null } as const;

/** A browser at the other end; `holds` is what the system has not taken yet. */
function browser() {
  const state = { text: '', holds: 0, isEnded: false, isDestroyed: false };
  class Response extends EventEmitter {
    get writableLength(): number {
      return state.holds;
    }
    write(text: string): void {
      state.text += text;
    }
    end(): void {
      state.isEnded = true;
      this.emit('close');
    }
    destroy(): void {
      state.isDestroyed = true;
      this.emit('close');
    }
  }
  const response = new Response();
  return {
    state,
    response: response as unknown as ServerResponse,
    parts: () => state.text.match(/"id":"\w+"/g)?.map((id) => id.slice(6, -1)) ?? [],
  };
}

function streams(maxStreams = 3) {
  const clock = createVirtualClock();
  const state = { isLeaving: false, data: CALM, looked: 0, fails: false };
  const all = createStatusStreams({
    clock,
    random: () => 0.5,
    maxStreams,
    isLeaving: () => state.isLeaving,
    data: async () => {
      state.looked += 1;
      if (state.fails) throw new Error('not known');
      return state.data;
    },
  });
  return { clock, state, all };
}

describe('a stream of the page', () => {
  it('begins with all that changes, and goes on with what is new only', async () => {
    const { clock, state, all } = streams();
    const one = browser();
    all.open(one.response, null);
    expect(one.state.text).toBe('retry: 5500\n\n');
    await clock.advance(SEND_EVERY_MS);
    expect(one.parts()).toEqual(['headline', 'now', 'hour', 'outages', 'stops']);
    one.state.text = '';
    await clock.advance(5 * SEND_EVERY_MS);
    expect(one.state.text).toBe('');
    state.data = { ...CALM, outages: [OUTAGE] };
    await clock.advance(SEND_EVERY_MS);
    expect(one.parts()).toEqual(['outages']);
    expect(one.state.text).toMatch(/^event: part\ndata: \{.*\}\n\n$/);
  });

  it('looks once for all that show the same, and not at all for nobody', async () => {
    const { clock, state, all } = streams();
    for (const target of [null, null, 'east']) all.open(browser().response, target);
    await clock.advance(LOOK_EVERY_MS);
    expect(state.looked).toBe(2);
    all.close();
    await clock.advance(10 * SEND_EVERY_MS);
    expect([state.looked, clock.pending()]).toEqual([2, 0]);
  });

  it('is one of so many; another is refused until one ends', () => {
    const { all } = streams(2);
    const first = browser();
    expect([all.open(first.response, null), all.open(browser().response, null), all.open(browser().response, null)]).toEqual([
      true,
      true,
      false,
    ]);
    first.response.emit('close');
    expect([all.count, all.open(browser().response, null)]).toEqual([1, true]);
  });

  it('says now and then that it lives', async () => {
    const { clock, all } = streams();
    const one = browser();
    all.open(one.response, null);
    await clock.advance(2_000);
    one.state.text = '';
    await clock.advance(2 * HEARTBEAT_MS);
    expect(one.state.text).toBe(': alive\n\n: alive\n\n');
  });

  it('to one who does not read is broken off, before anything piles up', async () => {
    const { clock, state, all } = streams();
    const slow = browser();
    const quick = browser();
    for (const { response } of [slow, quick]) all.open(response, null);
    slow.state.holds = 1;
    await clock.advance(LOOK_EVERY_MS);
    expect([slow.state.isDestroyed, slow.state.text, all.count]).toEqual([true, 'retry: 5500\n\n', 1]);
    state.data = { ...CALM, draining: true };
    await clock.advance(SEND_EVERY_MS);
    expect(quick.parts()).toContain('headline');
  });

  it('ends at once when the service shuts down, and none begins any more', async () => {
    const { clock, state, all } = streams();
    const one = browser();
    all.open(one.response, null);
    state.isLeaving = true;
    await clock.advance(LOOK_EVERY_MS);
    expect([one.state.isEnded, all.count, all.open(browser().response, null), clock.pending()]).toEqual([true, 0, false, 0]);
  });

  it('ends after five minutes, so that a secret that was taken back sees nothing more', async () => {
    const { clock, all } = streams();
    const one = browser();
    all.open(one.response, null);
    await clock.advance(LONGEST_MS - LOOK_EVERY_MS);
    expect(one.state.isEnded).toBe(false);
    await clock.advance(2 * LOOK_EVERY_MS);
    expect(one.state.isEnded).toBe(true);
  });

  it('goes on where something could not be found out', async () => {
    const { clock, state, all } = streams();
    const one = browser();
    state.fails = true;
    all.open(one.response, null);
    await clock.advance(3 * SEND_EVERY_MS);
    state.fails = false;
    await clock.advance(SEND_EVERY_MS);
    expect(one.parts()).toContain('now');
  });
});

describe('over real sockets', () => {
  const DEMO = { CHATPROBE_DRAIN_MS: '2500', CHATPROBE_STATUS_PAGE: 'true' };
  /** What comes until `isEnough`, and the end of it. */
  const listen = (url: string) => {
    const seen = { text: '', status: 0, type: '', connection: '' };
    const asked = request(`${url}/status/events`, (answer) => {
      seen.status = answer.statusCode ?? 0;
      seen.type = String(answer.headers['content-type']);
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        seen.text += chunk;
      });
    });
    const closed = new Promise<void>((resolve) => asked.on('close', resolve));
    asked.on('error', () => undefined).end();
    onTestFinished(() => void asked.destroy());
    return { seen, closed };
  };

  it('a stop is told to a page that is open', async () => {
    const service = await listeningService(DEMO);
    const { seen } = listen(service.url);
    await expect.poll(() => seen.text).toContain('"id":"stops"');
    await probe(service, { isOnline: 0 }, 'closed-chat');
    await expect.poll(() => seen.text.split('"id":"stops"').at(-1)).toContain('closed-chat');
    expect([seen.status, seen.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('streams end with the first word of a drain, and hold nothing up', async () => {
    const service = await listeningService(DEMO);
    const { seen, closed } = listen(service.url);
    await expect.poll(() => seen.text).toContain('retry:');
    const beganMs = performance.now();
    const stopped = service.stop();
    await closed;
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    expect((await fetch(`${service.url}/status/events`)).status).toBe(204);
    await stopped;
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });

  it('streams take an eighth of the connections at the most', async () => {
    const service = await listeningService(DEMO, { file: 'server: { maxConnections: 16 }' });
    const open = [listen(service.url), listen(service.url)];
    for (const { seen } of open) await expect.poll(() => seen.status).toBe(200);
    const third = await fetch(`${service.url}/status/events`);
    expect([third.status, third.headers.get('connection')]).toEqual([204, 'close']);
    expect((await probe(service)).status).toBe(200);
  });

  it('a page that hangs up leaves no stream behind', async () => {
    const service = await listeningService(DEMO, { file: 'server: { maxConnections: 8 }' });
    const port = Number(new URL(service.url).port);
    const hangUp = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET /status/events HTTP/1.1\r\nHost: a\r\n\r\n'));
        socket.once('data', () => socket.destroy()).on('close', () => resolve());
      });
    for (let n = 0; n < 3; n += 1) {
      await hangUp();
      await expect.poll(async () => await statusOf(service.url)).toBe(200);
    }
  });
});

/** Of a stream, which is left again. */
async function statusOf(url: string): Promise<number> {
  const leave = new AbortController();
  const { status } = await fetch(`${url}/status/events`, { signal: leave.signal });
  leave.abort();
  return status;
}
