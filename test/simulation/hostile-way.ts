import type { InteractionServerAdapter, SendOutcome } from '../../src/probe/adapter.ts';
import type { CancelSignal } from '../../src/probe/cancel-signal.ts';
import { type Clock, wait } from '../../src/probe/clock.ts';
import type { EspReply, EspRequest } from '../../src/probe/esp.ts';
import type { Dice } from './dice.ts';
import { isRefusal, REFUSALS, type Trouble, type TroubleKind } from './plan.ts';

/** One message as the way saw it. */
export interface Passage {
  readonly request: EspRequest;
  readonly trouble: TroubleKind | null;
  /** What the sender was told, null if nothing yet, or nothing that an adapter may tell. */
  outcome: SendOutcome | null;
  /** When, in ms since the simulation began. */
  cameAtMs: number | null;
}

export interface WayParts {
  readonly clock: Clock;
  readonly adapter: InteractionServerAdapter;
  readonly troubles: readonly Trouble[];
  readonly dice: Dice;
  /** Told of each message as it sets out. */
  readonly observe: (passage: Passage) => void;
}

interface Errand {
  readonly parts: WayParts;
  readonly request: EspRequest;
  readonly timeoutMs: number;
  readonly signal: CancelSignal;
}

const FOR_EVER_MS = 1e9;
/** How long one that dawdles settles after it was told to end. */
const DAWDLE_MS = 700;

/** The way to a world, on which messages meet the trouble of the time. */
export function createHostileWay(parts: WayParts): InteractionServerAdapter {
  const { clock, troubles, dice } = parts;
  const troubleNow = (): TroubleKind | null => {
    const nowMs = clock.nowMs();
    return troubles.find(({ fromMs, untilMs, share }) => fromMs <= nowMs && nowMs < untilMs && dice.chance(share))?.kind ?? null;
  };
  return {
    ...parts.adapter,
    send(request, timeoutMs, signal) {
      const passage: Passage = { request, trouble: troubleNow(), outcome: null, cameAtMs: null };
      parts.observe(passage);
      if (passage.trouble === 'throws') throw new Error('the adapter throws');
      return passed(passage.trouble, { parts, request, timeoutMs, signal }).then((outcome) => {
        passage.outcome = outcome;
        passage.cameAtMs = clock.nowMs();
        return outcome;
      });
    },
  };
}

async function passed(trouble: TroubleKind | null, errand: Errand): Promise<SendOutcome> {
  const { parts, request, timeoutMs, signal } = errand;
  const { clock, dice } = parts;
  const ask = (): Promise<SendOutcome> => parts.adapter.send(request, timeoutMs, signal);
  if (trouble !== null && isRefusal(trouble)) return await refused(errand, { ...failure(trouble, true), ...REFUSALS[trouble] });
  switch (trouble) {
    case null:
      return ask();
    case 'hang':
      await wait(clock, FOR_EVER_MS, signal);
      return failure('timeout', true);
    case 'lost_reply':
      await ask();
      await wait(clock, FOR_EVER_MS, signal);
      return failure('timeout', true);
    case 'reset':
      await ask();
      return failure(signal.aborted ? 'timeout' : 'connection_reset', true);
    case 'overtaken': {
      const outcome = await ask();
      await wait(clock, dice.whole(0, timeoutMs), signal);
      return signal.aborted ? failure('timeout', true) : outcome;
    }
    case 'busy':
      return await refused(errand, { ...failure('gateway_busy', true), rejected: true, retryAfterMs: dice.oneOf([null, 200, 3_000]) });
    case 'other_reference':
      return disturbed(await ask(), (reply) => ({ ...reply, referenceId: reply.referenceId + 1 }));
    case 'other_chat':
      return disturbed(await ask(), (reply) => ({ ...reply, userData: { InteractionId: 'of-another-chat' } }));
    case 'other_fault':
      return await refused(errand, replyOf({ ...answerTo(request), kind: 'fault', service: 'Chat', faultCode: '7', faultString: null }));
    case 'other_error':
      return await refused(errand, replyOf({ ...answerTo(request), kind: 'error', errorCode: 42, errorMessage: 'Not known' }));
    case 'throws':
    case 'rejects':
      throw new Error('the adapter rejects');
    case 'stuck':
      await ask();
      return new Promise(() => undefined);
    case 'dawdles': {
      const outcome = await ask();
      await wait(clock, signal.aborted ? DAWDLE_MS : FOR_EVER_MS, signal);
      await new Promise<void>((resolve) => void clock.schedule(DAWDLE_MS, resolve));
      return outcome;
    }
  }
}

/** What is answered without asking the world, some moments later. */
async function refused({ parts, signal }: Errand, outcome: SendOutcome): Promise<SendOutcome> {
  await wait(parts.clock, parts.dice.whole(0, 30), signal);
  return signal.aborted ? failure('timeout', true) : outcome;
}

function disturbed(outcome: SendOutcome, disturb: (reply: EspReply) => EspReply): SendOutcome {
  return outcome.kind === 'reply' ? replyOf(disturb(outcome.reply)) : outcome;
}

function answerTo({ referenceId }: EspRequest) {
  return { referenceId, userData: null };
}

function replyOf(reply: EspReply): SendOutcome {
  return { kind: 'reply', reply };
}

function failure(reason: Extract<SendOutcome, { kind: 'failure' }>['reason'], written: boolean): Extract<SendOutcome, { kind: 'failure' }> {
  return { kind: 'failure', reason, written, rejected: false, retryAfterMs: null, detail: 'trouble on the way' };
}
