type Cell = string | number;

/**
 * Rows as lines of equal columns, indented by two: words to the left, numbers to the right.
 *
 * @param rows all with the same number of cells.
 */
export function textTable(rows: readonly (readonly Cell[])[]): string {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => String(row[column]).length));
  const placed = (cell: Cell, column: number): string =>
    typeof cell === 'number' ? String(cell).padStart(widthOf(column)) : cell.padEnd(widthOf(column));
  return rows.map((row) => `  ${row.map(placed).join('  ')}`.trimEnd()).join('\n');
}
