import { createScenarioWorld } from '../../lab/simulator/world/scenario-world.ts';
import type { World } from '../../lab/simulator/world/world.ts';
import { createEmbeddedAdapter } from '../../src/adapters/embedded-adapter.ts';
import type { Clock } from '../../src/probe/clock.ts';
import { createReferenceIds } from '../../src/probe/probe-order.ts';
import { createProber } from '../../src/probe/prober.ts';
import type { Target } from '../../src/probe/target.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import type { ServiceEvent } from '../../src/resilience/events.ts';
import { protectTargets } from '../support/protected-targets.ts';
import { type CountingClock, createCountingClock } from './counting-clock.ts';
import { createDice } from './dice.ts';
import { drawPlan } from './draw-plan.ts';
import { createHostileWay } from './hostile-way.ts';
import type { Plan, Stall, TargetPlan } from './plan.ts';
import { type Player, playPhases } from './play-phases.ts';
import { LIVE_CONTROL, PRESENT_CONTROL } from './random-settings.ts';
import type { Happening, Played, Recorded } from './record.ts';
import { createRequests, PROBE_KEY } from './requests.ts';

const JITTER_SALT = 0x5eed;
const WAY_SALT = 0x0a11;

/** Plays what a seed says, in virtual time: the whole service below HTTP, with a world for each target. The same seed, the same log. */
export function simulate(seed: number): Promise<Played> {
  return play(drawPlan(seed));
}

export async function play(plan: Plan): Promise<Played> {
  const clock = createVirtualClock();
  const serviceClock = createCountingClock(clock);
  const log: Recorded[] = [];
  const noteFor = (target: string) => (happening: Happening) => {
    log.push({ seq: log.length, atMs: clock.nowMs(), target, ...happening });
  };
  // The first timers of all, so that whatever else is due at their moments is late.
  const stalls: Stall[] = [];
  for (const { atMs, forMs } of plan.stalls) {
    clock.schedule(atMs, () => {
      stalls.push({ atMs: clock.nowMs(), forMs });
      clock.stall(forMs);
    });
  }

  const behind = plan.targets.map((mine, n) => {
    const world = createWorld(clock, mine);
    const target = createTarget(clock, plan, mine, n, world, noteFor(mine.name));
    return { mine, world, target, note: noteFor(mine.name) };
  });
  const outage = createService(
    serviceClock,
    plan,
    behind.map(({ target }) => target),
    (event) => noteFor(targetOf(event, plan))({ type: 'told', event }),
  );
  const players = behind.map(
    (each): Player => ({ ...each, requests: createRequests({ ...each, clock, outage, loopsUntilMs: plan.repairedAtMs }) }),
  );
  await playPhases({ plan, clock, outage, players, serviceTimers: serviceClock.waiting });
  return { plan, log, stalls, delivered: new Map(players.map(({ mine, world }) => [mine.name, deliveredIn(world)])) };
}

function createWorld(clock: Clock, { scenario, chats }: TargetPlan): World {
  const world = createScenarioWorld({ clock, scenario, chats });
  const [first = ''] = scenario.chatServers;
  for (const id of [LIVE_CONTROL, PRESENT_CONTROL]) world.control.openSession(id, first);
  return world;
}

function createTarget(
  clock: Clock,
  plan: Plan,
  { name, rules, troubles }: TargetPlan,
  n: number,
  world: World,
  note: (happening: Happening) => void,
): Target {
  const adapter = createHostileWay({
    clock,
    adapter: createEmbeddedAdapter(world),
    troubles,
    dice: createDice(plan.seed ^ WAY_SALT ^ n),
    observe(passage) {
      const probeId = passage.request.userData[PROBE_KEY];
      note({ type: 'sent', probeId: typeof probeId === 'string' ? probeId : null, passage });
    },
  });
  return { name, rules, message: { text: '[probe]', type: null, visibility: 'VIP', idKeys: ['InteractionId', 'Id'] }, adapter };
}

/** Put together as the service's own composition root does. */
function createService(clock: CountingClock, plan: Plan, targets: readonly Target[], observe: (event: ServiceEvent) => void) {
  const parts = { clock, random: createDice(plan.seed ^ JITTER_SALT).draw, nextReferenceId: createReferenceIds(1) };
  const observeFaults = (event: ServiceEvent): void => {
    if (event.type === 'fault') observe(event);
  };
  return protectTargets(
    {
      clock,
      prober: createProber({ ...parts, observe }),
      controlProber: createProber({ ...parts, observe: observeFaults }),
      observe,
    },
    targets.map((target, n) => ({ target, chatServers: [], safety: plan.targets[n]!.safety })),
  );
}

function targetOf(event: ServiceEvent, plan: Plan): string {
  if ('target' in event) return event.target;
  if ('probe' in event) return event.probe.target;
  if ('request' in event) return event.request.target;
  return plan.targets.find(({ name }) => event.requestId.startsWith(`request-${name}-`))?.name ?? 'default';
}

function deliveredIn(world: World): ReadonlyMap<string, number> {
  return new Map(Array.from(world.sessions(), ({ id, transcript }) => [id, transcript.length]));
}
