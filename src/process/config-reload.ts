import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { changedSettings, restartsNeeded } from '../config/config-changes.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ReadTextFile } from '../config/secret-files.ts';
import type { Clock } from '../probe/clock.ts';
import { type Looks, looksOf, type RecordedReads, recordReads } from './config-files.ts';

/** What a configuration was made of. */
export interface ReadConfig {
  readonly config: Config;
  /** See `RecordedReads`. */
  readonly looks: Looks;
}

/** The service, as far as it can be told another configuration. */
export interface Reconfigurable {
  reconfigure(next: Config): void;
  reloaded(result: 'applied' | 'unchanged' | 'refused'): void;
}

export interface ConfigReloadParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** The configuration in force at first. */
  readonly read: ReadConfig;
  /** Loads it anew, by the environment that the process was started with. */
  readonly load: (readTextFile: ReadTextFile) => LoadedConfig;
  readonly readTextFile: ReadTextFile;
  readonly service: Reconfigurable;
}

export interface ConfigReload {
  /** Reads the configuration again, and puts it in force, whole or not at all. */
  now(because: Because): void;
  /** Reloads nothing any more. Safe to call twice. */
  close(): void;
}

/** What made it be read again: the signal, or files that look other than they did. */
type Because = 'SIGHUP' | 'files';

/**
 * How often the files are looked at. They are read when they look other than before, and the same at two looks in a row, so that nothing
 * half written counts.
 *
 * Not `fs.watch`: it hears of the file that it was given, and Kubernetes never writes to that again. A ConfigMap changes by a link to
 * another folder, two steps up the path; a network drive tells of nothing at all. A handful of `stat` a second costs nothing.
 */
export const LOOK_EVERY_MS = 1_000;

/** Keeps the configuration in step with its files: the configuration file, and all that it refers to. */
export function startConfigReload(parts: ConfigReloadParts): ConfigReload {
  const { clock, logger, service } = parts;
  let inForce = parts.read;
  /** As of the last time that they were read, be it in vain: a file that is missing is waited for too. */
  let known = inForce.looks;
  let seen = known;
  let isClosed = false;
  let cancelNext = (): void => undefined;

  const refuse = (because: Because, problems: readonly string[], fault?: unknown): void => {
    logger.error({ because, problems, err: fault }, 'configuration refused: the one before it stays in force');
    service.reloaded('refused');
  };
  const apply = (because: Because, next: ReadConfig): void => {
    const changed = changedSettings(inForce.config, next.config);
    service.reconfigure(next.config);
    inForce = next;
    logger.info({ because, changed }, 'configuration applied');
    service.reloaded('applied');
  };
  const weigh = (because: Because, reads: RecordedReads, loaded: LoadedConfig): void => {
    if (!loaded.ok) return void refuse(because, loaded.problems);
    const { config } = loaded;
    const needed = restartsNeeded(inForce.config, config);
    if (needed.length > 0) return void refuse(because, needed);
    if (!isDeepStrictEqual(config, inForce.config)) return void apply(because, { config, looks: reads.looks });
    inForce = { config, looks: reads.looks };
    logger.info({ because, files: reads.looks.size }, 'configuration read again: nothing has changed');
    service.reloaded('unchanged');
  };
  const now = (because: Because): void => {
    if (isClosed) return;
    const reads = recordReads(parts.readTextFile);
    try {
      weigh(because, reads, parts.load(reads.readTextFile));
    } catch (fault) {
      refuse(because, ['a fault of this service'], fault);
    }
    // Of a file that was not come to this time, because another was bad, what was seen last.
    known = new Map([...[...inForce.looks].map(([path, look]) => [path, seen.get(path) ?? look] as const), ...reads.looks]);
    seen = known;
  };
  const look = async (): Promise<void> => {
    const before = seen;
    const found = await looksOf(known.keys());
    // A signal came in between, and has read them.
    if (before !== seen || isClosed) return;
    seen = found;
    if (isAlike(found, before) && !isAlike(found, known)) now('files');
  };
  const next = (): void => {
    cancelNext = clock.schedule(LOOK_EVERY_MS, () => void look().finally(() => isClosed || next()));
  };
  next();
  return {
    now,
    close() {
      isClosed = true;
      cancelNext();
    },
  };
}

function isAlike(some: Looks, others: Looks): boolean {
  return [...some].every(([path, look]) => others.get(path) === look);
}
