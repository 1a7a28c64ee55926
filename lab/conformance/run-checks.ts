import type { Clock } from '../../src/probe/clock.ts';
import { type Check, NEEDS, type Need } from './check.ts';
import type { GatewayClient } from './gateway-client.ts';
import { printable } from './printable.ts';
import type { CheckResult, ConformanceReport } from './report.ts';
import type { TestSubject } from './test-subject.ts';

export interface RunParts {
  readonly site: TestSubject;
  readonly client: GatewayClient;
  readonly clock: Clock;
  /** As the report names it. */
  readonly url: string;
  /** Struck out of whatever is told of the gateway's answers. */
  readonly secrets: readonly string[];
}

/** What a problem quotes comes from the far end and may be of any length. */
const MOST_DETAIL_CHARACTERS = 400;

/** Runs the checks one after the other, until there is no time left. Resolves with what each came to; never rejects. */
export async function runChecks(checks: readonly Check[], parts: RunParts): Promise<ConformanceReport> {
  const { site, client, clock, url } = parts;
  const startedAtMs = clock.nowMs();
  const results: CheckResult[] = [];
  for (const check of checks) results.push(await result(check, parts));
  const count = (status: CheckResult['status']): number => results.filter((each) => each.status === status).length;
  return {
    url,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    notRun: count('not_run'),
    requests: client.requests(),
    messagesToLive: site.messagesToLive(),
    elapsedMs: Math.round(clock.nowMs() - startedAtMs),
    checks: results,
  };
}

async function result(check: Check, { site, client, secrets }: RunParts): Promise<CheckResult> {
  const { id, title, promise, source } = check;
  const told = { id, title, promise, source, exchanges: [] };
  const missing = check.needs.filter((need) => isMissing(need, site));
  if (missing.length > 0) return { ...told, status: 'skipped', detail: `needs ${missing.map((need) => NEEDS[need]).join(' and ')}` };
  if (!client.hasTime()) return { ...told, status: 'not_run', detail: 'the time of the whole run was over' };
  const finding = await check.run(site);
  if (finding.kept) return { ...told, status: 'passed', detail: finding.note };
  const exchanges = finding.exchanges.map(({ sent, received }) => ({ sent, received }));
  return { ...told, status: 'failed', detail: printable(Buffer.from(finding.problem), secrets, MOST_DETAIL_CHARACTERS), exchanges };
}

function isMissing(need: Need, { settings }: TestSubject): boolean {
  return settings[need] === null;
}
