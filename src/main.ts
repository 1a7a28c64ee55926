#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import closeWithGrace from 'close-with-grace';
import { wallNowMs } from './app.ts';
import { readCommand, USAGE } from './cli/command-line.ts';
import { certificatesOf, certificateWarnings } from './config/certificates.ts';
import type { Config } from './config/config.ts';
import { isToken } from './config/credentials.ts';
import { loadConfig } from './config/load.ts';
import { hashSecret } from './config/secret-hash.ts';
import { describeConfig, headline } from './config/summary.ts';
import { createLogger } from './observers/logger.ts';
import { realClock } from './probe/clock.ts';
import { isAlive } from './process/check-health.ts';
import { recordReads } from './process/config-files.ts';
import { type ReadConfig, startConfigReload } from './process/config-reload.ts';
import { createLogOutput, LAST_LINES_AT_ONCE_MS, LAST_LINES_MS, type LogOutput } from './process/log-output.ts';
import { codeOf, readTextFile } from './process/read-text-file.ts';
import { createShutdownSignals } from './process/shutdown-signals.ts';
import { startService } from './process/start-service.ts';

/** EX_USAGE and EX_CONFIG of sysexits.h: a supervisor can tell them from a crash and need not try again. */
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;
const EXIT_CANNOT_LISTEN = 1;
const EXIT_AT_ONCE = 1;
const EXIT_NOT_ALIVE = 1;

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/**
 * They end nothing. The first would end the process, the second leave a picture of its memory behind, secrets and all, and the third make
 * Node.js open a port to its debugger.
 */
const SIGNALS_WITHOUT_MEANING = ['SIGUSR2', 'SIGQUIT', 'SIGUSR1'] as const;

// V8 lets a heap that grows fast grow to a multiple before it looks for what may go: a second crowd would take as much memory again
// as the first left behind (bench/README.md).
setFlagsFromString('--heap-growing-percent=70');

const version = readVersion();
process.exitCode = await run();

/** Resolves with the exit code; the process goes on while the service listens. */
async function run(): Promise<number> {
  const command = readCommand(process.argv.slice(2));
  switch (command.run) {
    case 'refuse':
      process.stderr.write(`chat-probe: ${command.problem}\n\n${USAGE}`);
      return EXIT_USAGE;
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'version':
      process.stdout.write(`${version}\n`);
      return 0;
    case 'check-gateway': {
      // Not above: the service does without it, and starts sooner.
      const { runCheckGateway } = await import('../lab/conformance/run-check-gateway.ts');
      return runCheckGateway({
        args: command.args,
        clock: realClock,
        readTextFile,
        print: (text) => process.stdout.write(text),
        complain: (text) => process.stderr.write(text),
      });
    }
    case 'hash-secret':
      return printHash((await text(process.stdin)).trim());
    case 'check-health':
    case 'check-config':
    case 'serve': {
      const reads = recordReads(readTextFile);
      const loaded = loadConfig(process.env, reads.readTextFile);
      if (!loaded.ok) return refuseConfig(loaded.problems);
      if (command.run === 'check-health') return (await isAlive(loaded.config.server)) ? 0 : EXIT_NOT_ALIVE;
      return command.run === 'serve' ? serve({ config: loaded.config, looks: reads.looks }) : showConfig(loaded.config);
    }
  }
}

async function serve(read: ReadConfig): Promise<number> {
  let reload = (): void => undefined;
  process.on('SIGHUP', () => reload());
  for (const signal of SIGNALS_WITHOUT_MEANING) process.on(signal, () => undefined);
  const { config } = read;
  const output = createLogOutput({
    // Not just 1: making the stream keeps writes to a pipe or a socket from blocking.
    fd: process.stdout.fd,
    clock: realClock,
    onLost: (lines) => logger.warn({ lines }, 'log lines lost: their reader was too slow'),
  });
  const logger = createLogger(config.server.logLevel, output);
  try {
    const service = await startService(config, logger, { version, nodeVersion: process.version });
    const { now, close } = startConfigReload({
      clock: realClock,
      logger,
      read,
      load: (readFile) => loadConfig(process.env, readFile),
      readTextFile,
      service,
    });
    reload = () => now('SIGHUP');
    stopWhenAsked(output, async (fault) => {
      close();
      if (fault !== undefined) logger.fatal({ err: fault }, 'fault that nothing caught');
      await service.stop();
    });
    return 0;
  } catch (fault) {
    process.stderr.write(`chat-probe: cannot listen on ${config.server.host}, port ${config.server.port}: ${codeOf(fault)}\n`);
    return EXIT_CANNOT_LISTEN;
  }
}

/**
 * A first signal drains and ends with 0, a second one ends as soon as the last lines of the log are out. A fault that nothing caught drains too, and ends with 1.
 *
 * Not close-with-grace's own listeners for the signals: it takes them off before it puts those for a second signal on, and a
 * signal in between, such as npm's echo of Ctrl-C, would kill the process.
 */
function stopWhenAsked(output: LogOutput, stop: (fault: Error | undefined) => Promise<void>): void {
  const grace = closeWithGrace(
    { delay: false, logger: false, skip: [...STOP_SIGNALS, 'SIGHUP', 'SIGUSR2', 'SIGQUIT'] },
    async ({ err }) => {
      request.begun();
      await stop(err);
      await output.end(LAST_LINES_MS);
    },
  );
  const request = createShutdownSignals({
    clock: realClock,
    env: process.env,
    stop: grace.close,
    exitAtOnce: () => void output.end(LAST_LINES_AT_ONCE_MS).then(() => process.exit(EXIT_AT_ONCE)),
  });
  for (const signal of STOP_SIGNALS) process.on(signal, request.signalled);
}

async function printHash(secret: string): Promise<number> {
  if (!isToken(secret)) {
    process.stderr.write('chat-probe: give the secret on the standard input: visible ASCII characters without white space\n');
    return EXIT_USAGE;
  }
  process.stdout.write(`${await hashSecret(secret)}\n`);
  return 0;
}

function showConfig(config: Config): number {
  const expired = certificateWarnings(certificatesOf(config), wallNowMs()).map((warning) => `WARNING: ${warning}`);
  process.stdout.write(`${['The configuration is valid.', headline(config, version), ...expired, ...describeConfig(config)].join('\n')}\n`);
  return 0;
}

function refuseConfig(problems: readonly string[]): number {
  const lines = problems.map((problem) => `  ${problem}`);
  process.stderr.write(`${[`chat-probe: the configuration has ${problems.length} problem(s):`, ...lines].join('\n')}\n`);
  return EXIT_CONFIG;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
