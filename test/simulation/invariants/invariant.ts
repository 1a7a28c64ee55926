import type { TargetView } from '../view.ts';

/** Something that is never to happen, whatever the seed. */
export interface Invariant {
  /** What always holds, in words. */
  readonly name: string;
  /** Each time that it did not hold. */
  breaches(view: TargetView): Iterable<string>;
}
