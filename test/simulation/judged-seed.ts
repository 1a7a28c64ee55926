import { judgementOf } from './invariants/judgement.ts';
import type { Played } from './record.ts';
import { simulate } from './simulate.ts';

/** What one seed came to. */
export interface JudgedSeed {
  /** Null if the simulation itself broke. */
  readonly played: Played | null;
  /** What went wrong, and how to see it again; null if nothing did. */
  readonly complaint: string | null;
  /** Names of the invariants that it could have broken, and kept. */
  readonly atStake: readonly string[];
}

/** Plays a seed and holds it to every invariant. Never rejects. */
export async function judgedSeed(seed: number): Promise<JudgedSeed> {
  try {
    return judged(await simulate(seed));
  } catch (fault) {
    return { played: null, complaint: complaintWith(seed, [`the simulation broke: ${String(fault)}`]), atStake: [] };
  }
}

/** Holds a simulation to every invariant. */
export function judged(played: Played): JudgedSeed {
  const { broken, atStake } = judgementOf(played);
  return { played, complaint: broken.length === 0 ? null : complaintWith(played.plan.seed, broken), atStake };
}

function complaintWith(seed: number, broken: readonly string[]): string {
  return [`seed ${seed} broke:`, ...broken.map((each) => `  ${each}`), `see it again: npm run simulate -- --seed ${seed}`].join('\n');
}
