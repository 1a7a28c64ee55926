import type { Scenario } from '../scenario/scenario.ts';
import { drawOne } from './chance.ts';
import { hasRoom } from './chat-server.ts';
import { drawStatus, idOf, WHY } from './first-chats.ts';
import { createSeededRandom } from './seeded-random.ts';
import type { WorldState } from './world-state.ts';

/** Apart from the other rows of chance, so that whoever asks can know beforehand when the chats arrive. */
const MOMENTS_SALT = 0x7feb352d;

/** One chat that a customer will open, if a Chat Server takes it. */
export interface Arrival {
  readonly id: string;
  /** In ms since the world began. */
  readonly atMs: number;
}

/**
 * When the chats of a scenario in which they arrive will: each somewhere in its own part of a second, so that the rate holds
 * and the moments are uneven.
 *
 * @param seed that of the world.
 */
export function arrivalsOf({ chats: { arrivePerSecond } }: Pick<Scenario, 'chats'>, count: number, seed: number): readonly Arrival[] {
  const draw = createSeededRandom(seed ^ MOMENTS_SALT);
  return Array.from({ length: count }, (_, n) => ({ id: idOf(n + 1), atMs: Math.floor(((n + draw()) * 1_000) / arrivePerSecond) }));
}

/**
 * Puts the arrivals on the agenda. A customer gets any Chat Server that is up, no backup, and has room, whether or not
 * Interaction Server is connected to it; where there is none, the chat never comes to be.
 */
export function planArrivals(state: WorldState, arrivals: readonly Arrival[]): void {
  const { agenda, sessions, servers, chance } = state;
  const arrive = (n: number): void => {
    const arrival = arrivals[n];
    if (arrival === undefined) return;
    agenda.at(arrival.atMs, () => {
      const takers = [...servers.values()].filter((server) => server.isUp && server.isPrimary && hasRoom(server));
      const host = drawOne(chance.arrivals, takers);
      const status = drawStatus(state);
      if (host !== null && !sessions.all.has(arrival.id)) sessions.add(arrival.id, host, status, WHY[status]);
      arrive(n + 1);
    });
  };
  arrive(0);
}
