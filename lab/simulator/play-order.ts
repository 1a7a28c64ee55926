/** What to play. Null leaves it to the scenario or, where no scenario is named either, as it is. */
export interface PlayOrder {
  readonly scenario: string | null;
  /** 0 to `MAX_SEED`. */
  readonly seed: number | null;
  /** 1 to `MAX_CHATS`. */
  readonly chats: number | null;
}

/** The lowest 32 bits of a seed count. */
export const MAX_SEED = 2 ** 32 - 1;
export const MAX_CHATS = 100_000;

/** Name of the demo world, which is no scenario. */
export const DEMO = 'demo';
