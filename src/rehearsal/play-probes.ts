import { createSimulatorAdapter } from '../adapters/simulator-adapter.ts';
import { createReferenceIds } from '../probe/reference-ids.ts';
import { createStopController } from '../probe/stop-signal.ts';
import type { MessageTemplate, Target } from '../probe/target.ts';
import type { VirtualClock } from '../probe/virtual-clock.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { createSeededRandom } from '../simulator/world/seeded-random.ts';
import type { World } from '../simulator/world/world.ts';
import { beginningOf, judged } from './judge.ts';
import type { JudgedProbe, Play, Send, TimedOutageEvent } from './judged-probe.ts';
import { createProbeMoments } from './probe-moments.ts';
import { recordSends } from './record-sends.ts';
import type { Rehearsal } from './rehearsal.ts';
import { createRehearsedService, type RehearsedService } from './rehearsed-service.ts';
import { createWireLog, type WireLog } from './wire-log.ts';

/** The message of a target that was told nothing else. */
const MESSAGE: MessageTemplate = { text: '[probe]', type: null, visibility: 'VIP', idKeys: ['InteractionId', 'Id'] };

/** Rows of chance from one seed must differ, or moments and jitter would go together, and both with the world's latencies. */
const JITTER_SALT = 0x5eed;
const MOMENT_SALT = 0x3c6ef372;

/**
 * Probes every chat of the world once, each at its moment, and judges each verdict by what is true when it is given.
 * Moves `clock`, which must be the world's own. Resolves when every chat has its verdict.
 */
export async function playProbes(rehearsal: Rehearsal, world: World, clock: VirtualClock): Promise<Play> {
  const { scenario, seed } = rehearsal;
  const sends: Send[] = [];
  const outage: TimedOutageEvent[] = [];
  const wire = createWireLog(MESSAGE.idKeys[0] ?? '');
  const simulator = wire.recording(createSimulatorAdapter(world), () => world.nowMs());
  const adapter = recordSends(simulator, world, (send) => sends.push(send));
  const target: Target = { name: scenario.name, rules: scenario.target, message: MESSAGE, adapter };
  const service = createRehearsedService({
    clock,
    random: createSeededRandom(seed ^ JITTER_SALT),
    nextReferenceId: createReferenceIds(1),
    target,
    requireDelivery: scenario.target.requireDelivery,
    plain: rehearsal.plain,
    observe: (event) => outage.push({ atMs: world.nowMs(), event }),
  });

  const drawMomentMs = createProbeMoments(scenario.probes, createSeededRandom(seed ^ MOMENT_SALT));
  const begunMs = world.nowMs();
  const { releaseGuardAtMs } = scenario.operator;
  const releases = releaseGuardAtMs.map((atMs) => clock.schedule(atMs - begunMs, () => service.releaseGuard()));
  const verdicts = Array.from(world.sessions(), async ({ id }) => {
    const delayMs = drawMomentMs() - begunMs;
    await new Promise<void>((resolve) => clock.schedule(delayMs, resolve));
    return judgedProbe({ rehearsal, world, service, target, wire }, id);
  });
  const probes = await clock.drive(Promise.all(verdicts));
  service.close();
  for (const cancel of releases) cancel();
  // What a slow Chat Server has is delivered although nobody waits any more, and stands in the transcript for ever.
  await clock.advance(longestExtraMs(scenario.events));
  const fault = outage.find(({ event }) => event.type === 'fault');
  if (fault !== undefined) throw new Error('a rehearsal met a bug', { cause: fault.event });
  const releasedAtMs = releaseGuardAtMs.length === 0 ? null : Math.min(...releaseGuardAtMs);
  return { probes, sends, outage, releasedAtMs, delivered: deliveredIn(world) };
}

/** What each probe is asked of and judged with. */
interface Scene {
  readonly rehearsal: Rehearsal;
  readonly world: World;
  readonly service: RehearsedService;
  readonly target: Target;
  readonly wire: WireLog;
}

async function judgedProbe({ rehearsal, world, service, target, wire }: Scene, id: string): Promise<JudgedProbe> {
  const beginning = beginningOf(rehearsal, world, id);
  const { asked: chatServer, isOffline, userData } = beginning;
  const { policyName, policy } = rehearsal;
  const order = { probeId: id, requestId: id, interactionId: id, target, policyName, policy, chatServer, isOffline, userData };
  const answer = await service.ask(order, createStopController().signal);
  if (answer === null) throw new Error(`the probe of ${id} was given up, though nobody asked for that`);
  return judged(rehearsal, world, wire, answer, beginning);
}

function longestExtraMs(events: Scenario['events']): number {
  return Math.max(0, ...events.map((event) => ('slow' in event ? (event.extraMs ?? 0) : 0)));
}

function deliveredIn(world: World): number {
  let delivered = 0;
  for (const { transcript } of world.sessions()) delivered += transcript.length;
  return delivered;
}
