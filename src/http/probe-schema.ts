import { type Static, Type } from 'typebox';
import { EVIDENCE, REASON_NAMES } from '../probe/reasons.ts';
import { SERVED_BY } from '../probe/result.ts';
import { VERDICTS } from '../probe/verdict.ts';

/** A closed list of words. */
const oneOf = <const W extends readonly string[]>(
  words: W,
  options: { readonly description?: string; readonly examples?: readonly string[] } = {},
) => Type.Enum([...words], { type: 'string', ...options });

/** Strings from outside are cut to this many characters in answers. */
export const MAX_FOREIGN_CHARACTERS = 256;

/** Known but for a fault of ours that hides it. */
const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const foreign = (description: string) =>
  Type.Union([Type.String({ maxLength: MAX_FOREIGN_CHARACTERS }), Type.Null()], { description: `${description} Cut to 256 characters.` });

const AttemptEntry = Type.Object({
  n: Type.Integer({ minimum: 1, description: '1 for the first attempt.' }),
  startedMs: Type.Integer({ minimum: 0, description: 'Milliseconds from the start of the probe.' }),
  durationMs: Type.Integer({ minimum: 0, description: 'Milliseconds until it was answered, failed or was cut.' }),
  reason: oneOf(REASON_NAMES),
  faultCode: foreign('`FaultCode` of the answer.'),
  faultString: foreign('`FaultString` of the answer.'),
  errorCode: Type.Union([Type.Integer(), Type.Null()], { description: '`errorCode` of an `EventError`.' }),
  errorMessage: foreign('`errorMessage` of an `EventError`, or its `errorDescription`.'),
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
    faultCode: foreign('`FaultCode` of the attempt that decided.'),
    faultString: foreign('`FaultString` of the attempt that decided.'),
    chatServer: foreign('Chat Server that was asked; null if it was chosen by type.'),
    target: orNull('Configured target that was asked.'),
    policy: orNull('Retry policy that was used.'),
    servedBy: oneOf(SERVED_BY, {
      description:
        "Whose messages it rests on. `none`: nothing was sent; `probe`: those of a probe of its own; `coalesced`: those of a probe that another request had begun; `recent`: those of one that has just found the chat alive; `canary`: what another chat's probe proved of the Chat Server.",
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

const wholeNumber = (description: string, bounds: readonly [number, number], example: number) =>
  Type.Optional(Type.Integer({ minimum: bounds[0], maximum: bounds[1], description, examples: [example] }));

/** Fields that a body or the query can carry. Documentation: `readProbeRequest` does the checking, more kindly than a schema could. */
export function probeFields(bounds: { readonly deadlineMs: readonly [number, number]; readonly attempts: readonly [number, number] }) {
  return {
    target: Type.Optional(
      Type.String({ default: 'default', description: 'Name of a configured target; never a URL or host.', examples: ['default'] }),
    ),
    policy: Type.Optional(Type.String({ description: "Name of a configured retry policy; else the target's.", examples: ['ha'] })),
    chatServerAppName: Type.Optional(
      Type.String({
        description: "The interaction's `ChatServerAppName`; else `userData.ChatServerAppName`. Always send it where it is known.",
      }),
    ),
    isOnline: Type.Optional(
      Type.String({
        description:
          "The interaction's `IsOnline`. `0` or `false`: answered `stop` without sending; anything else is ignored, and so are values that contradict each other, in body, query and `userData.IsOnline` alike.",
      }),
    ),
    deadlineMs: wholeNumber("Longest that the probe may take, instead of the policy's.", bounds.deadlineMs, 5_000),
    attempts: wholeNumber("Most messages to send, instead of the policy's.", bounds.attempts, 2),
    debug: Type.Optional(Type.Boolean({ default: false, description: '`true` adds `attemptLog` to the answer.', examples: [true] })),
  };
}

/** JSON bodies can also carry user data. */
export const userDataField = Type.Optional(
  Type.Object(
    {},
    {
      additionalProperties: true,
      description:
        'Forwarded in the message, at most 16 KiB as JSON; strings, numbers and nested objects. `null` is left out, `true` and `false` become 1 and 0, a list the text of its JSON. The id keys always win over it.',
      examples: [{ ServiceType: 'default', ChatServerAppName: 'ChatServer_1' }],
    },
  ),
);
