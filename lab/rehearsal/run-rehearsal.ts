import { BUILT_IN_POLICIES, type RetryPolicy } from '../../src/probe/policy.ts';
import { type ParsedScenario, parseScenario } from '../simulator/scenario/load-scenario.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { ScenarioLibrary } from '../simulator/scenario/scenario-files.ts';
import { changedScenario, chatsOf } from './changed-scenario.ts';
import { type FleetRow, fleetTable } from './fleet-report.ts';
import type { Rehearsal } from './rehearsal.ts';
import { REHEARSAL_USAGE, type RehearsalOptions, readRehearsalOptions } from './rehearsal-options.ts';
import { type RehearsalReport, unexplainedIn } from './rehearsal-report.ts';
import { rehearse, rehearseDrawn } from './rehearse.ts';
import { ONE_REPLICA, type RehearsedReplicas } from './rehearsed-fleet.ts';
import { reportText } from './report-text.ts';
import { textTable } from './text-table.ts';

/** What a rehearsal needs of the process that it runs in. */
export interface RehearsalHost {
  /** After the program's name. */
  readonly args: readonly string[];
  readonly scenarios: ScenarioLibrary;
  /** Writes a text as it is to the standard output. */
  print(text: string): void;
  /** Writes a text as it is to the standard error. */
  complain(text: string): void;
  /** Makes sure that a file can be written, before the time for its contents is spent. */
  open(path: string): OpenedFile;
}

export type OpenedFile = { readonly ok: true; write(text: string): void } | { readonly ok: false; readonly problem: string };

/** EX_USAGE, EX_DATAERR, EX_SOFTWARE and EX_CANTCREAT of sysexits.h. */
const EXIT_USAGE = 64;
const EXIT_BAD_SCENARIO = 65;
const EXIT_UNEXPLAINED = 70;
const EXIT_NO_FILE = 73;

const POLICIES: ReadonlyMap<string, RetryPolicy> = new Map(Object.entries(BUILT_IN_POLICIES));

/** Does what the arguments ask for. Resolves with the exit code. */
export async function runRehearsal(host: RehearsalHost): Promise<number> {
  const command = readRehearsalOptions(host.args, { scenarios: host.scenarios.names, policies: [...POLICIES.keys()] });
  switch (command.run) {
    case 'help':
      host.print(REHEARSAL_USAGE);
      return 0;
    case 'list':
      host.print(listed(host.scenarios));
      return 0;
    case 'refuse':
      for (const problem of command.problems) host.complain(`rehearse: ${problem}\n`);
      host.complain(`\n${REHEARSAL_USAGE}`);
      return EXIT_USAGE;
    case 'rehearse':
      return play(host, command.options);
  }
}

async function play(host: RehearsalHost, options: RehearsalOptions): Promise<number> {
  const parsed = scenarioNamed(host.scenarios, options.scenario);
  if (!parsed.ok) {
    for (const problem of parsed.problems) host.complain(`rehearse: scenario ${options.scenario}: ${problem}\n`);
    return EXIT_BAD_SCENARIO;
  }
  const changed = changedScenario(parsed.scenario, options.changes);
  if (!changed.ok) {
    host.complain(`rehearse: ${changed.problem}\n`);
    return EXIT_USAGE;
  }
  const file = options.svg === null ? null : host.open(options.svg);
  if (file?.ok === false) {
    host.complain(`rehearse: --svg: ${file.problem}\n`);
    return EXIT_NO_FILE;
  }
  const rehearsal = rehearsalOf(changed.scenario, options);
  if (options.replicas !== null) return compared(host, rehearsal, options, options.replicas);
  if (file === null) return told(host, options, await rehearse(rehearsal));
  const { report, picture } = await rehearseDrawn(rehearsal);
  file.write(picture);
  return told(host, options, report);
}

function rehearsalOf(scenario: Scenario, { policy: policyName, chats, seed, plain, noProbe, way, without }: RehearsalOptions): Rehearsal {
  const policy = POLICIES.get(policyName) ?? BUILT_IN_POLICIES.inline;
  const played = { scenario, policyName, policy, plain, noProbe, observed: way === 'observations', without };
  return { ...played, chats: chats ?? chatsOf(scenario), seed: seed ?? scenario.seed };
}

/** Plays the same with one replica, with several alone, and with several that share. */
async function compared(host: RehearsalHost, rehearsal: Rehearsal, options: RehearsalOptions, replicas: number): Promise<number> {
  const { store, json, ofFleet } = options;
  // What becomes of the replicas is the same for those that share and those that do not; what becomes of the store is not.
  const { balancer, restartAtMs, bornAtMs } = ofFleet;
  const fleets: readonly RehearsedReplicas[] = [
    ONE_REPLICA,
    { ...ONE_REPLICA, replicas, balancer, restartAtMs, bornAtMs },
    ...(store === 'shared' ? [{ ...ofFleet, replicas, isShared: true }] : []),
  ];
  const rows: FleetRow[] = [];
  for (const fleet of fleets) rows.push({ fleet, report: await rehearse({ ...rehearsal, fleet }) });
  host.print(json ? `${JSON.stringify(rows, null, 2)}\n` : fleetTable(rows));
  return complained(
    host,
    rows.reduce((sum, { report }) => sum + unexplainedIn(report), 0),
  );
}

function told(host: RehearsalHost, { json }: RehearsalOptions, report: RehearsalReport): number {
  host.print(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  return complained(host, unexplainedIn(report));
}

function complained(host: RehearsalHost, unexplained: number): number {
  if (unexplained === 0) return 0;
  host.complain(`rehearse: ${unexplained} living chats stopped without an explanation: a bug in the prober, the world or the judge\n`);
  return EXIT_UNEXPLAINED;
}

function scenarioNamed(scenarios: ScenarioLibrary, name: string): ParsedScenario {
  const text = scenarios.text(name);
  return text === null ? { ok: false, problems: ['its file cannot be read'] } : parseScenario(text, name);
}

function listed(scenarios: ScenarioLibrary): string {
  const described = scenarios.names.map((name) => {
    const parsed = scenarioNamed(scenarios, name);
    return [name, parsed.ok ? parsed.scenario.description : `cannot be played: ${parsed.problems.length} problem(s)`];
  });
  const policies = [...POLICIES].map(([name, { attempts, deadlineMs }]) => [name, `${attempts} attempts within ${deadlineMs} ms`]);
  return ['Scenarios', textTable(described), '', 'Policies', textTable(policies), ''].join('\n');
}
