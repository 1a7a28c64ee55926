import { createSeededRandom } from '../../lab/simulator/world/seeded-random.ts';

/** Chance from one seed, in the words that plans are made of. */
export interface Dice {
  /** Uniform in [0, 1). */
  draw(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number between the two, both included. */
  whole(least: number, most: number): number;
  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T;
  /** So many of what `make` makes. */
  several<T>(count: number, make: () => T): readonly T[];
  /** Dice whose throws do not depend on how often these are thrown from now on. */
  fork(): Dice;
}

/** @param seed whole number; its lowest 32 bits count. */
export function createDice(seed: number): Dice {
  const draw = createSeededRandom(seed);
  const whole = (least: number, most: number): number => least + Math.floor(draw() * (most - least + 1));
  return {
    draw,
    chance: (probability) => draw() < probability,
    whole,
    oneOf(list) {
      const drawn = list[whole(0, list.length - 1)];
      if (drawn === undefined) throw new Error('nothing to choose from');
      return drawn;
    },
    several: (count, make) => Array.from({ length: count }, make),
    fork: () => createDice(whole(0, 2 ** 32 - 1)),
  };
}
