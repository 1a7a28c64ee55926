import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import { TROUBLES, type Trouble } from '../store/shared-store.ts';
import type { LinkState } from '../store/store-link.ts';

/** How the link to what replicas share stands. */
export interface ObservedStore {
  readonly state: LinkState;
  readonly replicas: number;
}

export type StoreObserver = (trouble: Trouble | null) => void;

/** Puts it into metrics: only where replicas share anything, since a page at idle is bounded. Told of trouble, they count it. */
export function createStoreMetrics(registry: Registry, observed: () => ObservedStore): StoreObserver {
  const registers = [registry];
  new Gauge({
    name: 'chatprobe_store_linked',
    help: '1 while what other replicas know is known here; 0 while each goes on alone.',
    registers,
    collect() {
      this.set(observed().state === 'linked' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'chatprobe_store_replicas',
    help: 'Replicas seen at the store the last time, this one counted.',
    registers,
    collect() {
      this.set(observed().replicas);
    },
  });
  const troubles = new Counter({
    name: 'chatprobe_store_troubles_total',
    help: 'Times that the store was left alone for 5 s, by what was wrong.',
    labelNames: ['trouble'],
    registers,
  });
  for (const trouble of TROUBLES) troubles.inc({ trouble }, 0);
  return (trouble) => {
    if (trouble !== null) troubles.inc({ trouble: trouble.trouble });
  };
}

/** A line where the link is lost, or something else is wrong by now, and one where it is there again. */
export function logStore(logger: Logger): (observed: ObservedStore, trouble: Trouble | null) => void {
  const isNews = newsOfTrouble();
  return ({ state, replicas }, trouble) => {
    if (state === 'linked') {
      isNews(null);
      logger.info({ replicas }, 'store linked: replicas know what the others know');
    } else if (trouble !== null && isNews(trouble)) {
      const { trouble: kind, detail } = trouble;
      logger.warn({ trouble: kind, detail, replicas }, 'store lost: each replica goes on alone');
    }
  };
}

/** A line where evidence cannot be written to the store, and read from it, any more, or something else is wrong, and one where it can again. */
export function logSharedEvidence(logger: Logger): (trouble: Trouble | null) => void {
  const isNews = newsOfTrouble();
  return (trouble) => {
    if (trouble === null) logger.info('evidence is shared again');
    if (isNews(trouble) && trouble !== null)
      logger.warn({ trouble: trouble.trouble, detail: trouble.detail }, 'evidence is not shared: each replica has its own');
  };
}

/** Tells what is another trouble than that before. A store that is gone for hours is tried every 5 s, and need not be told as often. */
function newsOfTrouble(): (trouble: Trouble | null) => boolean {
  let told: Trouble | null = null;
  return (trouble) => {
    const isNews = trouble?.trouble !== told?.trouble || trouble?.detail !== told?.detail;
    told = trouble;
    return isNews;
  };
}
