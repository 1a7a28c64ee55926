/**
 * Rehearses every scenario without a probe and, under every built-in policy, with and without what src/resilience adds, and writes the tables of
 * docs/rehearsals.md and the pictures drawn from them. With --check two scenarios are rehearsed and compared with the page,
 * and the page must tell of every scenario. With --pictures nothing is rehearsed: the pictures are drawn from the page as it is.
 * With --fleets only fleets of replicas are rehearsed, in the scenarios named or in those of its table, and their lines of the page written;
 * with --ways workflows that send by themselves, beside probes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chatsOf } from '../lab/rehearsal/changed-scenario.ts';
import { type FleetRow, fleetName } from '../lab/rehearsal/fleet-report.ts';
import type { Rehearsal } from '../lab/rehearsal/rehearsal.ts';
import { type RehearsalReport, unexplainedIn } from '../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../lab/rehearsal/rehearse.ts';
import type { RehearsedReplicas } from '../lab/rehearsal/rehearsed-fleet.ts';
import { parseScenario } from '../lab/simulator/scenario/load-scenario.ts';
import type { Scenario } from '../lab/simulator/scenario/scenario.ts';
import { scenariosIn as scenarioFilesIn } from '../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../src/probe/policy.ts';
import type { OnChatServerDown } from '../src/probe/target.ts';
import { brokenByFleet, fleetsOf, MORE_FLEETS } from '../test/rehearsal/fleet-promises.ts';
import { brokenPromises } from '../test/rehearsal/outage-promises.ts';
import { createProgress, type Progress } from './progress.ts';
import { linesAbout, scenariosIn, withShortRows, withTables } from './rehearsals-page.ts';
import { picturesOf } from './rehearsals-pictures.ts';
import { FLEETS, fleetLine } from './rehearsed-fleets.ts';
import { type BothWays, beyondProbes, WAYS, wayLine } from './rehearsed-ways.ts';

const ROOT = new URL('../', import.meta.url);
const PAGE = new URL('docs/rehearsals.md', ROOT);
const CHECKED = ['crash-without-ha', 'fail-over-6s'];
/** Those in the table of fleets; `npm run rehearsals:must` has all. */
const FLEET_SCENARIOS = ['fail-over-6s', 'crash-without-ha', 'misconfigured-later-fault', 'misconfigured-later-not-found', 'lost-link'];
/** One replica, four that share, and those whose store is lost. */
const CHECKED_FLEETS = ['fail-over-6s', [0, 2, 3]] as const;
const CHECKED_WAYS = 'fail-over-6s';
/** The page says why. */
const MORE_GHOSTS = ['two-of-four-without-ha'];

const library = scenarioFilesIn(new URL('../scenarios/', import.meta.url));
/** Shorter fail-overs before longer ones. */
const names = [...library.names].sort(new Intl.Collator('en', { numeric: true }).compare);
const isCheck = process.argv.includes('--check');
const page = readFileSync(PAGE, 'utf8');

if (process.argv.includes('--pictures')) draw(page);
else if (process.argv.includes('--fleets'))
  writeFileSync(PAGE, FLEETS.with(page, await fleetLinesOf(chosenNames(FLEET_SCENARIOS)), FLEET_SCENARIOS));
else if (process.argv.includes('--ways')) writeFileSync(PAGE, WAYS.with(page, await wayLinesOf(chosenNames(names)), names));
else if (isCheck) {
  check(await reportsOf(CHECKED));
  await checkFleets();
  await checkWays();
} else {
  const reports = await reportsOf(names);
  const withFleets = FLEETS.with(withShortRows(withTables(page, reports), reports), await fleetLinesOf(FLEET_SCENARIOS), FLEET_SCENARIOS);
  const written = WAYS.with(withFleets, await wayLinesOf(names), names);
  writeFileSync(PAGE, written);
  console.log('docs/rehearsals.md written');
  draw(written);
}

function check(reports: readonly RehearsalReport[]): void {
  const current = withTables(page, reports);
  for (const name of CHECKED) {
    if (linesAbout(name, page).join('\n') !== linesAbout(name, current).join('\n'))
      complain(`docs/rehearsals.md tells another story of ${name} than a rehearsal does: run npm run rehearsals`);
  }
  if (scenariosIn(page).join() !== names.join()) complain('docs/rehearsals.md does not tell of every scenario: run npm run rehearsals');
  if (process.exitCode === undefined) console.log(`docs/rehearsals.md is what rehearsals of ${CHECKED.join(' and ')} say`);
}

async function checkFleets(): Promise<void> {
  const [name, which] = CHECKED_FLEETS;
  const fleets = fleetsOf(scenarioOf(name));
  const rows = await fleetRows(
    name,
    which.map((n) => fleets[n]).filter((fleet) => fleet !== undefined),
  );
  const told = FLEETS.linesAbout(name, page);
  for (const line of rows.map(fleetLine).filter((each) => !told.includes(each)))
    complain(`docs/rehearsals.md does not say of fleets what a rehearsal does: ${line}; run npm run rehearsals -- --fleets`);
}

async function checkWays(): Promise<void> {
  const [line = ''] = await wayLinesOf([CHECKED_WAYS]);
  if (!WAYS.linesAbout(CHECKED_WAYS, page).includes(line))
    complain(`docs/rehearsals.md does not say of workflows that send what a rehearsal does: ${line}; run npm run rehearsals -- --ways`);
}

/** Those named on the command line; all of these where none is. */
function chosenNames(all: readonly string[]): readonly string[] {
  const named = names.filter((name) => process.argv.includes(name));
  return named.length === 0 ? all : named;
}

function fleetLinesOf(chosen: readonly string[]): Promise<readonly string[]> {
  return linesOf('fleets', chosen, async (name) => {
    const rows = await fleetRows(name, [...fleetsOf(scenarioOf(name)), ...(MORE_FLEETS[name] ?? [])]);
    return rows.map(fleetLine);
  });
}

function wayLinesOf(chosen: readonly string[]): Promise<readonly string[]> {
  return linesOf('both ways', chosen, async (name) => {
    const both: BothWays = {
      probes: await rehearse(inlineOf(name)),
      observations: await rehearse({ ...inlineOf(name), observed: true }),
    };
    for (const what of MORE_GHOSTS.includes(name) ? [] : beyondProbes(both)) complain(`${name}, told by workflows: ${what}`);
    return [wayLine(both)];
  });
}

async function linesOf(
  what: string,
  chosen: readonly string[],
  play: (name: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const progress = createProgress(chosen.length, process.stdout, () => performance.now());
  const lines: string[] = [];
  for (const [n, name] of chosen.entries()) {
    lines.push(...(await play(name)));
    await progress.tell(n + 1, () => `${what} in ${n + 1} of ${chosen.length} scenarios, the last ${name}`);
  }
  progress.clear();
  return lines;
}

function inlineOf(name: string): Rehearsal {
  const scenario = scenarioOf(name);
  const policy = BUILT_IN_POLICIES.inline;
  return { scenario, chats: chatsOf(scenario), seed: scenario.seed, policyName: 'inline', policy, plain: false };
}

/** @param fleets of which the first is one replica. */
async function fleetRows(name: string, fleets: readonly RehearsedReplicas[]): Promise<readonly FleetRow[]> {
  const rows: FleetRow[] = [];
  for (const fleet of fleets) {
    const report = await rehearse({ ...inlineOf(name), fleet });
    rows.push({ fleet, report });
    const broken = fleet.isShared ? brokenByFleet(name, rows[0]?.report ?? report, report) : [];
    for (const what of broken) complain(`${name}, ${fleetName(fleet)}, beyond one replica: ${what}`);
  }
  return rows;
}

function draw(told: string): void {
  for (const [file, picture] of picturesOf(told)) {
    writeFileSync(new URL(file, ROOT), picture);
    console.log(`${file} drawn`);
  }
}

async function reportsOf(chosen: readonly string[]): Promise<readonly RehearsalReport[]> {
  const rehearsals = chosen.flatMap(rehearsalsOf);
  const progress = createProgress(rehearsals.length, process.stdout, () => performance.now());
  const reports: RehearsalReport[] = [];
  for (const rehearsal of rehearsals) {
    reports.push(await rehearsed(rehearsal, progress));
    await progress.tell(
      reports.length,
      () => `${reports.length} of ${rehearsals.length} rehearsals, the last of ${rehearsal.scenario.name}`,
    );
  }
  progress.clear();
  return reports;
}

/** Without a probe; then under every rule and policy, plain and watched. */
function rehearsalsOf(name: string): readonly Rehearsal[] {
  const scenario = scenarioOf(name);
  const { seed } = scenario;
  const common = { chats: chatsOf(scenario), seed };
  // Where nothing is found out, neither policy nor rule makes a difference.
  const nothing = { ...common, scenario, policyName: 'inline', policy: BUILT_IN_POLICIES.inline, plain: false, noProbe: true };
  const asked = rulesFor(scenario).flatMap((onChatServerDown) => {
    const ruled = { ...scenario, target: { ...scenario.target, onChatServerDown } };
    return Object.entries(BUILT_IN_POLICIES).flatMap(([policyName, policy]) =>
      [true, false].map((plain) => ({ ...common, scenario: ruled, policyName, policy, plain })),
    );
  });
  return [nothing, ...asked];
}

function scenarioOf(name: string): Scenario {
  const parsed = parseScenario(library.text(name) ?? '', name);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.problems.join('; ')}`);
  return parsed.scenario;
}

/** The scenario's own, and `stop`, which risks most, where it makes a difference. */
function rulesFor({ target }: Scenario): readonly OnChatServerDown[] {
  return target.ha ? [...new Set([target.onChatServerDown, 'stop' as const])] : [target.onChatServerDown];
}

async function rehearsed(rehearsal: Rehearsal, progress: Progress): Promise<RehearsalReport> {
  const report = await rehearse(rehearsal);
  const { scenario, policyName, plain, noProbe = false } = rehearsal;
  const mode = plain ? 'plain' : 'watched';
  const what = `${scenario.name}, ${noProbe ? 'no probe' : `${policyName}, ${scenario.target.onChatServerDown}, ${mode}`}`;
  progress.clear();
  if (unexplainedIn(report) > 0) complain(`${what}: ${unexplainedIn(report)} living chats stopped without an explanation`);
  const latestMs = rehearsal.policy.deadlineMs + Math.max(0, ...scenario.service.stalls.map(({ forMs }) => forMs));
  if (!plain && !noProbe) for (const promise of brokenPromises(report, latestMs)) complain(`${what}: not true that ${promise}`);
  return report;
}

function complain(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}
