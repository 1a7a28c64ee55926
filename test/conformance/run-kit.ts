import { checks } from '../../lab/conformance/checks.ts';
import { createGatewayClient } from '../../lab/conformance/gateway-client.ts';
import type { CheckResult, ConformanceReport } from '../../lab/conformance/report.ts';
import { runChecks } from '../../lab/conformance/run-checks.ts';
import { createTestSubject, type SiteSettings } from '../../lab/conformance/test-subject.ts';
import { type Clock, realClock } from '../../src/probe/clock.ts';
import { DEAD, DOWN_SERVER, LIVE, SERVER, TOKEN } from './planted-gateway.ts';

export interface KitOptions extends Partial<SiteSettings> {
  readonly runTimeoutMs?: number;
  readonly ca?: string | null;
  /** The one check to run, where the others would only take time. */
  readonly only?: string;
}

/** Halves what the checks themselves wait for, and no time-out: far enough from the limits that they wait for. */
const hurried: Clock = { ...realClock, schedule: (delayMs, callback) => realClock.schedule(delayMs / 2, callback) };

/** Runs every check against the gateway at a URL; with all that the site of the planted gateways has, unless told otherwise. */
export function runKit(url: string, { runTimeoutMs = 60_000, ca = null, only, ...changes }: KitOptions = {}): Promise<ConformanceReport> {
  const settings: SiteSettings = {
    live: LIVE,
    dead: DEAD,
    server: SERVER,
    downServer: DOWN_SERVER,
    token: TOKEN,
    messageText: '[probe]',
    idKeys: ['InteractionId', 'Id'],
    timeoutMs: 5_000,
    maxReplyMs: 2_000,
    ...changes,
  };
  const secrets = settings.token === null ? [] : [settings.token];
  const client = createGatewayClient({ url, ca, timeoutMs: settings.timeoutMs, runTimeoutMs, secrets }, realClock);
  const chosen = checks(hurried).filter(({ id }) => only === undefined || id === only);
  return runChecks(chosen, { site: createTestSubject(settings, client), client, clock: realClock, url, secrets });
}

export function idsOf(report: ConformanceReport, status: CheckResult['status']): readonly string[] {
  return report.checks.filter((check) => check.status === status).map(({ id }) => id);
}
