import { setTimeout as sleep } from 'node:timers/promises';
import { canariesWithin, isWithin, sharedMs, wholeSpans } from './judge.ts';
import type { Question } from './load.ts';
import { answerTimes, type Played, pause, play, type Stage, until } from './stage.ts';
import { HOLD_MS, type Replica } from './start-fleet.ts';
import { answeredBy, knowsProbe, storeLineOf } from './watch.ts';

/** After a crash, until all four have heard of it. */
const KNOWN_AFTER_MS = 2_000;
const PATIENCE_MS = 30_000;
/** Of a long run: in so much of it nothing is done to the store or the ways to it. */
const LEAST_WHOLE = 0.15;
/** HAProxy's, before it tries again after a connection that was refused. */
const TURN_AROUND_MS = 1_000;
/** How much later half of the answers, and 99 of 100, may be while the store is gone. */
const MOST_LATER_MS = 100;
/** The same on a machine that is busy with other checks. */
const MOST_LATER_IN_SHORT_MS = 1_500;

/** All is well: what the other acts are compared with. */
export function quiet(stage: Stage): Promise<Played> {
  return play(stage, 'all is well', () => pause(stage, 4, 15));
}

/** A Chat Server crashes, and comes back empty. */
export async function crash(stage: Stage): Promise<void> {
  const { fleet, load, watch, report } = stage;
  const server = 'ChatServer_2';
  const name = `${server} crashes`;
  let [fromMs, toMs] = [0, 0];
  await play(stage, name, async () => {
    await load.crash(server);
    await sleep(KNOWN_AFTER_MS);
    fromMs = performance.now();
    await pause(stage, 4, 10);
    toMs = performance.now();
    await load.start(server);
    await pause(stage, 1, 5);
  });
  const spans = wholeSpans(watch.samples);
  const messages = fleet.relay.messages.filter(
    ({ chatServer, begunMs, endedMs }) => chatServer === server && isWithin({ fromMs: begunMs, toMs: endedMs }, [{ fromMs, toMs }]),
  );
  const { count, mostAtOnce, leastGapMs } = canariesWithin(messages, spans);
  // A machine that is busy with other checks may leave none to judge.
  if (count < 2 && stage.isShort) return report.say(`    ${name}: not two canaries while all were linked`);
  report.check(
    `${name}: ${count} canaries of all four, ${mostAtOnce} at once, ${Math.round(leastGapMs)} ms apart at least`,
    count > 1 && mostAtOnce === 1,
    messages.slice(0, 3),
  );
}

/** One is killed while it has messages under way. Only who waited for it loses by that. */
export async function kill(stage: Stage): Promise<void> {
  const { fleet, load, report } = stage;
  const [victim] = fleet.replicas;
  if (victim === undefined) return;
  const name = 'a replica is killed';
  const moments = { lookedMs: Number.POSITIVE_INFINITY, deadMs: Number.NEGATIVE_INFINITY, inFlight: 0 };
  const again: Promise<Question>[] = [];
  const isLost = ({ begunMs, endedMs }: Question): boolean => begunMs <= moments.deadMs && endedMs >= moments.lookedMs;
  const { questions } = await play(
    stage,
    name,
    async () => {
      await killUnderLoad(stage, victim, moments);
      await sleep(200);
      for (const question of load.questions.filter(({ failure }) => failure !== null).filter(isLost)) again.push(load.ask(question));
      await Promise.all(again);
      await pause(stage, 0, 3);
    },
    isLost,
  );
  const lost = questions.filter((question) => question.failure !== null && isLost(question));
  const late = questions.filter(({ begunMs }) => begunMs > moments.lookedMs && begunMs <= moments.deadMs).length;
  const codes = [...new Set(lost.map(({ failure }) => failure))];
  const kinds = codes.map((code) => `${lost.filter(({ failure }) => failure === code).length} ${code}`).join(', ');
  report.check(
    `${name}: ${lost.length} callers got no answer (${kinds}), of ${moments.inFlight} who waited there and ${late} who came as it died`,
    lost.length > 0 && lost.length <= moments.inFlight + late,
    lost.slice(0, 3),
  );
  const asked = await Promise.all(again);
  const alive = asked.filter(({ failure, evidence }) => failure === null && evidence === 'alive').length;
  const slowest = Math.max(...asked.map(({ begunMs, endedMs }) => endedMs - begunMs));
  report.check(
    `${name}: asked again, ${alive} of ${asked.length} are found alive, the last after ${Math.round(slowest)} ms`,
    alive === asked.length,
    asked.filter(({ evidence }) => evidence !== 'alive').slice(0, 3),
  );
  const waited = questions
    .filter((question) => question.begunMs > moments.deadMs && !question.isTwin && !asked.includes(question))
    .map(({ begunMs, endedMs }) => endedMs - begunMs)
    .filter((ms) => ms >= TURN_AROUND_MS);
  report.say(
    `    ${name}: ${waited.length} who came later were sent there first, the longest wait was ${Math.round(Math.max(0, ...waited))} ms`,
  );
  const twice = sentTwice(stage, questions);
  report.check(`${name}: no question sent two messages`, twice.length === 0, twice.slice(0, 3));
  await comeBack(stage, victim, name);
}

export async function killUnderLoad(
  { fleet }: Stage,
  victim: Replica,
  moments: { lookedMs: number; deadMs: number; inFlight: number },
  balancer = fleet.balancer,
): Promise<void> {
  fleet.relay.holdMs = 1_000;
  await sleep(2_000);
  moments.lookedMs = performance.now();
  const servers = await balancer.servers();
  moments.inFlight = servers[fleet.replicas.indexOf(victim)]?.inFlight ?? 0;
  await victim.process.stop('SIGKILL', 1_000);
  moments.deadMs = performance.now();
  fleet.relay.holdMs = HOLD_MS;
}

/** Questions about a living chat, which nobody else asked about, that sent more than one message. */
export function sentTwice({ fleet }: Stage, questions: readonly Question[]): readonly Question[] {
  return questions.filter(
    ({ id, begunMs, endedMs, isTwin, isGhost }) =>
      !isTwin &&
      !isGhost &&
      fleet.relay.messages.filter(
        (message) =>
          message.interactionId === id &&
          isWithin({ fromMs: message.begunMs, toMs: message.begunMs }, [{ fromMs: begunMs, toMs: endedMs }]),
      ).length > 1,
  );
}

/** It is started again, and gets its part of the questions. */
export async function comeBack(stage: Stage, replica: Replica, name: string): Promise<void> {
  const { fleet, watch, report } = stage;
  await replica.start();
  const isUp = await until(async () => (await fleet.balancer.servers()).every(({ status }) => status === 'UP'), PATIENCE_MS);
  const isLinked = await watch.untilLinked([true, true, true, true], PATIENCE_MS);
  const takesPart = await until(async () => (await answeredBy(replica)) > 0, PATIENCE_MS);
  report.check(`${name}: it is back, hears of the others, and is asked`, isUp && isLinked && takesPart, { isUp, isLinked, takesPart });
}

/** One after the other is stopped as a deployment does it, and started again. */
export async function rollingRestart(stage: Stage): Promise<void> {
  const { fleet, report, isShort } = stage;
  const restarted = isShort ? fleet.replicas.slice(1, 2) : fleet.replicas;
  const name = isShort ? 'a replica is restarted' : 'a rolling restart';
  const exits: (number | string)[] = [];
  await play(stage, name, async () => {
    for (const replica of restarted) {
      exits.push(await replica.process.stop('SIGTERM', PATIENCE_MS));
      await comeBack(stage, replica, name);
    }
  });
  report.check(
    `${name}: each ends with 0`,
    exits.every((exit) => exit === 0),
    exits,
  );
}

/** The store goes away and comes back, in whichever way. */
export async function storeOutage(
  stage: Stage,
  name: string,
  before: Played,
  begin: () => Promise<void> | void,
  end: () => Promise<void> | void,
): Promise<void> {
  const { fleet, load, watch, report } = stage;
  const played = await play(stage, name, async () => {
    await begin();
    const areApart = await watch.untilLinked([false, false, false, false], PATIENCE_MS);
    const lines = await Promise.all(fleet.replicas.map(storeLineOf));
    report.check(`${name}: the gauge of each says so, and /readyz`, areApart && lines.every((line) => isApart(line)), lines);
    await pause(stage, 2, 10);
    await end();
  });
  const [was, is] = [answerTimes(before, load), answerTimes(played, load)];
  const mostMs = stage.isShort ? MOST_LATER_IN_SHORT_MS : MOST_LATER_MS;
  const times = `p50 ${Math.round(was.p50)} -> ${Math.round(is.p50)} ms, p99 ${Math.round(was.p99)} -> ${Math.round(is.p99)} ms`;
  report.check(`${name}: answers come as before, ${times}`, is.p50 <= was.p50 + mostMs && is.p99 <= was.p99 + mostMs, null);
  await caughtUp(stage, name, played);
}

function isApart(line: unknown): boolean {
  return JSON.stringify(line).includes('"apart"');
}

/** What was answered by one while it was alone, all tell. */
async function caughtUp({ fleet, watch, report }: Stage, name: string, { questions }: Played): Promise<void> {
  const isLinked = await watch.untilLinked([true, true, true, true], PATIENCE_MS);
  const probes = questions.flatMap(({ probeId }) => probeId ?? []).slice(-40, -20);
  const isKnown = async (): Promise<boolean> => {
    const known = await Promise.all(probes.flatMap((probe) => fleet.replicas.map((replica) => knowsProbe(replica, probe))));
    return known.every(Boolean);
  };
  const areKnown = probes.length > 0 && (await until(isKnown, PATIENCE_MS));
  report.check(`${name}: afterwards all are linked, and each tells of ${probes.length} probes of that time`, isLinked && areKnown, {
    isLinked,
    areKnown,
  });
}

/** Half of the replicas hear of nobody any more, and meanwhile a Chat Server crashes. */
export async function split(stage: Stage): Promise<void> {
  const { fleet, load, watch, report } = stage;
  const name = 'half are split off';
  const server = 'ChatServer_3';
  const played = await play(stage, name, async () => {
    fleet.way.cut();
    const isSplit = await watch.untilLinked([true, true, false, false], PATIENCE_MS);
    report.check(`${name}: two know that they are alone, two are linked`, isSplit, watch.samples.at(-1));
    await load.crash(server);
    await pause(stage, 4, 15);
    await load.start(server);
    fleet.way.mend();
  });
  await caughtUp(stage, name, played);
}

/** Whoever is gone is stopped in the end. */
export async function ghosts({ load, report }: Stage): Promise<void> {
  const areStopped = await until(async () => load.ghosts.stopped === load.ghosts.known, PATIENCE_MS);
  report.check(
    `in the end ${load.ghosts.stopped} of ${load.ghosts.known} ghosts are stopped`,
    areStopped && load.ghosts.known > 0,
    load.ghosts,
  );
}

/** That all of them lived and heard of each other for long enough to be held to it. */
export function judgedFor({ watch, report, isShort }: Stage): void {
  const [first, last] = [watch.samples[0]?.atMs ?? 0, watch.samples.at(-1)?.atMs ?? 0];
  const wholeMs = sharedMs({ fromMs: first, toMs: last }, wholeSpans(watch.samples));
  const share = wholeMs / (last - first);
  report.check(
    `for ${Math.round(wholeMs / 1_000)} of ${Math.round((last - first) / 1_000)} s all that lived were linked`,
    isShort || share > LEAST_WHOLE,
    null,
  );
}
