import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckReport } from '../../test/support/check-report.ts';
import { doubledMessages, isWithin, quantile, type Span, sharedMs, wholeSpans } from './judge.ts';
import type { Load, Question } from './load.ts';
import type { RunningFleet } from './start-fleet.ts';
import type { Watch } from './watch.ts';

/** What an act plays with. */
export interface Stage {
  readonly fleet: RunningFleet;
  readonly load: Load;
  readonly watch: Watch;
  readonly report: CheckReport;
  readonly isShort: boolean;
}

/** An act from its beginning to the answer of the last who asked meanwhile, held to what holds in every act. */
export interface Played {
  readonly span: Span;
  readonly questions: readonly Question[];
}

/** @param mayFail tells the failures that are part of the act. */
export async function play(
  stage: Stage,
  name: string,
  act: () => Promise<void>,
  mayFail: (question: Question) => boolean = () => false,
): Promise<Played> {
  const { fleet, load, watch, report } = stage;
  report.say(`-- ${name}`);
  const fromMs = performance.now();
  await act();
  await load.settled();
  const toMs = performance.now();
  // So that the last messages lie between two samples.
  await sleep(600);
  const questions = load.questions.filter(({ begunMs }) => begunMs >= fromMs && begunMs <= toMs);
  const failures = questions.filter(({ failure }) => failure !== null);
  const failed = failures.filter((question) => !mayFail(question));
  const asMeant = failures.length > failed.length ? `${failures.length - failed.length} failed as it is meant, ` : '';
  report.check(
    `${name}: ${questions.length} asked, ${asMeant}${failed.length} failed`,
    questions.length > 0 && failed.length === 0,
    failed.slice(0, 3),
  );
  const stops = questions.filter(({ verdict }) => verdict === 'stop');
  const wrong = stops.filter(({ isGhost }) => !isGhost);
  report.check(`${name}: ${wrong.length} living stopped, ${stops.length - wrong.length} ghosts`, wrong.length === 0, wrong.slice(0, 3));
  checkDoubled(name, { fromMs, toMs }, { fleet, watch, report });
  return { span: { fromMs, toMs }, questions };
}

function checkDoubled(name: string, span: Span, { fleet, watch, report }: Pick<Stage, 'fleet' | 'watch' | 'report'>): void {
  const spans = wholeSpans(watch.samples);
  const doubled = doubledMessages(fleet.relay.messages).filter(({ fromMs }) => fromMs >= span.fromMs && fromMs <= span.toMs);
  const broken = doubled.filter((pair) => isWithin(pair, spans));
  const judgedS = sharedMs(span, spans) / 1_000;
  const allS = (span.toMs - span.fromMs) / 1_000;
  report.check(
    `${name}: ${broken.length} messages doubled in the ${judgedS.toFixed(1)} of ${allS.toFixed(1)} s in which all that lived were linked, ${doubled.length - broken.length} in the rest`,
    broken.length === 0,
    broken.slice(0, 3),
  );
}

/** How long an answer about a living chat took that nobody else asked about: median and 99 %, in ms. */
export function answerTimes({ questions }: Played, { stalls }: Load): { readonly p50: number; readonly p99: number } {
  const counted = questions.filter(
    ({ begunMs, endedMs, isTwin, evidence }) =>
      !isTwin && evidence === 'alive' && sharedMs({ fromMs: begunMs, toMs: endedMs }, stalls) === 0,
  );
  const times = counted.map(({ begunMs, endedMs }) => endedMs - begunMs);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Whether it is so, asked again and again. */
export async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  for (const untilMs = performance.now() + withinMs; performance.now() < untilMs; await sleep(100)) {
    if (await isSo().catch(() => false)) return true;
  }
  return false;
}

/** Waits for as long as it takes in the short form or in the long one. */
export function pause({ isShort }: Stage, shortS: number, longS: number): Promise<void> {
  return sleep(1_000 * (isShort ? shortS : longS));
}
