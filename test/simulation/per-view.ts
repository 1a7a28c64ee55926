import type { TargetView } from './view.ts';

/** Works out once for each view what several invariants ask for. */
export function perView<T>(workOut: (view: TargetView) => T): (view: TargetView) => T {
  const known = new WeakMap<TargetView, { readonly value: T }>();
  return (view) => {
    const found = known.get(view) ?? { value: workOut(view) };
    known.set(view, found);
    return found.value;
  };
}
