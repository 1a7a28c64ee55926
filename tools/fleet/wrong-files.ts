import { setTimeout as sleep } from 'node:timers/promises';
import { comeBack, killUnderLoad, sentTwice } from './acts.ts';
import type { Balancer } from './balancer.ts';
import { type Played, play, type Stage, until } from './stage.ts';
import { HOLD_MS, type Replica } from './start-fleet.ts';

/** Longer than HAProxy takes to notice that a replica leaves, and less than an attempt may take. */
const LONG_MESSAGE_MS = 3_000;
const PATIENCE_MS = 30_000;

/*
 * HAProxy with other files than deploy/haproxy.cfg: what they would do, and that the checks of the acts before can fail.
 */

/** A POST that was read is sent to another replica, which sends its message once more. */
export async function retryAll(stage: Stage): Promise<void> {
  const name = 'with retry-on all-retryable-errors';
  const moments = { lookedMs: 0, deadMs: 0, inFlight: 0 };
  const played = await behind(
    stage,
    name,
    (text) => text.replace('retry-on conn-failure', 'retry-on all-retryable-errors'),
    (victim, wrong) => killUnderLoad(stage, victim, moments, wrong),
  );
  const twice = sentTwice(stage, played.questions);
  stage.report.check(
    `${name}: ${twice.length} questions sent two messages, of ${moments.inFlight} that waited there`,
    twice.length > 0,
    null,
  );
}

/** A replica that leaves in peace loses those who wait for it, once the checks take it for DOWN. */
export async function cutWhenDown(stage: Stage): Promise<void> {
  const name = 'with on-marked-down shutdown-sessions';
  const played = await behind(
    stage,
    name,
    (text) => text.replace('default-server check', 'default-server check on-marked-down shutdown-sessions'),
    async (victim) => {
      stage.fleet.relay.holdMs = LONG_MESSAGE_MS;
      await sleep(LONG_MESSAGE_MS);
      await victim.process.stop('SIGTERM', PATIENCE_MS);
      stage.fleet.relay.holdMs = HOLD_MS;
    },
  );
  const cut = played.questions.filter(({ failure }) => failure !== null).length;
  stage.report.check(`${name}: ${cut} callers got no answer as a replica was stopped`, cut > 0, null);
}

async function behind(
  stage: Stage,
  name: string,
  change: (text: string) => string,
  act: (victim: Replica, wrong: Balancer) => Promise<void>,
): Promise<Played> {
  const { fleet, load } = stage;
  const [victim] = fleet.replicas;
  if (victim === undefined) throw new Error('there is no replica');
  const wrong = await fleet.balance(change);
  await until(async () => (await wrong.servers()).every(({ status }) => status === 'UP'), PATIENCE_MS);
  load.port = wrong.port;
  // Here callers may fail: that is what the file is wrong for.
  const played = await play(
    stage,
    name,
    () => act(victim, wrong),
    () => true,
  );
  load.port = fleet.balancer.port;
  await comeBack(stage, victim, name);
  return played;
}
