/** How long a URL that could not be reached is put aside. */
export const ASIDE_MS = 30_000;

/** For each URL, in order of preference, the moment from which it is preferred again; null if nothing is held against it. */
export type AsideUntil = readonly (number | null)[];

/** The state in which every URL is fresh. */
export function noneAside(urls: number): AsideUntil {
  return Array.from({ length: urls }, () => null);
}

/** Puts one URL aside from now on. Indexes that do not exist change nothing. */
export function putAside(asideUntil: AsideUntil, index: number, nowMs: number): AsideUntil {
  return asideUntil.map((until, each) => (each === index ? nowMs + ASIDE_MS : until));
}

/**
 * The order in which one attempt goes through the URLs, each once: the fresh ones by preference, then those put
 * aside by preference, because an unlikely URL is better than none.
 *
 * @param nowMs on the same monotonic clock as for `putAside`.
 */
export function orderOf(asideUntil: AsideUntil, nowMs: number): readonly number[] {
  const indexes = asideUntil.map((_, index) => index);
  const isAside = (index: number): boolean => (asideUntil[index] ?? nowMs) > nowMs;
  return [...indexes.filter((index) => !isAside(index)), ...indexes.filter(isAside)];
}
