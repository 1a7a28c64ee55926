import type { Attempt } from '../probe/attempt.ts';
import type { Evidence, Reason } from '../probe/reasons.ts';
import type { ServedBy, Verdict } from '../probe/verdict.ts';
import type { ProbeAnswered, Withholding } from './events.ts';

/** What a sentence about an answer is made from. */
export type Explained = Pick<ProbeAnswered, 'computed' | 'withheld' | 'simulated'> & {
  readonly probe: Pick<ProbeAnswered['probe'], 'chatServer'>;
  readonly answer: Pick<
    ProbeAnswered['answer'],
    'verdict' | 'evidence' | 'reason' | 'faultCode' | 'servedBy' | 'isKnownDown' | 'recheckAfterMs' | 'elapsedMs'
  > & { readonly attempts: readonly Pick<Attempt, 'reason' | 'errorCode'>[] };
};

/** Why a caller was answered what it was, in one or a few plain sentences, for whoever is asked about the chat. */
export function explain(told: Explained): string {
  const { answer, simulated } = told;
  return [
    `${leadOf(told)}: ${FINDINGS[answer.reason](told)}${timesOf(answer)}${BECAUSE[answer.evidence][told.computed](answer.isKnownDown)}.`,
    WHOSE[answer.servedBy],
    answer.recheckAfterMs === null ? '' : `Asking again in ${seconds(answer.recheckAfterMs)} may bring another answer.`,
    simulated ? 'This is made up: a simulator answered.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** What became of the chat; and where its stop was withheld, why. */
function leadOf({ answer, withheld }: Explained): string {
  if (withheld === null) return answer.verdict === 'stop' ? 'Stopped' : 'Routed';
  return `Routed although the probe found ${FOUND[answer.evidence]}: ${HELD_BACK[withheld]}. It found`;
}

const FOUND = {
  alive: 'the chat alive',
  dead: 'the chat dead',
  orphaned: 'its Chat Server down',
  closed: 'the chat closed',
  unknown: 'an answer on which the target stops',
} as const satisfies Record<Evidence, string>;

const HELD_BACK = {
  mass_stop: 'there are too many stops at once (guard)',
  no_delivery: 'no message was delivered since the start (guard)',
  controls: 'a control probe got the wrong answer',
  restoring: 'the session may still be restored elsewhere',
  out_of_sight: 'no other Chat Server is known to live',
  still_used: 'new chats go on naming its Chat Server',
  repeated: 'the interaction was stopped as often as it may be',
  shadow: 'verdicts about it are not enforced (shadow)',
} as const satisfies Record<Withholding, string>;

/** What the service knows, by the reason that counts. */
const FINDINGS: Readonly<Record<Reason, (told: Explained) => string>> = {
  delivered: ({ probe }) => `the message was delivered${probe.chatServer === null ? '' : ` by way of ${nameOf(probe)}`}`,
  session_offline: () => 'the interaction itself says that the chat is closed, so nothing was sent',
  session_not_found: ({ probe, answer }) => `${serverOf(probe)} says that the session does not exist${faultOf(answer)}`,
  session_not_found_by_type: ({ answer }) =>
    `a Chat Server that was chosen by type does not have the session${faultOf(answer)}, but another may`,
  session_may_have_moved: ({ probe, answer }) =>
    `${serverOf(probe)} was down and came back without the session${faultOf(answer)}, which another may have now`,
  chat_server_not_found: ({ probe }) => `Interaction Server does not find ${probe.chatServer === null ? 'a Chat Server' : nameOf(probe)}`,
  fault_unrecognised: ({ answer }) => `the answer is a fault that is not known${faultOf(answer)}`,
  error_unrecognised: ({ answer }) => `the answer is an error that is not known${errorOf(answer.attempts)}`,
  timeout: () => 'no answer came in time',
  connect_refused: () => "nobody listens at the gateway's address",
  connection_reset: () => 'the connection to the gateway broke',
  dns_failure: () => "the gateway's name cannot be resolved",
  tls_failure: () => "the gateway's certificate or version of TLS was not accepted",
  gateway_error: () => 'the gateway answered with an error of its own',
  gateway_auth: () => 'the gateway refused this service',
  gateway_misrouted: () => 'the gateway does not know the path or the name of the Chat Server',
  gateway_busy: () => 'the gateway is busy',
  protocol_error: () => 'the reply cannot be read, or can be read in two ways',
  reply_mismatch: () => 'the reply belongs to another message or another chat',
  deadline: () => 'time ran out',
  unconfirmed: () => 'no second answer of the same kind confirmed the bad one',
  overloaded: () => 'this instance has too much to do, so nothing was sent',
  draining: () => 'this instance is shutting down',
  gateway_open: () => 'the gateway keeps failing, so it was not asked',
  retry_suppressed: () => 'too many attempts fail, so this one was not repeated',
  message_limit: () => 'the chat has had as many hidden messages as it may get',
  internal_error: () => 'this service met a bug (see its log)',
};

const nothing = (): string => '';
const notKnown = (): string => ', so whether the chat is alive is not known';

/** What turns the evidence into the computed verdict, where that is not plain. */
const BECAUSE: Readonly<Record<Evidence, Readonly<Record<Verdict, (isKnownDown: boolean) => string>>>> = {
  alive: { route: nothing, stop: nothing },
  dead: { route: nothing, stop: nothing },
  closed: { route: nothing, stop: nothing },
  orphaned: {
    route: () => ", and the target's rules do not stop such a chat, or not yet",
    stop: (isKnownDown) =>
      isKnownDown ? '; it has been down for longer than a session can be restored' : ", and the target's rules stop such a chat",
  },
  unknown: { route: notKnown, stop: () => ', and the target stops on such an answer' },
};

/** Whose messages it rests on, where not its own. */
const WHOSE = {
  none: '',
  probe: '',
  coalesced: 'A probe that another request had begun found it out.',
  recent: 'A probe a moment ago found it out.',
  canary: 'The probe of another chat found it out.',
  observation: 'The workflow itself sent the messages, and told what came of them.',
} as const satisfies Record<ServedBy, string>;

/** How often it was said, and how long that took; nothing of a single attempt. */
function timesOf({ reason, attempts, elapsedMs }: Explained['answer']): string {
  if (attempts.length < 2) return '';
  const inTime = `in ${seconds(elapsedMs)}`;
  if (attempts.every((attempt) => attempt.reason === reason)) return `, ${attempts.length} times ${inTime}`;
  if (attempts.at(-1)?.reason === reason) return `, at the last of ${attempts.length} attempts ${inTime}`;
  return `, after ${attempts.length} attempts ${inTime}`;
}

/** Names come from callers, and could be as long as a body. */
const MAX_NAME_CHARACTERS = 64;
const MAX_CODE_CHARACTERS = 32;

function nameOf({ chatServer }: Explained['probe']): string {
  return (chatServer ?? '').slice(0, MAX_NAME_CHARACTERS);
}

function serverOf(probe: Explained['probe']): string {
  return probe.chatServer === null ? 'the Chat Server' : nameOf(probe);
}

function faultOf({ faultCode }: Explained['answer']): string {
  return faultCode === null ? '' : ` (fault ${faultCode.slice(0, MAX_CODE_CHARACTERS)})`;
}

function errorOf(attempts: Explained['answer']['attempts']): string {
  const code = attempts.at(-1)?.errorCode ?? null;
  return code === null ? '' : ` (error ${code})`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
