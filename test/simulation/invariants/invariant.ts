import type { TargetView } from '../view.ts';

/** Something that is never to happen, whatever the seed. */
export interface Invariant {
  /** What always holds, in words. */
  readonly name: string;
  /**
   * Each time that it did not hold. Null each time that it was at stake and held: what is yielded so must come about in some
   * seeds, or the invariant would prove nothing.
   */
  breaches(view: TargetView): Iterable<string | null>;
}
