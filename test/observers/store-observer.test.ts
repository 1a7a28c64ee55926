import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createStoreMetrics, logSharedEvidence, logStore, type ObservedStore } from '../../src/observers/store-observer.ts';
import { TROUBLES, trouble } from '../../src/store/shared-store.ts';

it('the link to the store is a gauge, replicas are another, and troubles are counted by what was wrong', async () => {
  const registry = new Registry();
  let observed: ObservedStore = { state: 'linked', replicas: 3 };
  const tell = createStoreMetrics(registry, () => observed);
  const series = async () =>
    Object.fromEntries([...(await registry.metrics()).matchAll(/^(chatprobe_[^ ]+) (\d+)$/gm)].map(([, name, value]) => [name, value]));
  const troubles = (seen: Partial<Record<(typeof TROUBLES)[number], string>>) =>
    Object.fromEntries(TROUBLES.map((each) => [`chatprobe_store_troubles_total{trouble="${each}"}`, seen[each] ?? '0']));

  tell(null);
  expect(await series()).toEqual({ chatprobe_store_linked: '1', chatprobe_store_replicas: '3', ...troubles({}) });
  observed = { state: 'apart', replicas: 2 };
  tell(trouble('late', '20 ms'));
  tell(trouble('late', '20 ms'));
  tell(trouble('refused', 'OOM'));
  expect(await series()).toEqual({ chatprobe_store_linked: '0', chatprobe_store_replicas: '2', ...troubles({ late: '2', refused: '1' }) });
  observed = { state: 'catching_up', replicas: 2 };
  expect(await series()).toMatchObject({ chatprobe_store_linked: '0' });
});

it('the log has a line when the store is lost, with what is wrong, one when that is something else, and one when it is there again', () => {
  const lines: unknown[] = [];
  const to = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = logStore(pino({ base: null, timestamp: false }, to));
  const refused = trouble('unreachable', 'ECONNREFUSED');
  for (const each of [refused, refused, trouble('refused', 'LOADING'), trouble('refused', 'WRONGPASS')])
    log({ state: 'apart', replicas: 4 }, each);
  log({ state: 'catching_up', replicas: 4 }, null);
  log({ state: 'linked', replicas: 3 }, null);
  log({ state: 'apart', replicas: 3 }, trouble('refused', 'WRONGPASS'));
  const lost = { level: 40, trouble: 'refused', replicas: 4, msg: 'store lost: each replica goes on alone' };
  expect(lines).toEqual([
    { ...lost, trouble: 'unreachable', detail: 'ECONNREFUSED' },
    { ...lost, detail: 'LOADING' },
    { ...lost, detail: 'WRONGPASS' },
    { level: 30, replicas: 3, msg: 'store linked: replicas know what the others know' },
    { ...lost, detail: 'WRONGPASS', replicas: 3 },
  ]);
});

it('the log has a line when evidence is not shared any more, one when something else is wrong, and one when it is again', () => {
  const lines: unknown[] = [];
  const to = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = logSharedEvidence(pino({ base: null, timestamp: false }, to));
  for (const each of [trouble('late', 'a while'), trouble('refused', 'NOPERM'), trouble('refused', 'NOPERM'), null]) log(each);
  expect(lines).toEqual([
    { level: 40, trouble: 'late', detail: 'a while', msg: 'evidence is not shared: each replica has its own' },
    { level: 40, trouble: 'refused', detail: 'NOPERM', msg: 'evidence is not shared: each replica has its own' },
    { level: 30, msg: 'evidence is shared again' },
  ]);
});
