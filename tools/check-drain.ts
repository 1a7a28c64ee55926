/** Sends the built service SIGTERM under load, again and again, and fails if a single request does. `npm run check:drain -- 20` */
import { drainUnderLoad } from '../test/support/drain-run.ts';

const runs = Number(process.argv[2] ?? 5);
let bad = 0;
for (let n = 1; n <= runs; n += 1) {
  const { answers, onNewConnections, refused, failures, exit, drainedMs } = await drainUnderLoad();
  const isGood = failures.length === 0 && exit === 0;
  if (!isGood) bad += 1;
  console.log(
    `${n}: ${answers} answers, ${onNewConnections} on new connections, ${refused} callers refused afterwards, exit ${exit} after ${Math.round(drainedMs)} ms, ${failures.length} failures`,
  );
  for (const failure of failures) console.log(`   ${failure}`);
}
console.log(`${runs - bad} of ${runs} runs without a failure`);
process.exitCode = bad === 0 ? 0 : 1;
