/**
 * Rehearses every scenario without a probe and, under every built-in policy, with and without what src/resilience adds, and writes the tables of docs/rehearsals.md. With --check two
 * scenarios are rehearsed and compared with the page, and the page must tell of every scenario.
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
import { linesAbout, scenariosIn, withShortRows, withTables } from './rehearsals-page.ts';

const PAGE = new URL('../docs/rehearsals.md', import.meta.url);
const CHECKED = ['crash-without-ha', 'fail-over-6s'];

const library = scenarioFilesIn(new URL('../scenarios/', import.meta.url));
/** Shorter fail-overs before longer ones. */
const names = [...library.names].sort(new Intl.Collator('en', { numeric: true }).compare);
const isCheck = process.argv.includes('--check');
const page = readFileSync(PAGE, 'utf8');

const reports: RehearsalReport[] = [];
for (const name of isCheck ? CHECKED : names) {
  const parsed = parseScenario(library.text(name) ?? '', name);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.problems.join('; ')}`);
  // Where nothing is found out, neither policy nor rule makes a difference.
  const nothing = { scenario: parsed.scenario, policyName: 'inline', policy: BUILT_IN_POLICIES.inline, plain: false, noProbe: true };
  reports.push(await rehearsed({ ...nothing, chats: chatsOf(parsed.scenario), seed: parsed.scenario.seed }));
  for (const onChatServerDown of rulesFor(parsed.scenario)) {
    const scenario = { ...parsed.scenario, target: { ...parsed.scenario.target, onChatServerDown } };
    for (const [policyName, policy] of Object.entries(BUILT_IN_POLICIES)) {
      for (const plain of [true, false])
        reports.push(await rehearsed({ scenario, chats: chatsOf(scenario), policyName, policy, seed: scenario.seed, plain }));
    }
  }
}
const current = isCheck ? withTables(page, reports) : withShortRows(withTables(page, reports), reports);

if (!isCheck) {
  writeFileSync(PAGE, current);
  console.log('docs/rehearsals.md written');
} else {
  for (const name of CHECKED) {
    if (linesAbout(name, page).join('\n') !== linesAbout(name, current).join('\n'))
      complain(`docs/rehearsals.md tells another story of ${name} than a rehearsal does: run npm run rehearsals`);
  }
  if (scenariosIn(page).join() !== names.join()) complain('docs/rehearsals.md does not tell of every scenario: run npm run rehearsals');
  if (process.exitCode === undefined) console.log(`docs/rehearsals.md is what rehearsals of ${CHECKED.join(' and ')} say`);
}

/** The scenario's own, and `stop`, which risks most, where it makes a difference. */
function rulesFor({ target }: Scenario): readonly OnChatServerDown[] {
  return target.ha ? [...new Set([target.onChatServerDown, 'stop' as const])] : [target.onChatServerDown];
}

async function rehearsed(rehearsal: Rehearsal): Promise<RehearsalReport> {
  const startedMs = performance.now();
  const report = await rehearse(rehearsal);
  const { scenario, policyName, plain, noProbe = false } = rehearsal;
  const mode = plain ? 'plain' : 'watched';
  const what = `${scenario.name}, ${noProbe ? 'no probe' : `${policyName}, ${scenario.target.onChatServerDown}, ${mode}`}`;
  console.log(`${what}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
  if (unexplainedIn(report) > 0) complain(`${what}: ${unexplainedIn(report)} living chats stopped without an explanation`);
  const latestMs = rehearsal.policy.deadlineMs + Math.max(0, ...scenario.service.stalls.map(({ forMs }) => forMs));
  if (!plain && !noProbe) for (const promise of brokenPromises(report, latestMs)) complain(`${what}: not true that ${promise}`);
  return report;
}

function complain(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}
