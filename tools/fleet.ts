/**
 * The real thing: Debian's redis-server and haproxy (with deploy/haproxy.cfg), four replicas of the built service, the simulator and callers,
 * all on loopback, and one act after the other in which something is killed, restarted or cut off. Each answer is held against what the
 * simulator says is true, each message is seen by a relay. Ends with the number of checks that failed. `--help` tells how to ask for it.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createCheckReport } from '../test/support/check-report.ts';
import { crash, ghosts, judgedFor, kill, quiet, rollingRestart, split, storeOutage } from './fleet/acts.ts';
import { startLoad } from './fleet/load.ts';
import type { Stage } from './fleet/stage.ts';
import { API_TOKEN, CHAT_SERVERS, createEnds, startFleet } from './fleet/start-fleet.ts';
import { startWatch } from './fleet/watch.ts';
import { cutWhenDown, retryAll } from './fleet/wrong-files.ts';

const USAGE = `npm run fleet -- [--short] [--rate N] [--log LEVEL]

  --short      about 50 s, as CI runs it: one replica is restarted, not all, the store is not frozen, and
               HAProxy has no other files
  --rate N     questions a second, a third of them asked by two at once (20; 12 in the short form)
  --log LEVEL  of the replicas (warn); what they wrote is printed if something breaks

Needs Debian's redis-server and haproxy, and dist/.
`;
const NEEDS = ['/usr/bin/redis-server', '/usr/sbin/haproxy'];
const EXIT_USAGE = 64;

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    rate: { type: 'string' },
    log: { type: 'string', default: 'warn' },
    help: { type: 'boolean', default: false },
  },
});
const isShort = values.short;
const rate = Number(values.rate ?? (isShort ? 12 : 20));
const missing = NEEDS.filter((program) => !existsSync(program));
if (values.help) process.stdout.write(USAGE);
else if (!(rate > 0)) {
  console.error(USAGE);
  process.exitCode = EXIT_USAGE;
} else if (missing.length > 0) {
  console.error(`not found: ${missing.join(', ')}`);
  process.exitCode = 1;
} else process.exitCode = await run();

async function run(): Promise<number> {
  const ends = createEnds();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void ends.all().finally(() => process.exit(1)));
  const report = createCheckReport();
  try {
    const fleet = await startFleet(ends, values.log);
    const watch = startWatch(fleet.replicas);
    ends.add(() => watch.stop());
    const load = startLoad(fleet.world, CHAT_SERVERS, fleet.balancer.port, rate, API_TOKEN);
    ends.add(() => load.stop());
    report.say(`four replicas, HAProxy, Redis and the simulator run, ${rate} questions a second`);
    await acts({ fleet, load, watch, report, isShort });
    if (report.failed > 0)
      for (const { url, process: replica } of fleet.replicas) report.say(`${url} wrote:\n${replica.output().slice(-4_000)}`);
  } finally {
    await ends.all();
  }
  report.say(report.failed === 0 ? 'all kept' : `${report.failed} checks failed`);
  return report.failed;
}

async function acts(stage: Stage): Promise<void> {
  const { store } = stage.fleet;
  await stage.watch.untilLinked([true, true, true, true], 30_000);
  const before = await quiet(stage);
  await crash(stage);
  await kill(stage);
  await rollingRestart(stage);
  await storeOutage(stage, 'the store is killed', before, store.kill, store.start);
  if (!stage.isShort) {
    const send = (signal: NodeJS.Signals) => () => void process.kill(store.pid, signal);
    await storeOutage(stage, 'the store is frozen', before, send('SIGSTOP'), send('SIGCONT'));
  }
  await split(stage);
  if (!stage.isShort) {
    await retryAll(stage);
    await cutWhenDown(stage);
  }
  await ghosts(stage);
  judgedFor(stage);
}
