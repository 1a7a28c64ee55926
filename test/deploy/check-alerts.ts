/**
 * Runs Debian's Prometheus and Alertmanager with the files of deploy/ beside two instances of the built service and the simulator: a Chat
 * Server dies, and the alert must arrive at a receiver within three minutes, and its resolution after the recovery. About eight minutes, mostly of waiting.
 * Needs `prometheus`, `prometheus-alertmanager` and dist/.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCheckReport } from '../support/check-report.ts';
import { startAlertReceiver, type ToldAlert } from './alerts/alert-receiver.ts';
import { type PanelAnswer, panelAnswers } from './alerts/panel-answers.ts';
import { alertmanager, createPrograms, prometheus, service, simulator } from './alerts/programs.ts';
import { getJson, startWorkflow } from './alerts/workflow.ts';

const SCENARIO = 'server-stays-down';
const CHAT_SERVERS = ['ChatServer_1', 'ChatServer_2', 'ChatServer_3', 'ChatServer_4'];
/** That scenario's, in ms since its world began. */
const CRASH = { server: 'ChatServer_2', atMs: 600_000 };
const HEALTHY_MS = 150_000;
/** Of the time before the crash, so much is shown: without the start, when there is nothing yet. */
const HEALTHY_WATCHED_MS = 60_000;
const OUTAGE_AT_LEAST_MS = 200_000;
const ALERT_WITHIN_MS = 180_000;
const RESOLVED_WITHIN_MS = 180_000;
const ALL_RESOLVED_WITHIN_MS = 200_000;

const EXPECTED = 'ChatProbeChatServerSuspect';
/** Always: a simulator answers, and whoever sees verdicts of it must know. */
const ALWAYS = 'ChatProbeSimulated';
/** As many chats are gone as may fire these, too. */
const POSSIBLE = ['ChatProbeDegradedHigh', 'ChatProbeStaleChatsHigh'];

/** Panels that must tell of the outage by a greater number than before. */
const TELLING = [
  'Chat liveness: Chat Servers not found',
  'Chat liveness: Chat Servers',
  'Chat liveness: Verdicts without proof',
  'Chat liveness: Chats that are gone',
  'Chat liveness: Chats that are gone, by Chat Server',
  'Chat liveness: Routed although nobody may be there',
  'Chat liveness: Alerts that fire',
  "Probe internals: The Chat Servers' circuit breakers",
];

const checks = createCheckReport();
const { say, check: report } = checks;
const folder = mkdtempSync(join(tmpdir(), 'chat-probe-alerts-'));
const programs = createPrograms();
const receiver = await startAlertReceiver();
try {
  await check();
} finally {
  await programs.stopAll();
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = checks.failed;

async function check(): Promise<void> {
  const gateway = await programs.start(simulator(SCENARIO, 20_000));
  const probe = service(folder, gateway, CHAT_SERVERS);
  // One after the other: both might find the same port free.
  const probes = [await programs.start(probe), await programs.start(probe)];
  const alerting = await programs.start(alertmanager(folder, receiver.url));
  const watching = await programs.start(prometheus(folder, probes, alerting));
  await advanceTo(gateway, CRASH.atMs - HEALTHY_MS);
  say(`two instances of the service, the simulator, Prometheus and Alertmanager run; ${CRASH.server} dies in ${HEALTHY_MS / 1_000} s`);
  const workflow = startWorkflow(gateway, probes);
  try {
    const crashedMs = await outage(gateway, watching);
    const recoveredMs = await recovery(gateway);
    report(`no alert but the expected ones was told`, unexpected().length === 0, [...unexpected(), ...(await blindProbes(probes))]);
    table(crashedMs, recoveredMs);
  } finally {
    await workflow.stop();
  }
  const { probes: count, stops, failures } = workflow.asked();
  report(`each of ${count} probes got a verdict, ${stops} of them a stop`, failures.length === 0 && stops > 0, failures.slice(0, 3));
}

/** Resolves with the moment of the crash, some minutes after it. */
async function outage(gateway: string, watching: string): Promise<number> {
  await until(async () => !(await isUp(gateway)), HEALTHY_MS + 30_000);
  const crashedMs = Date.now();
  const early = receiver.told.map(({ alert }) => alert);
  const before = await panelAnswers(watching, crashedMs - HEALTHY_WATCHED_MS, crashedMs);
  reportEmpty('while all is well', before);
  report(`before the crash ${ALWAYS} was told, and no other alert`, early.length > 0 && early.every((alert) => alert === ALWAYS), early);
  say(`${CRASH.server} is dead`);
  const isTold = await until(async () => told(true) !== undefined, ALERT_WITHIN_MS);
  report(`${EXPECTED} arrives within ${ALERT_WITHIN_MS / 1_000} s${after(told(true), crashedMs)}`, isTold, receiver.told);
  await sleep(Math.max(0, crashedMs + OUTAGE_AT_LEAST_MS - Date.now()));
  const during = await panelAnswers(watching, crashedMs, Date.now());
  reportEmpty('in the outage', during);
  const greatest = (answers: readonly PanelAnswer[], name: string) =>
    answers.find(({ dashboard, panel }) => `${dashboard}: ${panel}` === name)?.greatest ?? Number.NaN;
  for (const name of TELLING) {
    const [was, is] = [greatest(before, name), greatest(during, name)];
    report(`${name} tells of the outage: ${was.toPrecision(3)}, then ${is.toPrecision(3)}`, is > was, null);
  }
  return crashedMs;
}

function reportEmpty(when: string, answers: readonly PanelAnswer[]): void {
  const empty = answers.filter((answer) => answer.empty.length > 0);
  report(`each of ${answers.length} panels has something to show ${when}`, answers.length > 0 && empty.length === 0, empty);
}

async function recovery(gateway: string): Promise<number> {
  const started = await fetch(`${gateway}/sim/servers/${CRASH.server}/start`, { method: 'POST' });
  report(`${CRASH.server} is started again`, started.ok, started.status);
  const recoveredMs = Date.now();
  const isOver = await until(async () => told(false) !== undefined, RESOLVED_WITHIN_MS);
  report(`its resolution arrives within ${RESOLVED_WITHIN_MS / 1_000} s${after(told(false), recoveredMs)}`, isOver, receiver.told);
  const areOver = await until(async () => unresolved().length === 0, ALL_RESOLVED_WITHIN_MS);
  report(`every other alert is resolved, too, but ${ALWAYS}`, areOver, unresolved());
  return recoveredMs;
}

function told(isFiring: boolean): ToldAlert | undefined {
  return receiver.told.find((one) => one.alert === EXPECTED && one.labels['chat_server'] === CRASH.server && one.isFiring === isFiring);
}

function after(told: ToldAlert | undefined, sinceMs: number): string {
  return told === undefined ? '' : `: after ${seconds(told.arrivedMs - sinceMs)} s`;
}

function unresolved(): readonly string[] {
  const last = new Map(receiver.told.map(({ labels, alert, isFiring }) => [JSON.stringify(labels), { alert, isFiring }]));
  return [...last.values()].filter(({ alert, isFiring }) => isFiring && alert !== ALWAYS).map(({ alert }) => alert);
}

function unexpected(): readonly string[] {
  return receiver.told.map(({ alert }) => alert).filter((alert) => ![EXPECTED, ALWAYS, ...POSSIBLE].includes(alert));
}

/** Why verdicts rested on nothing: most alerts that should not be follow from it. */
async function blindProbes(probes: readonly string[]): Promise<readonly string[]> {
  const pages = await Promise.all(probes.map(async (probe) => (await fetch(`${probe}/metrics`)).text()));
  return pages
    .join('\n')
    .split('\n')
    .filter((line) => /^chatprobe_probes_total\{.*evidence="unknown".* [1-9]\d*$/.test(line));
}

/** When each alert fired and ceased in Prometheus, and when that was told for the first time. */
function table(crashedMs: number, recoveredMs: number): void {
  const nameOf = ({ labels: { alertname, instance, chat_server }, startedMs }: ToldAlert) =>
    [alertname, instance, chat_server, `fires ${seconds(startedMs - crashedMs)} s after the crash`].filter(Boolean).join(' ');
  const first = (isFiring: boolean) =>
    new Map([...receiver.told].reverse().flatMap((one) => (one.isFiring === isFiring ? [[nameOf(one), one] as const] : [])));
  const ends = first(false);
  for (const [name, { arrivedMs }] of first(true)) {
    const end = ends.get(name);
    const told = `${name}, is told after ${seconds(arrivedMs - crashedMs)} s`;
    if (end === undefined) say(`${told}; goes on`);
    else
      say(
        `${told}; ceases ${seconds(end.endedMs - recoveredMs)} s after the recovery, is told after ${seconds(end.arrivedMs - recoveredMs)} s`,
      );
  }
}

async function advanceTo(gateway: string, worldMs: number): Promise<void> {
  const { nowMs } = await getJson<{ readonly nowMs: number }>(`${gateway}/sim/clock`);
  const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ byMs: worldMs - nowMs }) };
  const response = await fetch(`${gateway}/sim/clock/advance`, order);
  if (!response.ok) throw new Error(`the clock of the simulator: ${await response.text()}`);
}

async function isUp(gateway: string): Promise<boolean> {
  const body = await getJson<{ readonly servers: readonly { readonly name: string; readonly status: string }[] }>(`${gateway}/sim/servers`);
  return body.servers.some(({ name, status }) => name === CRASH.server && status === 'up');
}

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  for (const untilMs = Date.now() + withinMs; Date.now() < untilMs; await sleep(250)) if (await isSo()) return true;
  return isSo();
}

function seconds(ms: number): string {
  return String(Math.round(ms / 1_000));
}
