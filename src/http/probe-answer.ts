import { type Static, Type } from 'typebox';
import type { Attempt } from '../probe/attempt.ts';
import { MAX_FOREIGN_CHARACTERS } from '../probe/echo.ts';
import type { ProbeOrder } from '../probe/probe-order.ts';
import { EVIDENCE, REASON_NAMES, REASONS } from '../probe/reasons.ts';
import { SERVED_BY, VERDICTS } from '../probe/verdict.ts';
import type { Answer } from '../resilience/probe-service.ts';

/** A closed list of words. */
const oneOf = <const W extends readonly string[]>(
  words: W,
  options: { readonly description?: string; readonly examples?: readonly string[] } = {},
) => Type.Enum([...words], { type: 'string', ...options });

/** Known but for a fault of ours that hides it. */
const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const foreign = (description: string) =>
  Type.Union([Type.String({ maxLength: MAX_FOREIGN_CHARACTERS }), Type.Null()], { description: `${description} Cut to 256 characters.` });

/** A text of the far end, without what it repeats (docs/security.md, "What remains"). */
const said = (description: string) => foreign(`${description} Ends before what repeats user data.`);

const AttemptEntry = Type.Object({
  n: Type.Integer({ minimum: 1, description: '1 for the first attempt.' }),
  startedMs: Type.Integer({ minimum: 0, description: 'Milliseconds from the start of the probe.' }),
  durationMs: Type.Integer({ minimum: 0, description: 'Milliseconds until it was answered, failed or was cut.' }),
  reason: oneOf(REASON_NAMES),
  faultCode: said('`FaultCode` of the answer.'),
  faultString: said('`FaultString` of the answer.'),
  errorCode: Type.Union([Type.Integer(), Type.Null()], { description: '`errorCode` of an `EventError`.' }),
  errorMessage: said('`errorMessage` of an `EventError`, or its `errorDescription`.'),
});

export const ProbeAnswer = Type.Object(
  {
    interactionId: orNull('The id that was asked for.'),
    verdict: oneOf(VERDICTS, { description: 'What to do with the interaction. Anything but a 200 with `stop` here means route.' }),
    evidence: oneOf(EVIDENCE, {
      description:
        'What is known: `alive` (message delivered), `dead` (its Chat Server says that the session does not exist), `orphaned` (its Chat Server is down), `closed` (`isOnline` was 0), `unknown` (cannot tell).',
    }),
    reason: oneOf(REASON_NAMES, { description: 'Why, from a closed list; that of the delivered attempt, else of the last.' }),
    degraded: Type.Boolean({ description: 'True if the verdict does not rest on proof (`orphaned`, `unknown`).' }),
    attempts: Type.Integer({ minimum: 0, description: 'Messages sent or tried.' }),
    faultCode: said('`FaultCode` of the attempt that decided.'),
    faultString: said('`FaultString` of the attempt that decided.'),
    chatServer: foreign('Chat Server that was asked; null if it was chosen by type.'),
    target: orNull('Configured target that was asked.'),
    policy: orNull('Retry policy that was used.'),
    servedBy: oneOf(SERVED_BY, {
      description:
        "Whose messages it rests on. `none`: nothing was sent; `probe`: those of a probe of its own; `coalesced`: those of a probe that another request had begun; `recent`: those of one that has just found the chat alive; `canary`: what another chat's probe proved of the Chat Server; `observation`: those that the workflow itself has sent.",
    }),
    guarded: Type.Boolean({
      description: 'True if `stop` was found out and is withheld, because something speaks against stops as such just now.',
    }),
    shadowVerdict: Type.Union([oneOf(VERDICTS), Type.Null()], {
      description: 'Where verdicts are not enforced: the one that would have been answered. Null where they are.',
    }),
    simulated: Type.Boolean({
      description:
        'True if the verdict is made up: the target is the embedded simulator, or a simulator answered at its gateway when that was heard last.',
    }),
    recheckAfterMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'Where a later answer may differ: milliseconds after which to ask again, with fresh user data; else null.',
    }),
    elapsedMs: Type.Integer({ minimum: 0, description: 'Milliseconds that the probe took.' }),
    probeId: Type.String({ description: 'Names the probe in the log; where the verdict is shared, that of another request.' }),
    attemptLog: Type.Optional(Type.Array(AttemptEntry, { description: 'Every attempt in order; only with `debug`.' })),
  },
  { $id: 'ProbeAnswer', title: 'ProbeAnswer', description: 'The verdict. Every key is always there, null where unknown; ASCII only.' },
);
export type ProbeAnswer = Static<typeof ProbeAnswer>;

/** The answer's JSON form: flat, whole milliseconds, strings from outside cut. */
export function probeAnswer(order: ProbeOrder, answer: Answer, debug: boolean): ProbeAnswer {
  const told = {
    interactionId: order.interactionId,
    verdict: answer.verdict,
    evidence: answer.evidence,
    reason: answer.reason,
    degraded: answer.degraded,
    attempts: answer.attempts.length,
    faultCode: cut(answer.faultCode),
    faultString: cut(answer.faultString),
    chatServer: cut(order.chatServer),
    target: order.target.name,
    policy: order.policyName,
    servedBy: answer.servedBy,
    guarded: answer.guarded,
    shadowVerdict: answer.shadowVerdict,
    simulated: order.target.adapter.isSimulated(),
    recheckAfterMs: answer.recheckAfterMs === null ? null : Math.ceil(answer.recheckAfterMs),
    elapsedMs: Math.round(answer.elapsedMs),
    probeId: answer.probeId,
  };
  return debug ? { ...told, attemptLog: answer.attempts.map(attemptEntry) } : told;
}

/**
 * What a caller gets when we are too broken even to know what was asked: route, and look into the log.
 *
 * @param simulated whether no target is a real one.
 */
export function faultAnswer(requestId: string, interactionId: string | null, simulated: boolean): ProbeAnswer {
  return {
    interactionId,
    verdict: 'route',
    evidence: 'unknown',
    reason: 'internal_error',
    degraded: true,
    attempts: 0,
    faultCode: null,
    faultString: null,
    chatServer: null,
    target: null,
    policy: null,
    servedBy: 'none',
    guarded: false,
    shadowVerdict: null,
    simulated,
    recheckAfterMs: REASONS.internal_error.recheckAfterMs,
    elapsedMs: 0,
    probeId: requestId,
  };
}

function attemptEntry(attempt: Attempt): NonNullable<ProbeAnswer['attemptLog']>[number] {
  return {
    n: attempt.n,
    startedMs: Math.round(attempt.startedMs),
    durationMs: Math.round(attempt.durationMs),
    reason: attempt.reason,
    faultCode: cut(attempt.faultCode),
    faultString: cut(attempt.faultString),
    errorCode: attempt.errorCode,
    errorMessage: cut(attempt.errorMessage),
  };
}

function cut(text: string | null): string | null {
  // Half a surrogate pair at the end would not be a string that every JSON reader takes.
  return text === null ? null : text.slice(0, MAX_FOREIGN_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}
