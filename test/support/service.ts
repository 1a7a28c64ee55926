import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { type App, type AppParts, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import type { InteractionServerAdapter } from '../../src/probe/adapter.ts';
import { realClock } from '../../src/probe/clock.ts';
import { type ScriptedAdapter, scriptedAdapter, type Turn } from './scripted-adapter.ts';

/** The whole service in this process, with a scripted far end for every target. */
export interface Service extends App {
  readonly adapter: ScriptedAdapter;
  /** Every line logged so far. */
  readonly logLines: () => readonly Record<string, unknown>[];
  /** The value of one series, null if there is none. */
  readonly metric: (series: string) => Promise<number | null>;
}

export interface ServiceOptions {
  readonly turns?: readonly Turn[];
  readonly env?: Readonly<Record<string, string>>;
  /** Text of the configuration file. */
  readonly file?: string;
  /** Texts of the files that it names, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly makeAdapter?: () => InteractionServerAdapter;
  readonly random?: () => number;
  readonly makeSharedEvidence?: AppParts['makeSharedEvidence'];
}

export async function startedService(options: ServiceOptions = {}): Promise<Service> {
  const env = options.file === undefined ? options.env : { CHATPROBE_CONFIG: 'config.yaml', ...options.env };
  const loaded = loadConfig(env ?? {}, (path) => ({ ok: true, text: options.files?.[path] ?? options.file ?? '' }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const lines: string[] = [];
  // At the lowest level, so that all of it is searched for secrets.
  const logger = createLogger('trace', { write: (line: string) => lines.push(line) });
  const adapter = scriptedAdapter(realClock, options.turns ?? [{ afterMs: 0, answer: 'delivered' }]);
  // A machine that is busy with other tests must not make the service answer `overloaded`.
  const config = { ...loaded.config, server: { ...loaded.config.server, maxEventLoopDelayMs: 60_000 } };
  const app = await createApp(config, {
    logger,
    version: '0.0.0-test',
    nodeVersion: 'v0',
    makeAdapter: options.makeAdapter ?? (() => adapter),
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.makeSharedEvidence === undefined ? {} : { makeSharedEvidence: options.makeSharedEvidence }),
  });
  return {
    ...app,
    adapter,
    logLines: () => lines.map((line): Record<string, unknown> => JSON.parse(line)),
    metric: (series) => metricOf(app.server, series),
  };
}

/** One for all tests of a file or group. It remembers chats, so each test asks about its own, and closes nothing. */
export function sharedService(options: ServiceOptions = {}): () => Service {
  let service: Service;
  beforeAll(async () => {
    service = await startedService(options);
  });
  afterAll(() => service.server.close());
  return () => service;
}

export async function metricOf(server: FastifyInstance, series: string): Promise<number | null> {
  const text = (await server.inject('/metrics')).body;
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}
