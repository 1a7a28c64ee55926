import { BUILT_IN_POLICIES, type RetryPolicy } from '../../src/probe/policy.ts';
import { type ParsedScenario, parseScenario } from '../simulator/scenario/load-scenario.ts';
import type { ScenarioLibrary } from '../simulator/scenario/scenario-files.ts';
import { changedScenario, chatsOf } from './changed-scenario.ts';
import { REHEARSAL_USAGE, type RehearsalOptions, readRehearsalOptions } from './rehearsal-options.ts';
import { unexplainedIn } from './rehearsal-report.ts';
import { rehearse } from './rehearse.ts';
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
}

/** EX_USAGE, EX_DATAERR and EX_SOFTWARE of sysexits.h. */
const EXIT_USAGE = 64;
const EXIT_BAD_SCENARIO = 65;
const EXIT_UNEXPLAINED = 70;

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
  const { scenario: name, policy: policyName, chats, seed, plain, noProbe, without, changes, json } = options;
  const parsed = scenarioNamed(host.scenarios, name);
  if (!parsed.ok) {
    for (const problem of parsed.problems) host.complain(`rehearse: scenario ${name}: ${problem}\n`);
    return EXIT_BAD_SCENARIO;
  }
  const changed = changedScenario(parsed.scenario, changes);
  if (!changed.ok) {
    host.complain(`rehearse: ${changed.problem}\n`);
    return EXIT_USAGE;
  }
  const { scenario } = changed;
  const policy = POLICIES.get(policyName) ?? BUILT_IN_POLICIES.inline;
  const played = { scenario, policyName, policy, plain, noProbe, without };
  const report = await rehearse({ ...played, chats: chats ?? chatsOf(scenario), seed: seed ?? scenario.seed });
  host.print(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  const unexplained = unexplainedIn(report);
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
