/** Plays what it is told by its parent (callers.ts), and tells what it came to. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { realClock } from '../src/probe/clock.ts';
import { type Arrivals, closedLoop, openLoop, schedule } from './arrivals.ts';
import type { CallersFigures, CallersTask } from './callers.ts';
import { latenciesOf } from './figures.ts';
import { PROBE_HEADERS, probePath, SAMPLE_REQUEST } from './samples.ts';

/** Of whoever has no answer when all have asked. */
const PATIENCE_MS = 10_000;

process.on('message', (task: CallersTask) => void play(task));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function play(task: CallersTask): Promise<void> {
  // As many connections as requests are under way, so that none waits for another; and no time-out, which would leave the slowest out.
  const dispatcher = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } });
  const load = randomUUID().slice(0, 8);
  const send = async (number: number): Promise<boolean> => {
    const url = task.url + probePath(`${load}-${number}`);
    const { statusCode, body } = await request(url, { dispatcher, method: 'POST', headers: PROBE_HEADERS, body: SAMPLE_REQUEST });
    await body.text();
    return statusCode === 200;
  };
  const arrivals =
    task.loop === 'open'
      ? await openLoop(realClock, schedule(task.perSecond, task.seconds), PATIENCE_MS, send)
      : await closedLoop(realClock, task.callers, task.seconds * 1_000, PATIENCE_MS, send);
  process.send?.(figuresOf(arrivals));
  await dispatcher.destroy();
}

function figuresOf({ latenciesMs, unanswered, failed, lateMs }: Arrivals): CallersFigures {
  return { ...latenciesOf(latenciesMs), asked: latenciesMs.length, unanswered, failed, lateMs: latenciesOf(lateMs).p99Ms };
}
