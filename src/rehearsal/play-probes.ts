import { createSimulatorAdapter } from '../adapters/simulator-adapter.ts';
import type { UserData } from '../probe/esp.ts';
import { createReferenceIds } from '../probe/reference-ids.ts';
import { createStopController } from '../probe/stop-signal.ts';
import type { MessageTemplate, Target } from '../probe/target.ts';
import type { VirtualClock } from '../probe/virtual-clock.ts';
import { createSeededRandom } from '../simulator/seeded-random.ts';
import type { SessionView } from '../simulator/session.ts';
import type { World } from '../simulator/world.ts';
import type { JudgedProbe, Play, Send, TimedOutageEvent } from './judged-probe.ts';
import { misconfiguredAt } from './misconfigured-at.ts';
import { createProbeMoments } from './probe-moments.ts';
import { recordSends } from './record-sends.ts';
import type { Rehearsal } from './rehearsal.ts';
import { createRehearsedService, type RehearsedAnswer, type RehearsedService } from './rehearsed-service.ts';
import { type ChatFacts, explainStop } from './stop-explanation.ts';

/** The message of a target that was told nothing else. */
const MESSAGE: MessageTemplate = { text: '[probe]', type: null, visibility: 'VIP', idKeys: ['InteractionId', 'Id'] };

/** Two rows of chance from one seed must differ, or moments and jitter would go together. */
const JITTER_SALT = 0x5eed;

/**
 * Probes every chat of the world once, each at its moment, and judges each verdict by what is true when it is given.
 * Moves `clock`, which must be the world's own. Resolves when every chat has its verdict.
 */
export async function playProbes(rehearsal: Rehearsal, world: World, clock: VirtualClock): Promise<Play> {
  const { scenario, seed } = rehearsal;
  const sends: Send[] = [];
  const outage: TimedOutageEvent[] = [];
  const adapter = recordSends(createSimulatorAdapter(world), world, (send) => sends.push(send));
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

  const drawMomentMs = createProbeMoments(scenario.probes, createSeededRandom(seed));
  const begunMs = world.nowMs();
  const { releaseGuardAtMs } = scenario.operator;
  for (const atMs of releaseGuardAtMs) clock.schedule(atMs - begunMs, () => service.releaseGuard());
  const verdicts = Array.from(world.sessions(), async ({ id }) => {
    const delayMs = drawMomentMs() - begunMs;
    await new Promise<void>((resolve) => clock.schedule(delayMs, resolve));
    return judgedProbe(rehearsal, world, service, target, id);
  });
  const probes = await clock.drive(Promise.all(verdicts));
  service.close();
  const fault = outage.find(({ event }) => event.type === 'fault');
  if (fault !== undefined) throw new Error('a rehearsal met a bug', { cause: fault.event });
  const releasedAtMs = releaseGuardAtMs.length === 0 ? null : Math.min(...releaseGuardAtMs);
  return { probes, sends, outage, releasedAtMs, delivered: deliveredIn(world) };
}

async function judgedProbe(
  rehearsal: Rehearsal,
  world: World,
  service: RehearsedService,
  target: Target,
  id: string,
): Promise<JudgedProbe> {
  const startedAtMs = world.nowMs();
  const before = viewOf(world, id);
  const atStart = factsOf(before);
  const chatServer = textAt(before.userData, 'ChatServerAppName');
  const answer = await service.ask(
    {
      probeId: id,
      requestId: id,
      interactionId: id,
      target,
      policyName: rehearsal.policyName,
      policy: rehearsal.policy,
      chatServer,
      isOffline: textAt(before.userData, 'IsOnline') === '0',
      userData: before.userData,
    },
    createStopController().signal,
  );
  if (answer === null) throw new Error(`the probe of ${id} was given up, though nobody asked for that`);
  return judged(rehearsal, world, id, answer, { startedAtMs, asked: chatServer, atStart });
}

/** What was known when the probe began. */
interface Beginning {
  readonly startedAtMs: number;
  readonly asked: string | null;
  readonly atStart: ChatFacts;
}

/** Called in the moment of the verdict. */
function judged(rehearsal: Rehearsal, world: World, id: string, answer: RehearsedAnswer, beginning: Beginning): JudgedProbe {
  const { verdict, evidence, reason, degraded, guarded, servedBy, elapsedMs } = answer;
  const { startedAtMs, asked, atStart } = beginning;
  const now = viewOf(world, id);
  const living = now.truth.customer === 'present';
  const common = { startedAtMs, verdict, evidence, reason, degraded, guarded, servedBy, elapsedMs, living };
  if (!living || verdict !== 'stop') return { ...common, explanation: null };
  const explanation = explainStop({
    reason,
    asked,
    rules: rehearsal.scenario.target,
    deadlineMs: rehearsal.policy.deadlineMs,
    atStart,
    atVerdict: factsOf(now),
    hostConnected: world.chatServers().some(({ name, connected }) => name === now.host && connected),
    misconfigured: misconfiguredAt(rehearsal.scenario.events, world.nowMs()),
  });
  return { ...common, explanation };
}

function factsOf({ truth, host }: SessionView): ChatFacts {
  return { session: truth.session, host };
}

function viewOf(world: World, id: string): SessionView {
  const view = world.session(id);
  if (view === null) throw new Error(`the world has lost track of ${id}`);
  return view;
}

function textAt(userData: UserData, key: string): string | null {
  const value = userData[key];
  return typeof value === 'string' ? value : null;
}

function deliveredIn(world: World): number {
  let delivered = 0;
  for (const { transcript } of world.sessions()) delivered += transcript.length;
  return delivered;
}
