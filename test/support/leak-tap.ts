import type { ChildProcess } from 'node:child_process';
import childProcess from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { format } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeEach, expect } from 'vitest';
import { plantedIn, TELLING_CHARACTERS } from './secrets.ts';

/**
 * Searches whatever the product emits, in every process of every test, for planted secrets and user data, and fails the test that emitted
 * one: log lines of any logger, answers of the service (to `inject` and on sockets), both outputs of this process and of every child, problems
 * of a configuration. Not what scripted gateways and the simulator answer: they hand back what they were sent, by the contract.
 */
interface Heard {
  readonly leaks: Set<string>;
  /** Read at the end of a test, or when there is much: what a test measures is not to have the search in it. */
  unread: (readonly [channel: string, text: string])[];
  unreadCharacters: number;
}

const MOST_UNREAD = 4_000_000;
/** This module is loaded anew for each test file, while the process may be one for many: tapped once more, all would be searched once more. */
const ONCE = Symbol.for('leak tap');
const global = globalThis as { [ONCE]?: Heard };
const isTapped = global[ONCE] !== undefined;
global[ONCE] ??= { leaks: new Set(), unread: [], unreadCharacters: 0 };
const heard: Heard = global[ONCE];

/** A test that leaks on purpose takes what was found, and is not failed by it. */
export function takeLeaks(): readonly string[] {
  readAll();
  const taken = [...heard.leaks];
  heard.leaks.clear();
  return taken;
}

/** @param channel where it came out, for whoever has to mend it. */
export function searchFor(channel: string, text: string): void {
  heard.unread.push([channel, text]);
  heard.unreadCharacters += text.length;
  if (heard.unreadCharacters > MOST_UNREAD) readAll();
}

function readAll(): void {
  for (const [channel, text] of heard.unread) for (const found of plantedIn(text)) heard.leaks.add(`${channel}: ${found}`);
  heard.unread = [];
  heard.unreadCharacters = 0;
}

/** Fails if something was found. */
export function failOnLeaks(): void {
  expect(takeLeaks(), 'planted secrets or user data were emitted').toEqual([]);
}

/** A stream may cut a word in two. */
function searchStream(channel: string): (chunk: unknown) => void {
  let tail = '';
  return (chunk) => {
    const text = tail + textOf(chunk);
    searchFor(channel, text);
    tail = text.slice(1 - TELLING_CHARACTERS);
  };
}

/** Bytes as Latin-1: planted words are known in this form, too, and nothing has to be decoded. */
function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1') : '';
}

/** Has `search` see the arguments of each call. */
function tap<Name extends string>(target: Record<Name, unknown>, name: Name, search: (...given: unknown[]) => void): void {
  const method = target[name] as (...given: unknown[]) => unknown;
  Object.assign(target, {
    [name](this: unknown, ...given: unknown[]) {
      search(...given);
      return method.apply(this, given);
    },
  });
}

function tapSocket(socket: Socket): void {
  const search = searchStream('an answer on a socket');
  tap(socket, 'write', search);
  tap(socket, 'end', search);
}

/** The service alone has this route. */
const isService = (app: FastifyInstance): boolean => app.hasRoute({ method: 'POST', url: '/interactions/:id/probe' });

function tapAll(): void {
  subscribe('tracing:pino_asJson:end', (message) => {
    searchFor('a log line', (message as { readonly result: string }).result);
  });

  subscribe('fastify.initialization', (message) => {
    const { fastify: app } = message as { readonly fastify: FastifyInstance };
    const tapIfService = (socket: Socket): void => void (isService(app) && tapSocket(socket));
    app.server.on('connection', tapIfService).on('secureConnection', tapIfService);
    const { inject } = app as { inject: (...given: unknown[]) => PromiseLike<{ readonly headers: object; readonly body: string }> };
    Object.assign(app, {
      async inject(...given: unknown[]) {
        const answer = await inject.apply(app, given);
        if (isService(app)) searchFor('an answer', `${JSON.stringify(answer.headers)}\n${answer.body}`);
        return answer;
      },
    });
  });

  const { ChildProcess: Child, spawnSync } = childProcess;
  const prototype = Child.prototype as unknown as { spawn: (this: ChildProcess, ...given: unknown[]) => unknown };
  const { spawn } = prototype;
  /** Of each child, however it was started. Seen as it comes in: to listen would set a stream flowing that nobody reads yet. */
  prototype.spawn = function (...given) {
    const result = spawn.apply(this, given);
    const watch = (stream: Readable | null, name: string): void =>
      void (stream !== null && tap(stream, 'push', searchStream(`${name} of a child process`)));
    watch(this.stdout, 'standard output');
    watch(this.stderr, 'standard error');
    return result;
  };
  childProcess.spawnSync = ((...given: Parameters<typeof spawnSync>) => {
    const done = spawnSync(...given);
    for (const output of done.output ?? []) searchFor('an output of a child process', textOf(output));
    return done;
  }) as typeof spawnSync;
  syncBuiltinESMExports();

  tap(process.stdout, 'write', searchStream('standard output'));
  tap(process.stderr, 'write', searchStream('standard error'));
  for (const level of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const)
    tap(console, level, (...given) => searchFor(`console.${level}`, format(...given)));
}

if (!isTapped) tapAll();

// What is registered first runs last: after whatever the test itself ends, whose last words count, too.
beforeEach(({ onTestFinished }) => onTestFinished(failOnLeaks));
afterAll(failOnLeaks);
