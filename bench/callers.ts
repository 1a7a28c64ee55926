import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Latencies } from './figures.ts';

/** At a constant rate, or so many callers who each wait for their answer. */
export type CallersTask =
  | { readonly loop: 'open'; readonly url: string; readonly perSecond: number; readonly seconds: number }
  | { readonly loop: 'closed'; readonly url: string; readonly callers: number; readonly seconds: number };

export interface CallersFigures extends Latencies {
  /** Requests, whatever became of them. */
  readonly asked: number;
  readonly unanswered: number;
  readonly failed: number;
  /** 99 of 100 were sent no later than so long after they were due. */
  readonly lateMs: number;
}

/** A process that calls, one task after the other: what it has compiled once is not measured again. */
export interface Callers {
  play(task: CallersTask): Promise<CallersFigures>;
  stop(): void;
}

export async function startCallers(): Promise<Callers> {
  const child = fork(fileURLToPath(new URL('callers-process.ts', import.meta.url)), [], { execArgv: ['--import', 'tsx'] });
  await said(child);
  return {
    play(task) {
      child.send(task);
      return said(child);
    },
    stop: () => void child.kill(),
  };
}

/** What it says next. Rejects if it ends instead. */
async function said(child: ChildProcess): Promise<CallersFigures> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the callers ended with ${code}`)));
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message;
}
