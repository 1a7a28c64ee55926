import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type AskForName, createNameLookup, FRESH_MS, LATE_MS, STALE_MS } from '../../src/gateway/name-lookup.ts';
import { adapterFor, gatewayThat, send } from '../support/gateway-rig.ts';
import { CLOSED_PORT, deliver } from '../support/scripted-gateway.ts';

const HERE: LookupAddress = { address: '127.0.0.1', family: 4 };
const THERE: LookupAddress = { address: '127.0.0.2', family: 4 };
const IN_6: LookupAddress = { address: '::1', family: 6 };
const TIMEOUT_MS = 500;

type Reply = readonly LookupAddress[] | 'unknown';

/** Somebody who is asked, and answers when the test says so. */
function asked() {
  const questions: { readonly name: string; readonly answer: (reply: Reply) => void }[] = [];
  const ask: AskForName = (name, callback) => {
    questions.push({ name, answer: (reply) => (reply === 'unknown' ? callback(new Error('ENOTFOUND'), []) : callback(null, reply)) });
  };
  return {
    ask,
    questions,
    names: () => questions.map(({ name }) => name),
    answer: (at: number, reply: Reply) => questions[at]?.answer(reply),
  };
}

function rig() {
  const [system, direct] = [asked(), asked()];
  const names = createNameLookup({ nowMs: () => performance.now(), system: system.ask, direct: direct.ask });
  const lookUp = (name: string, options = {}) => {
    const heard: unknown[] = [];
    names.within(TIMEOUT_MS)(name, { all: true, ...options }, (error, found) => {
      heard.push(error === null ? found : 'code' in error && error.code);
    });
    return heard;
  };
  return { system, direct, lookUp };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a name has one question under way, and each who waits gets its answer', async () => {
  const { system, direct, lookUp } = rig();
  const [one, other] = [lookUp('gw'), lookUp('gw')];
  expect(system.names()).toEqual(['gw']);
  system.answer(0, [HERE]);
  expect([one, other]).toEqual([[[HERE]], [[HERE]]]);
  await pass(LATE_MS);
  expect(direct.names()).toEqual([]);
});

it('an address that was found is used without a question for a while, then asked for anew', async () => {
  const { system, lookUp } = rig();
  lookUp('gw');
  system.answer(0, [HERE]);
  await pass(FRESH_MS - 1);
  const again = lookUp('gw');
  await pass(0);
  expect([again, system.names()]).toEqual([[[HERE]], ['gw']]);
  await pass(1);
  const later = lookUp('gw');
  system.answer(1, [THERE]);
  expect(later).toEqual([[THERE]]);
});

it('a name whose resolver hangs fails in time, holds up no other, and is not asked for again while it hangs', async () => {
  const { system, lookUp } = rig();
  const hanging = lookUp('hangs');
  const other = lookUp('gw');
  system.answer(1, [HERE]);
  expect(other).toEqual([[HERE]]);
  await pass(TIMEOUT_MS);
  expect(hanging).toEqual(['EAI_AGAIN']);
  lookUp('hangs');
  expect(system.names()).toEqual(['hangs', 'gw']);
});

it('where the threads of the system hang, DNS itself is asked, and what it does not know the system may', async () => {
  const { system, direct, lookUp } = rig();
  const [first, second] = [lookUp('in-dns'), lookUp('in-hosts')];
  await pass(LATE_MS - 1);
  expect(direct.names()).toEqual([]);
  await pass(1);
  expect(direct.names()).toEqual(['in-dns', 'in-hosts']);
  direct.answer(0, [HERE]);
  direct.answer(1, 'unknown');
  expect([first, second]).toEqual([[[HERE]], []]);
  system.answer(1, [THERE]);
  expect(second).toEqual([[THERE]]);
  // The system hangs on: the next question goes to DNS at once.
  await pass(FRESH_MS);
  lookUp('in-dns');
  expect(direct.names()).toEqual(['in-dns', 'in-hosts', 'in-dns']);
});

it.each([
  ['fails', (system: ReturnType<typeof asked>) => system.answer(1, 'unknown')],
  ['knows no address', (system: ReturnType<typeof asked>) => system.answer(1, [])],
  ['is late', () => pass(TIMEOUT_MS)],
])('where the lookup %s, the address from before stands in, for an hour', async (_how, goWrong) => {
  const { system, lookUp } = rig();
  lookUp('gw');
  system.answer(0, [HERE]);
  await pass(STALE_MS - TIMEOUT_MS - 1);
  const stale = lookUp('gw');
  await goWrong(system);
  expect(stale).toEqual([[HERE]]);
});

it('after that hour it does not', async () => {
  const { system, lookUp } = rig();
  lookUp('gw');
  system.answer(0, [HERE]);
  await pass(STALE_MS);
  const late = lookUp('gw');
  system.answer(1, 'unknown');
  expect(late).toEqual(['EAI_AGAIN']);
});

it('gives one address, or those of one family, where no more is asked for', async () => {
  const { system, lookUp } = rig();
  const [one, four, six, none] = [{ all: false }, { family: 4 }, { family: 6 }, { family: 6 }].map((options, at) =>
    lookUp(at < 3 ? 'both' : 'four', options),
  );
  system.answer(0, [IN_6, HERE]);
  system.answer(1, [HERE]);
  expect([one, four, six, none]).toEqual([['::1'], [[HERE]], [[IN_6]], ['EAI_AGAIN']]);
});

it('over real sockets: a gateway is found under a name, by its second address where nobody listens at the first', async () => {
  vi.useRealTimers();
  const gateway = await gatewayThat(deliver);
  const names = createNameLookup({
    nowMs: () => performance.now(),
    system: (name, callback) => (name === 'hangs.test' ? undefined : callback(null, [IN_6, THERE, HERE])),
    direct: () => undefined,
  });
  const found = adapterFor([`http://gw.test:${gateway.port}`], {}, undefined, undefined, names);
  expect((await send(found)).outcome).toMatchObject({ kind: 'reply' });
  const behind = adapterFor([`http://hangs.test:${CLOSED_PORT}`, gateway.url], { connectTimeoutMs: 200 }, undefined, undefined, names);
  expect((await send(behind)).outcome).toMatchObject({ kind: 'reply' });
  const alone = adapterFor([`http://hangs.test:${gateway.port}`], { connectTimeoutMs: 200 }, undefined, undefined, names);
  expect((await send(alone)).outcome).toMatchObject({ reason: 'dns_failure', written: false });
});
