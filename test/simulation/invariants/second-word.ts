import type { Reason } from '../../../src/probe/reasons.ts';
import { mayBeKnownDown } from '../known-down.ts';
import type { News } from '../news.ts';
import type { TargetView } from '../view.ts';
import { type Heard, heardOf } from '../wire.ts';
import type { Invariant } from './invariant.ts';
import { type PassedStop, passedStops } from './passed-stops.ts';

/** What must have been heard twice. */
const WORDS: Partial<Record<Reason, Heard>> = {
  session_not_found: 'not_here',
  chat_server_not_found: 'server_down',
  fault_unrecognised: 'other_fault',
  error_unrecognised: 'other_error',
};

/** A timer may ring this much early. */
const TIMER_MS = 2;
/** A verdict may come so much later than its deadline. */
const GRACE_MS = 50;

/** With high availability no stop rests on one answer. */
export const SECOND_WORD: readonly Invariant[] = [
  {
    name: 'with high availability a stop rests on two answers of one kind, sent confirmAfterMs apart',
    *breaches(view) {
      const apartMs = view.mine.rules.confirmAfterMs - TIMER_MS;
      for (const { request, probe, from } of stopsUnderHa(view)) {
        const reason = request.answer?.reason;
        const same = probe.sends.filter((send) => reason !== undefined && heardOf(send) === WORDS[reason]).map((send) => send.from.atMs);
        const own = same.length > 1 ? Math.max(...same) - Math.min(...same) : null;
        if (own !== null && own >= apartMs) continue;
        const byOthers = reason === 'chat_server_not_found' ? downForMs(view, probe.order.chatServer, from.seq) : 0;
        if (byOthers < apartMs || byOthers <= 0) yield `request ${request.n}: ${reason} at ${same.join()}, by all for ${byOthers} ms`;
      }
    },
  },
  {
    name: 'with high availability the second word is the last that the policy has, unless a canary or what is known says it',
    *breaches(view) {
      for (const { request, probe, from, to } of stopsUnderHa(view)) {
        const { attempts, deadlineMs, attemptTimeoutMs } = probe.order.policy;
        const reason = request.answer?.reason;
        if (probe.result?.servedBy === 'canary' || (reason !== 'session_not_found' && reason !== 'chat_server_not_found')) continue;
        const lastMs = (probe.sends.at(-1)?.from.atMs ?? 0) - probe.started.atMs;
        if (probe.sends.length >= attempts || lastMs >= deadlineMs - attemptTimeoutMs - TIMER_MS) continue;
        const question = { chatServer: probe.order.chatServer, startedAtMs: probe.started.atMs, now: from, witnessBy: to };
        if (reason !== 'chat_server_not_found' || view.mine.rules.singleChatServer || !mayBeKnownDown(view, question))
          yield `request ${request.n}: ${reason} after ${probe.sends.length} of ${attempts}, the last at ${lastMs} of ${deadlineMs}`;
      }
    },
  },
  {
    name: 'with high availability no stop is answered later than its deadline + 50 ms, however long the process hung',
    *breaches(view) {
      for (const request of view.requests) {
        const { answer, asked, settled, order } = request;
        if (!view.mine.rules.ha || answer === null || settled === null || answer.evidence === 'closed') continue;
        if (settled.atMs <= asked.atMs + order.policy.deadlineMs + GRACE_MS) continue;
        if ((answer.shadowVerdict ?? answer.verdict) === 'stop') yield `request ${request.n} of ${asked.atMs} at ${settled.atMs}`;
        else if (answer.attempts.at(-1)?.faultCode === '100' || answer.attempts.at(-1)?.errorCode === 1) yield null;
      }
    },
  },
];

/** Answers that came to no stop for want of a second word, or because it would have been the last. */
export const UNCONFIRMED: readonly Invariant[] = [
  {
    name: 'what is not confirmed is no stop, though all of its answers are bad',
    *breaches({ requests, mine }) {
      for (const { n, answer } of requests) {
        if (answer?.reason !== 'unconfirmed') continue;
        const isSound = mine.rules.ha && answer.verdict === 'route' && answer.evidence === 'unknown' && answer.recheckAfterMs !== null;
        yield isSound ? null : `request ${n}: ${JSON.stringify(answer)}`;
      }
    },
  },
];

function stopsUnderHa(view: TargetView): readonly PassedStop[] {
  return view.mine.rules.ha ? passedStops(view) : [];
}

/** The longest time between two answers that a Chat Server is down, whoever got them, of which none of life was surely let go in between. */
function downForMs({ news: all }: TargetView, chatServer: string | null, beforeSeq: number): number {
  const news = (all.get(chatServer) ?? []).filter(({ heard }) => heard.seq < beforeSeq);
  const newest = Math.max(...news.filter(({ says }) => says === 'alive').map(({ earliestMs }) => earliestMs));
  const down = news.filter(({ says, latestMs }) => says === 'down' && latestMs >= newest);
  return span(down);
}

function span(news: readonly News[]): number {
  if (news.length === 0) return 0;
  return Math.max(...news.map(({ latestMs }) => latestMs)) - Math.min(...news.map(({ earliestMs }) => earliestMs));
}
