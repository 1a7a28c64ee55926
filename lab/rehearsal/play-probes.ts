import { createEmbeddedAdapter } from '../../src/adapters/embedded-adapter.ts';
import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import { createCancelController } from '../../src/probe/cancel-signal.ts';
import type { EspRequest } from '../../src/probe/esp.ts';
import { createReferenceIds } from '../../src/probe/probe-order.ts';
import type { MessageTemplate, Target } from '../../src/probe/target.ts';
import type { VirtualClock } from '../../src/probe/virtual-clock.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { createSeededRandom } from '../simulator/world/seeded-random.ts';
import type { World } from '../simulator/world/world.ts';
import { createChatCourse } from './chat-course.ts';
import { beginningOf, judged, type ProbeRun } from './judge.ts';
import type { JudgedProbe, Play, Send, TimedOutageEvent } from './judged-probe.ts';
import { firstQuestions } from './probe-moments.ts';
import { recordSends } from './record-sends.ts';
import type { Rehearsal } from './rehearsal.ts';
import { createRehearsedService, type RehearsalMode, type RehearsedService } from './rehearsed-service.ts';
import { createStallingClock, type StallingClock } from './stalling-clock.ts';
import { createWireLog, type WireLog } from './wire-log.ts';

/** The message of a target that was told nothing else. */
const MESSAGE: MessageTemplate = { text: '[probe]', type: null, visibility: 'VIP', idKeys: ['InteractionId', 'Id'] };

/** Rows of chance from one seed must differ, or moments and jitter would go together, and both with the world's latencies. */
const JITTER_SALT = 0x5eed;
const COURSE_SALT = 0x6d2b79f5;

/**
 * Asks about the chats of the world, each at its moments, and judges each verdict by what is true when it is given.
 * Moves `clock`, which must be the world's own. Resolves when nobody asks any more.
 */
export async function playProbes(rehearsal: Rehearsal, world: World, clock: VirtualClock): Promise<Play> {
  const { scenario, seed, without = [] } = rehearsal;
  const sends: Send[] = [];
  const outage: TimedOutageEvent[] = [];
  const wire = createWireLog(MESSAGE.idKeys[0] ?? '');
  const begunMs = world.nowMs();
  const stalling = createStallingClock(clock, scenario.service.stalls);
  const simulator = wire.recording(readLate(createEmbeddedAdapter(world), stalling), () => world.nowMs());
  const adapter = recordSends(simulator, world, (send) => sends.push(send));
  const target: Target = { name: scenario.name, rules: scenario.target, message: MESSAGE, adapter };
  const service = createRehearsedService({
    clock: stalling,
    random: createSeededRandom(seed ^ JITTER_SALT),
    nextReferenceId: createReferenceIds(1),
    target,
    requireDelivery: scenario.target.requireDelivery,
    mode: modeOf(rehearsal),
    without,
    observe: (event) => outage.push({ atMs: world.nowMs(), event }),
  });

  const first = firstQuestions(rehearsal, world);
  const { releaseGuardAtMs } = scenario.operator;
  const releases = releaseGuardAtMs.map((atMs) => clock.schedule(atMs - begunMs, () => service.releaseGuard()));
  const scene: Scene = { rehearsal, world, service, target, wire, stalling };
  const course = createChatCourse({
    scenario,
    world,
    until: (atMs) => new Promise((resolve) => clock.schedule(atMs - world.nowMs(), resolve)),
    ask: (id, isSecond) => judgedProbe(scene, id, isSecond),
    pause: (id) => wire.forget(id),
    draw: createSeededRandom(seed ^ COURSE_SALT),
  });
  const answers = await clock.drive(Promise.all(first.map((question) => course.play(question))));
  service.close();
  for (const cancel of releases) cancel();
  // What a slow Chat Server has is delivered although nobody waits any more, and stands in the transcript for ever.
  await clock.advance(longestExtraMs(scenario.events));
  const fault = outage.find(({ event }) => event.type === 'fault');
  if (fault !== undefined) throw new Error('a rehearsal met a bug', { cause: fault.event });
  const releasedAtMs = releaseGuardAtMs.length === 0 ? null : Math.min(...releaseGuardAtMs);
  return { probes: answers.flat(), sends, outage, releasedAtMs, delivered: deliveredIn(world), handleMs: scenario.agents.handleMs };
}

function modeOf({ plain, noProbe = false, observed = false }: Rehearsal): RehearsalMode {
  if (noProbe) return 'no_probe';
  if (observed) return 'observed';
  return plain ? 'plain' : 'watched';
}

/** What each probe is asked of and judged with. */
interface Scene {
  readonly rehearsal: Rehearsal;
  readonly world: World;
  readonly service: RehearsedService;
  readonly target: Target;
  readonly wire: WireLog;
  readonly stalling: StallingClock;
}

async function judgedProbe(
  { rehearsal, world, service, target, wire, stalling }: Scene,
  id: string,
  isSecond: boolean,
): Promise<JudgedProbe> {
  const beginning = beginningOf(rehearsal, world, id, isSecond);
  await stalling.whenItReads();
  const { asked: chatServer, isOffline, userData } = beginning;
  const { policyName, policy } = rehearsal;
  const run: ProbeRun = { begunAtMs: world.nowMs(), sent: [] };
  const order = {
    ...{ probeId: id, requestId: id, caller: null, interactionId: id, policyName, policy, chatServer, isOffline, userData },
    target: { ...target, adapter: noting(target.adapter, run.sent) },
  };
  const answer = await service.ask(order, createCancelController().signal);
  if (answer === null) throw new Error(`the probe of ${id} was given up, though nobody asked for that`);
  return judged({ rehearsal, world, wire }, answer, beginning, run);
}

/** The same adapter, noting the messages of one run, which may go on beside another about the same chat. */
function noting(adapter: InteractionServerAdapter, sent: EspRequest[]): InteractionServerAdapter {
  return {
    ...adapter,
    send(request, timeoutMs, signal) {
      sent.push(request);
      return adapter.send(request, timeoutMs, signal);
    },
  };
}

/** The same adapter in a process that stands still now and then: what comes in meanwhile is read late. */
function readLate(adapter: InteractionServerAdapter, stalling: StallingClock): InteractionServerAdapter {
  return {
    ...adapter,
    async send(request, timeoutMs, signal) {
      const outcome = await adapter.send(request, timeoutMs, signal);
      await stalling.whenItReads();
      return outcome;
    },
  };
}

function longestExtraMs(events: Scenario['events']): number {
  return Math.max(0, ...events.map((event) => ('slow' in event ? (event.extraMs ?? 0) : 0)));
}

function deliveredIn(world: World): number {
  let delivered = 0;
  for (const { transcript } of world.sessions()) delivered += transcript.length;
  return delivered;
}
