/** Which files a file imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Files that import each other, by whatever way round, in alphabetical order; none where imports go one way. */
export function importCircles(graph: ImportGraph): readonly (readonly string[])[] {
  const reach = new Map([...graph.keys()].map((file) => [file, reachedFrom(graph, file)]));
  const circleOf = (file: string): readonly string[] =>
    [...(reach.get(file) ?? [])].filter((other) => reach.get(other)?.has(file) === true).sort();
  // Each circle is found from the first of its files.
  return [...graph.keys()].map(circleOf).filter((circle, n) => circle[0] === [...graph.keys()][n]);
}

/** All that can be reached by one import or more; the file itself only by a circle. */
function reachedFrom(graph: ImportGraph, file: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...(graph.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return reached;
}
