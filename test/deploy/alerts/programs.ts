import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort } from '../../support/free-port.ts';
import { type RunningProcess, startProcess, untilAnswers } from '../../support/running-process.ts';
import { selfSignedCertificate } from '../../support/self-signed-certificate.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PATIENCE_MS = 60_000;
/** Somebody else may take a free port before the program does. */
const TRIES = 3;

/** Starts programs on loopback, each on a port of its own, and ends those that it started. */
export interface Programs {
  /** Resolves with the base URL once it is ready. */
  start(program: Program): Promise<string>;
  stopAll(): Promise<void>;
}

export interface Program {
  readonly command: (port: number) => readonly string[];
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  readonly ready: string;
}

export function createPrograms(): Programs {
  const running: RunningProcess[] = [];
  return {
    async start({ command, env = () => ({}), ready }) {
      for (let left = TRIES; ; left -= 1) {
        const port = await freePort();
        const program = startProcess({ command: command(port), cwd: ROOT, env: env(port), uid: null });
        running.push(program);
        const base = `http://127.0.0.1:${port}`;
        try {
          await untilAnswers(program, `${base}${ready}`, PATIENCE_MS);
          return base;
        } catch (fault) {
          if (left === 1 || !/in use|EADDRINUSE/.test(program.output())) throw fault;
        }
      }
    },
    async stopAll() {
      await Promise.all(running.map((program) => program.stop('SIGTERM', 5_000)));
    },
  };
}

/** Alertmanager with the example of `deploy/`, whose receivers all lead to one address. */
export function alertmanager(folder: string, receiver: string): Program {
  const config = parse(readFileSync(join(ROOT, 'deploy/alertmanager/alertmanager.yml'), 'utf8'));
  for (const { webhook_configs } of config.receivers) for (const webhook of webhook_configs) webhook.url = receiver;
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, stringify(config));
  return {
    command: (port) => [
      'prometheus-alertmanager',
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    ready: '/-/ready',
  };
}

/** Prometheus with the configuration, the rules and the alerts of `deploy/`; only the addresses are others. */
export function prometheus(folder: string, services: readonly string[], alertmanagerUrl: string): Program {
  const home = join(folder, 'prometheus');
  mkdirSync(home);
  cpSync(join(ROOT, 'deploy/prometheus'), home, { recursive: true });
  const config = parse(readFileSync(join(home, 'prometheus.yml'), 'utf8'));
  for (const { static_configs } of config.scrape_configs)
    for (const one of static_configs) one.targets = services.map((service) => new URL(service).host);
  for (const { static_configs } of config.alerting.alertmanagers)
    for (const one of static_configs) one.targets = [new URL(alertmanagerUrl).host];
  writeFileSync(join(home, 'prometheus.yml'), stringify(config));
  return {
    command: (port) => [
      'prometheus',
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    ready: '/-/ready',
  };
}

export function simulator(scenario: string, chats: number): Program {
  return {
    command: () => [process.execPath, 'dist/lab/simulator/main.js', '--scenario', scenario, '--chats', String(chats)],
    env: (port) => ({ CHATPROBE_SIM_PORT: String(port) }),
    ready: '/health',
  };
}

/** The service in front of that simulator, as a site with these Chat Servers would configure it. */
export function service(folder: string, gateway: string, chatServers: readonly string[]): Program {
  const file = join(folder, 'chat-probe.yaml');
  const absent = { interactionId: '0000000000000000', chatServer: chatServers[0] };
  // Not used in plain HTTP; the dashboards tell when it expires.
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, selfSignedCertificate('127.0.0.1').cert);
  const target = { adapter: 'gateway', gateways: [gateway], caFile, ha: true, restoreWindowMs: 45_000, chatServers, controls: { absent } };
  // A machine that is busy with other checks must look neither like an overloaded service nor like a silent gateway.
  const patient = { attempts: 3, attemptTimeoutMs: 10_000, pauseMs: 1_000, deadlineMs: 20_000 };
  const config = { server: { maxEventLoopDelayMs: 60_000 }, policies: { patient }, targets: { default: { ...target, policy: 'patient' } } };
  writeFileSync(file, stringify(config));
  return {
    command: () => [process.execPath, 'dist/src/main.js'],
    env: (port) => ({ CHATPROBE_CONFIG: file, CHATPROBE_PORT: String(port), CHATPROBE_LOG_LEVEL: 'warn' }),
    ready: '/readyz',
  };
}
