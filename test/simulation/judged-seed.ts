import { brokenInvariants } from './invariants/broken-invariants.ts';
import type { Played } from './record.ts';
import { simulate } from './simulate.ts';

/** What one seed came to. */
export interface JudgedSeed {
  /** Null if the simulation itself broke. */
  readonly played: Played | null;
  /** What went wrong, and how to see it again; null if nothing did. */
  readonly complaint: string | null;
}

/** Plays a seed and holds it to every invariant. Never rejects. */
export async function judgedSeed(seed: number): Promise<JudgedSeed> {
  try {
    const played = await simulate(seed);
    return { played, complaint: complaintAbout(played) };
  } catch (fault) {
    return { played: null, complaint: complaintWith(seed, [`the simulation broke: ${String(fault)}`]) };
  }
}

/** What went wrong in a simulation; null if nothing did. */
export function complaintAbout(played: Played): string | null {
  const broken = brokenInvariants(played);
  return broken.length === 0 ? null : complaintWith(played.plan.seed, broken);
}

function complaintWith(seed: number, broken: readonly string[]): string {
  return [`seed ${seed} broke:`, ...broken.map((each) => `  ${each}`), `see it again: npm run simulate -- --seed ${seed}`].join('\n');
}
