import { describe, expect, it } from 'vitest';
import { MAX_SERVERS, ServerCache } from '../../../src/resilience/chat-servers/chat-servers.ts';
import { serversRig, words } from './chat-servers-rig.ts';

interface Item {
  readonly name: string | null;
  busy: boolean;
}

function rig() {
  const made: (string | null)[] = [];
  const forgotten: (string | null)[] = [];
  const names = new ServerCache<Item>({
    make: (name) => {
      made.push(name);
      return { name, busy: false };
    },
    evictionPriorityOf: ({ busy }) => (busy ? 2 : 0),
    evicted: ({ name }) => forgotten.push(name),
  });
  const fill = (): void => {
    for (let n = 1; n <= MAX_SERVERS; n += 1) names.use(`S${n}`);
  };
  return { names, made, forgotten, fill };
}

describe('the names of Chat Servers', () => {
  it('begin to be remembered with their first use, by type too', () => {
    const { names, made } = rig();
    expect(names.find('A')).toBe(null);
    const first = names.use('A');
    expect([names.use('A') === first, names.find('A') === first]).toEqual([true, true]);
    names.use(null);
    expect(made).toEqual(['A', null]);
  });

  it('are 200 at most: the one used least recently goes first, and looking does not count as a use', () => {
    const { names, forgotten, fill } = rig();
    fill();
    expect(MAX_SERVERS).toBe(200);
    expect(forgotten).toEqual([]);
    names.use('S1');
    names.find('S2');
    names.use('new');
    names.use('newer');
    expect(forgotten).toEqual(['S2', 'S3']);
    expect([names.find('S1')?.name, names.find('S2'), names.find('new')?.name]).toEqual(['S1', null, 'new']);
  });

  it('keep what is worth more, however long ago it was used', () => {
    const forgotten: (string | null)[] = [];
    const names = new ServerCache<string | null>({
      make: (name) => name,
      evictionPriorityOf: (name) => (name === 'made up' ? 0 : 1),
      evicted: (name) => forgotten.push(name),
    });
    for (const name of ['S1', 'made up']) names.use(name);
    for (let n = 2; n < MAX_SERVERS; n += 1) names.use(`S${n}`);
    names.use('made up');
    names.use('new');
    expect(forgotten).toEqual(['made up']);
  });

  it('keep those that are busy', () => {
    const { names, forgotten, fill } = rig();
    fill();
    const oldest = names.find('S1');
    if (oldest !== null) oldest.busy = true;
    names.use('new');
    expect(forgotten).toEqual(['S2']);
  });

  it('have no room for another where all are busy', () => {
    const { names, made, forgotten, fill } = rig();
    fill();
    for (let n = 1; n <= MAX_SERVERS; n += 1) {
      const item = names.find(`S${n}`);
      if (item !== null) item.busy = true;
    }
    expect(names.use('new')).toBe(null);
    expect([made.length, forgotten, names.use('S7')?.name]).toEqual([200, [], 'S7']);
    const third = names.find('S3');
    if (third !== null) third.busy = false;
    expect(names.use('new')?.name).toBe('new');
    expect(forgotten).toEqual(['S3']);
  });

  it('are shown, each once', () => {
    const { names } = rig();
    names.use('A');
    names.use(null);
    expect([...names.items()].map(({ name }) => name)).toEqual(['A', null]);
  });

  it('are all forgotten at the end, and none is remembered again', () => {
    const { names, forgotten } = rig();
    names.use('A');
    names.use('B');
    names.close();
    expect([forgotten, names.find('A'), names.use('A'), names.find('A')]).toEqual([['A', 'B'], null, null, null]);
  });
});

describe('asked for more Chat Servers than are remembered', () => {
  it('counts a suspect one that is forgotten as healthy, and stops its timer', () => {
    const { clock, servers, events, ask } = serversRig();
    ask().came('chat_server_not_found');
    clock.stall(1);
    ask().came('delivered');
    expect([servers.serversDown, clock.pending()]).toEqual([1, 1]);
    for (let n = 0; n < MAX_SERVERS; n += 1) ask({ chatServer: `S${n}` }).came('delivered');
    expect([servers.serversDown, clock.pending()]).toEqual([0, 0]);
    expect(events.at(-1)).toEqual({ type: 'server_changed', chatServer: 'A', from: 'recovering', to: 'healthy' });
    expect(ask().word).toBe('free');
  });

  it('forgets made-up names before one that has lived: what is known of that one protects chats', () => {
    const { clock, servers, ask } = serversRig();
    ask().came('delivered');
    clock.stall(1);
    ask().came('chat_server_not_found');
    for (let n = 0; n < 3 * MAX_SERVERS; n += 1) ask({ chatServer: `made-up-${n}` }).came(n % 2 === 0 ? 'chat_server_not_found' : null);
    expect([servers.use('A').mayHaveMoved(clock.nowMs()), servers.use('made-up-0').mayHaveMoved(clock.nowMs())]).toEqual([true, false]);
  });

  it('never forgets one that the configuration names, though it never lived and callers make up others', () => {
    const { clock, servers, ask } = serversRig({}, {}, ['A']);
    ask().came('chat_server_not_found');
    for (let n = 0; n < 3 * MAX_SERVERS; n += 1) ask({ chatServer: `made-up-${n}` }).came(null);
    expect(servers.use('A').mayHaveMoved(clock.nowMs())).toBe(true);
  });

  it('forgets none for which a probe waits or a canary is out, and lets others pass unremembered', () => {
    const { clock, servers, ask } = serversRig();
    for (let n = 0; n < MAX_SERVERS; n += 1) ask({ chatServer: `S${n}` }).came('chat_server_not_found');
    clock.stall(1);
    const canaries = Array.from({ length: MAX_SERVERS }, (_, n) => ask({ chatServer: `S${n}` }));
    ask({ chatServer: 'more' }).came('chat_server_not_found');
    expect([ask({ chatServer: 'more' }).word, servers.serversDown]).toEqual(['free', 200]);
    const parked = ask({ chatServer: 'S0' });
    canaries[0]?.came('chat_server_not_found');
    expect([parked.word, ask({ chatServer: 'more' }).word, servers.parked]).toEqual(['waits', 'free', 1]);
    canaries[1]?.came('chat_server_not_found');
    ask({ chatServer: 'more' }).came('chat_server_not_found');
    clock.stall(1);
    expect(ask({ chatServer: 'more' }).word).toBe('canary');
  });

  it('lets what comes of a message to one that it has forgotten change nothing', () => {
    const { clock, servers, events, ask } = serversRig();
    const early = ask();
    for (let n = 0; n < MAX_SERVERS; n += 1) ask({ chatServer: `S${n}` }).came('delivered');
    const anew = ask();
    early.came('chat_server_not_found');
    expect([servers.serversDown, clock.pending(), events]).toEqual([0, 0, []]);
    anew.came('chat_server_not_found');
    expect([servers.serversDown, words(ask())]).toEqual([1, ['canary']]);
  });
});
