import { changedScenario, chatsOf } from '../../lab/rehearsal/changed-scenario.ts';
import type { Mechanism } from '../../lab/rehearsal/mechanisms.ts';
import type { ScenarioChanges } from '../../lab/rehearsal/rehearsal-options.ts';
import { type RehearsalReport, unexplainedIn } from '../../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../../lab/rehearsal/rehearse.ts';
import { ONE_REPLICA } from '../../lab/rehearsal/rehearsed-fleet.ts';
import { parseScenario } from '../../lab/simulator/scenario/load-scenario.ts';
import type { ScenarioLibrary } from '../../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../../src/probe/policy.ts';
import type { OnChatServerDown } from '../../src/probe/target.ts';
import { brokenByFleet, fleetsOf } from './fleet-promises.ts';

/** One rehearsal of a row; what is not said is the scenario's own, or the default. */
export interface MustPlay {
  readonly scenario: string;
  readonly policy: PolicyName;
  readonly changes?: Partial<ScenarioChanges>;
  readonly noProbe?: boolean;
  readonly without?: readonly Mechanism[];
  /** Which of the fleets that the scenario is played with; one replica alone unless given. */
  readonly fleet?: number;
}

/** What one row came to. */
export interface Shown {
  readonly figure: string;
  readonly isShown: boolean;
}

/** Something that must be shown, under a name that can be asked for. */
export interface MustRow {
  readonly name: string;
  readonly demand: string;
  show(play: (order: MustPlay) => Promise<RehearsalReport>): Promise<Shown>;
}

type PolicyName = keyof typeof BUILT_IN_POLICIES;

/** What each of today's scenarios came to before, by scenario. */
export type FiguresBefore = Readonly<Record<string, readonly { policy: string; rule: string; ghosts: number; toServerDown: number }[]>>;

const POLICIES: readonly PolicyName[] = ['inline', 'ha'];
const RULES: readonly OnChatServerDown[] = ['auto', 'stop', 'route'];
const LOST_LINKS = ['lost-link', 'lost-link-in-stages'];
/** Places of those that share; where fewer are played, one replica stands for the others. */
const SHARING = [2, 3, 4, 5, 6, 7];
const LATER = ['misconfigured-later-fault', 'misconfigured-later-not-found'];

/**
 * Plays, each once however many rows ask for it.
 *
 * @param complain told of living chats that were stopped and not explained.
 */
export function mustPlayer(library: ScenarioLibrary, complain: (problem: string) => void): (order: MustPlay) => Promise<RehearsalReport> {
  const played = new Map<string, Promise<RehearsalReport>>();
  return (order) => {
    const key = JSON.stringify(order);
    const known =
      played.get(key) ??
      playOf(library, order).then((report) => {
        if (unexplainedIn(report) > 0) complain(`${key}: ${unexplainedIn(report)} living chats stopped without an explanation`);
        return report;
      });
    played.set(key, known);
    return known;
  };
}

async function playOf(
  library: ScenarioLibrary,
  { scenario: name, policy: policyName, changes = {}, noProbe = false, without = [], fleet: which = 0 }: MustPlay,
) {
  const parsed = parseScenario(library.text(name) ?? '', name);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.problems.join('; ')}`);
  const changed = changedScenario(parsed.scenario, changes);
  if (!changed.ok) throw new Error(changed.problem);
  const { scenario } = changed;
  const policy = BUILT_IN_POLICIES[policyName];
  const { seed } = scenario;
  const fleet = fleetsOf(scenario)[which] ?? ONE_REPLICA;
  return rehearse({ scenario, chats: chatsOf(scenario), policyName, policy, plain: false, noProbe, without, seed, fleet });
}

/** Every row, in the order of the issue: living chats first. */
export function mustRows(scenarios: readonly string[], before: FiguresBefore): readonly MustRow[] {
  const others = scenarios.filter((name) => !LOST_LINKS.includes(name) && !LATER.includes(name));
  return [
    ...LATER.flatMap((scenario) => [livingRow(scenario, true, 0), livingRow(scenario, false, 15)]),
    ...LOST_LINKS.flatMap((scenario) => [0.5, 5, 20].flatMap((rate) => POLICIES.flatMap((policy) => lostLinkRow(scenario, rate, policy)))),
    ...others.map((scenario) => livingRow(scenario, null, 0)),
    ...POLICIES.flatMap((policy) => [5, 60, 300].map((seconds) => staysDownRow(policy, seconds))),
    ...POLICIES.map(knownDownRow),
    ...['one-of-four-without-ha', 'two-of-four-without-ha'].map((scenario) => deadRow(scenario, 0.99)),
    deadRow('healthy-with-stale', 0.95),
    ...Object.keys(before).flatMap((scenario) => [
      beforeRow(scenario, before, 'ghosts', 0.02),
      beforeRow(scenario, before, 'toServerDown', 0),
    ]),
    sumRow(before, 'ghosts', 0.01),
    sumRow(before, 'toServerDown', 0),
    ...scenarios.flatMap((scenario) => POLICIES.map((policy) => fleetRow(scenario, policy))),
  ];
}

function fleetRow(scenario: string, policy: PolicyName): MustRow {
  return {
    name: `fleet/${scenario}/${policy}`,
    demand: 'replicas that share are within a tenth of one, whatever becomes of them and of their store',
    async show(play) {
      const one = await play({ scenario, policy });
      const beyond: string[] = [];
      for (const fleet of SHARING) beyond.push(...brokenByFleet(scenario, one, await play({ scenario, policy, fleet })));
      return { figure: beyond.length === 0 ? 'all are' : beyond.join('; '), isShown: beyond.length === 0 };
    },
  };
}

function livingRow(scenario: string, ha: boolean | null, most: number): MustRow {
  return {
    name: `living/${scenario}${ha === null ? '' : `/ha-${ha}`}`,
    demand: `at most ${most} living stopped, both policies, every rule`,
    async show(play) {
      const stopped: number[] = [];
      for (const policy of POLICIES)
        for (const onChatServerDown of RULES)
          stopped.push(
            (await play({ scenario, policy, changes: { ...(ha === null ? {} : { ha }), onChatServerDown } })).chatsBy.livingStopped,
          );
      return { figure: `${stopped.join(' ')} (${POLICIES.join(', ')} x ${RULES.join(', ')})`, isShown: Math.max(...stopped) <= most };
    },
  };
}

function lostLinkRow(scenario: string, arrivePerSecond: number, policy: PolicyName): readonly MustRow[] {
  return (['auto', 'stop'] as const).map((onChatServerDown) => ({
    name: `${scenario}/${arrivePerSecond}/${policy}/${onChatServerDown}`,
    demand: 'at most 0.1 % of the living stopped',
    async show(play) {
      const { chatsBy, agents } = await play({ scenario, policy, changes: { arrivePerSecond, onChatServerDown, again: 'all' } });
      const { living, livingStopped } = chatsBy;
      return {
        figure: `${livingStopped} of ${living} living stopped; ${agents.ghostVisits} visits of ghosts`,
        isShown: livingStopped <= living / 1_000,
      };
    },
  }));
}

const STAYS_DOWN_SHARE: Readonly<Record<number, number>> = { 5: 0.025, 60: 0.06, 300: 0.12 };

function staysDownRow(policy: PolicyName, seconds: number): MustRow {
  const most = STAYS_DOWN_SHARE[seconds] ?? 0;
  return {
    name: `server-stays-down/${policy}/${seconds}s`,
    demand: `ghosts of the server visit agents at most ${most * 100} % as often as without a probe`,
    async show(play) {
      const order = { scenario: 'server-stays-down', policy, changes: { queueMs: seconds * 1_000 } };
      const [watched, without] = [await play(order), await play({ ...order, noProbe: true })];
      const share = watched.agents.ofServerDown / without.agents.ofServerDown;
      const all = watched.agents.ghostVisits / without.agents.ghostVisits;
      return {
        figure: `${watched.agents.ofServerDown} of ${without.agents.ofServerDown} (${percent(share)}); of all ghosts ${percent(all)}`,
        isShown: share <= most,
      };
    },
  };
}

function knownDownRow(policy: PolicyName): MustRow {
  return {
    name: `server-stays-down/${policy}/known-down`,
    demand: 'once known down, its ghosts are answered in under 100 ms (p95)',
    async show(play) {
      const { knownDown } = await play({ scenario: 'server-stays-down', policy, changes: { queueMs: 5_000 } });
      if (knownDown === null) return { figure: 'never known down', isShown: false };
      return { figure: `${knownDown.p95Ms} ms over ${knownDown.asked}`, isShown: knownDown.p95Ms < 100 };
    },
  };
}

/** Of the dead that Interaction Server was to be asked about; what their own data call closed is left out. */
function deadRow(scenario: string, least: number): MustRow {
  return {
    name: `dead/${scenario}`,
    demand: `at least ${least * 100} % of the dead stopped, both policies`,
    async show(play) {
      const shares: number[] = [];
      for (const policy of POLICIES) {
        const { dead, reasons } = await play({ scenario, policy });
        const closed = reasons.find(({ reason }) => reason === 'session_offline')?.chats ?? 0;
        shares.push((dead.stopped - closed) / (dead.stopped + dead.routed - closed));
      }
      return { figure: `${shares.map(percent).join(' ')} (${POLICIES.join(', ')})`, isShown: Math.min(...shares) >= least };
    },
  };
}

type Figure = 'ghosts' | 'toServerDown';
const figureOf = (report: RehearsalReport, figure: Figure): number =>
  figure === 'ghosts' ? report.dead.routed : report.messages.toServerDown;
const IN_WORDS: Readonly<Record<Figure, string>> = { ghosts: 'ghosts', toServerDown: 'messages to a server down' };

async function sums(play: (order: MustPlay) => Promise<RehearsalReport>, scenario: string, before: FiguresBefore, figure: Figure) {
  let [was, is] = [0, 0];
  for (const row of before[scenario] ?? []) {
    const [policy, onChatServerDown] = [POLICIES.find((name) => name === row.policy), RULES.find((name) => name === row.rule)];
    if (policy === undefined || onChatServerDown === undefined) throw new Error(`no such row: ${JSON.stringify(row)}`);
    was += row[figure];
    is += figureOf(await play({ scenario, policy, changes: { onChatServerDown } }), figure);
  }
  return { was, is };
}

function beforeRow(scenario: string, before: FiguresBefore, figure: Figure, more: number): MustRow {
  return {
    name: `before/${figure}/${scenario}`,
    demand: `${IN_WORDS[figure]} at most ${more * 100} % more than before`,
    async show(play) {
      const { was, is } = await sums(play, scenario, before, figure);
      return { figure: `${is}, was ${was} (${signedPercent(is, was)})`, isShown: is <= was * (1 + more) };
    },
  };
}

function sumRow(before: FiguresBefore, figure: Figure, more: number): MustRow {
  return {
    name: `before/${figure}`,
    demand: `${IN_WORDS[figure]} over all scenarios of before at most ${more * 100} % more`,
    async show(play) {
      let [was, is] = [0, 0];
      for (const scenario of Object.keys(before)) {
        const sum = await sums(play, scenario, before, figure);
        was += sum.was;
        is += sum.is;
      }
      return { figure: `${is}, was ${was} (${signedPercent(is, was)})`, isShown: is <= was * (1 + more) };
    },
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function signedPercent(is: number, was: number): string {
  return was === 0 ? 'none before' : `${is < was ? '' : '+'}${(((is - was) / was) * 100).toFixed(2)} %`;
}
