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

/** A line where the link is lost, with what was wrong, and one where it is there again. */
export function logStore(logger: Logger): (observed: ObservedStore, trouble: Trouble | null) => void {
  return ({ state, replicas }, trouble) => {
    if (state === 'apart')
      logger.warn({ trouble: trouble?.trouble, detail: trouble?.detail, replicas }, 'store lost: each replica goes on alone');
    else if (state === 'linked') logger.info({ replicas }, 'store linked: replicas know what the others know');
  };
}

/** A line where evidence cannot be written to the store, and read from it, any more, and one where it can again. */
export function logSharedEvidence(logger: Logger): (trouble: Trouble | null) => void {
  return (trouble) => {
    if (trouble === null) logger.info('evidence is shared again');
    else logger.warn({ trouble: trouble.trouble, detail: trouble.detail }, 'evidence is not shared: each replica has its own');
  };
}
