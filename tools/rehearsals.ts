/**
 * Rehearses every scenario without a probe and, under every built-in policy, with and without what src/resilience adds, and writes the tables of
 * docs/rehearsals.md and the pictures drawn from them. With --check two scenarios are rehearsed and compared with the page,
 * and the page must tell of every scenario. With --pictures nothing is rehearsed: the pictures are drawn from the page as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chatsOf } from '../lab/rehearsal/changed-scenario.ts';
import type { Rehearsal } from '../lab/rehearsal/rehearsal.ts';
import { type RehearsalReport, unexplainedIn } from '../lab/rehearsal/rehearsal-report.ts';
import { rehearse } from '../lab/rehearsal/rehearse.ts';
import { parseScenario } from '../lab/simulator/scenario/load-scenario.ts';
import type { Scenario } from '../lab/simulator/scenario/scenario.ts';
import { scenariosIn as scenarioFilesIn } from '../lab/simulator/scenario/scenario-files.ts';
import { BUILT_IN_POLICIES } from '../src/probe/policy.ts';
import type { OnChatServerDown } from '../src/probe/target.ts';
import { brokenPromises } from '../test/rehearsal/outage-promises.ts';
import { createProgress, type Progress } from './progress.ts';
import { linesAbout, scenariosIn, withShortRows, withTables } from './rehearsals-page.ts';
import { picturesOf } from './rehearsals-pictures.ts';

const ROOT = new URL('../', import.meta.url);
const PAGE = new URL('docs/rehearsals.md', ROOT);
const CHECKED = ['crash-without-ha', 'fail-over-6s'];

const library = scenarioFilesIn(new URL('../scenarios/', import.meta.url));
/** Shorter fail-overs before longer ones. */
const names = [...library.names].sort(new Intl.Collator('en', { numeric: true }).compare);
const isCheck = process.argv.includes('--check');
const page = readFileSync(PAGE, 'utf8');

if (process.argv.includes('--pictures')) draw(page);
else if (isCheck) check(await reportsOf(CHECKED));
else {
  const reports = await reportsOf(names);
  const written = withShortRows(withTables(page, reports), reports);
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
  const parsed = parseScenario(library.text(name) ?? '', name);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.problems.join('; ')}`);
  const { scenario } = parsed;
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
