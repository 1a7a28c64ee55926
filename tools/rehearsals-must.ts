/**
 * Holds rehearsals against what they must show, and prints each row with its figure. Words choose rows: a name, or the beginning
 * of some; without any every row is played. Ends with 1 if a row is not shown.
 */
import { readFileSync } from 'node:fs';
import { scenariosIn } from '../lab/simulator/scenario/scenario-files.ts';
import { type FiguresBefore, mustPlayer, mustRows } from '../test/rehearsal/must-show.ts';
import { createProgress } from './progress.ts';

const before: FiguresBefore = JSON.parse(readFileSync(new URL('../test/rehearsal/figures-before.json', import.meta.url), 'utf8'));
const library = scenariosIn(new URL('../scenarios/', import.meta.url));
const rows = mustRows(library.names, before);
const words = process.argv.slice(2).filter((word) => word !== '--list');
const chosen = rows.filter(({ name }) => words.length === 0 || words.some((word) => name === word || name.startsWith(word)));

if (chosen.length === 0) {
  console.error(`no row begins like that; there are\n  ${rows.map(({ name }) => name).join('\n  ')}`);
  process.exitCode = 64;
}
if (process.argv.includes('--list')) {
  for (const { name, demand } of chosen) console.log(`${name}: ${demand}`);
} else {
  let failed = 0;
  const progress = createProgress(chosen.length, process.stdout, () => performance.now());
  const play = mustPlayer(library, (problem) => {
    progress.clear();
    console.log(`NOT OK  ${problem}`);
    process.exitCode = 1;
  });
  for (const [row, { name, demand, show }] of chosen.entries()) {
    const startedMs = performance.now();
    const { figure, isShown } = await show(play);
    if (!isShown) failed += 1;
    progress.clear();
    console.log(
      `${isShown ? 'ok    ' : 'NOT OK'}  ${name}: ${figure}${isShown ? '' : `; must be: ${demand}`}  [${((performance.now() - startedMs) / 1_000).toFixed(1)} s]`,
    );
    await progress.tell(row + 1, () => `${row + 1} of ${chosen.length} rows`);
  }
  progress.clear();
  console.log(failed === 0 ? `all ${chosen.length} rows are shown` : `${failed} of ${chosen.length} rows are not shown`);
  if (failed > 0) process.exitCode = 1;
}
