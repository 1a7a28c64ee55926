import { pinMs, type RetryPolicy } from '../probe/policy.ts';
import type { Config, TargetConfig } from './config.ts';
import { isLoopback } from './loopback.ts';

/** Something that is configured as told and can still hurt, so that nobody must overlook it. */
export interface ConfigWarning {
  /** Names of the targets that it is about; none where it is about the service as a whole. */
  readonly targets: readonly string[];
  readonly text: string;
}

/** A way to set the service up that is valid and can hurt. */
export interface Danger {
  /** The settings that make it so, as docs/configuration.md names them; those outside a target with their section. */
  readonly settings: readonly string[];
  /** Names it in log and documents. */
  readonly title: string;
  readonly text: string | ((config: Config) => string);
  /** Names of the targets where it is so, none where it is about the service as a whole; null where it is not so. */
  readonly where: (config: Config) => readonly string[] | null;
}

/** What the log says loudly at the start, and `--check-config` first. */
export function configWarnings(config: Config): readonly ConfigWarning[] {
  return DANGERS.flatMap(({ title, text, where }) => {
    const targets = where(config);
    return targets === null ? [] : [{ targets, text: `${title}: ${typeof text === 'string' ? text : text(config)}` }];
  });
}

/** THE list of what is dangerous. The table of docs/configuration.md, "Dangerous settings", is compared with it. */
export const DANGERS: readonly Danger[] = [
  {
    settings: ['adapter'],
    title: 'EMBEDDED SIMULATOR',
    text: ({ simulatorByDefault }) =>
      `verdicts of these targets are made up, because ${simulatorByDefault ? 'no adapter is configured' : 'the configuration says so'}`,
    where: targetsThat(({ adapter }) => adapter.kind === 'simulator'),
  },
  {
    settings: ['targets'],
    title: 'NO DEFAULT TARGET',
    text: 'requests that name no target are refused with 404, so that nothing is ever stopped for them; call one of these "default"',
    where: ({ targets }) => (targets.has('default') ? null : [...targets.keys()]),
  },
  {
    settings: ['server.allowAnonymous'],
    title: 'OPEN TO ANYBODY',
    text: 'server.allowAnonymous lets everybody who reaches the service send hidden messages into chats; set a token',
    where: ({ server }) => (server.allowAnonymous && !server.callers.some(({ scopes }) => scopes.includes('probe')) ? [] : null),
  },
  {
    settings: ['tokenFile', 'gateways'],
    title: 'TOKEN IN THE CLEAR',
    text: 'these targets send their token to another host over plain HTTP; use https',
    where: targetsThat(({ adapter }) => adapter.kind === 'gateway' && adapter.token !== null && adapter.urls.some(isPlainAndRemote)),
  },
  {
    settings: ['server.tracing'],
    title: 'NO TRACES',
    text: ({ tracingProblems }) => `no spans are made until these variables are right, or unset: ${tracingProblems.join('; ')}`,
    where: ({ tracingProblems }) => (tracingProblems.length > 0 ? [] : null),
  },
  {
    settings: ['message.visibility'],
    title: 'CUSTOMERS SEE THE MESSAGE',
    text: 'message.visibility ALL shows the message of every probe to the customer; use VIP',
    where: targetsThat(({ message }) => message.visibility === 'ALL'),
  },
  {
    settings: ['patterns'],
    title: 'TEXTS NOT CONFIRMED',
    text: 'no text of the workflow engine of these targets is confirmed for one outcome or more (patterns), so that it is never found out; --check-config tells which',
    where: targetsThat(({ rules: { patterns } }) => patterns !== undefined && Object.values(patterns).some((texts) => texts.length === 0)),
  },
  {
    settings: ['shadow'],
    title: 'SHADOW MODE',
    text: 'whatever these targets find out, the answer is route',
    where: targetsThat(({ safety }) => safety.enforcement.shadow),
  },
  {
    settings: ['enforcePercent'],
    title: 'PARTLY ENFORCED',
    text: 'for some interactions of these targets the answer is route, whatever is found out',
    where: targetsThat(({ safety: { enforcement } }) => !enforcement.shadow && enforcement.enforcePercent < 100),
  },
  {
    settings: ['guard.requireDelivery'],
    title: 'NO PROOF OF DELIVERY',
    text: 'these targets may stop chats before any message was delivered, as if all were dead',
    // A gateway that leads to the wrong place answers as if all chats were dead.
    where: targetsThat(({ adapter, safety }) => adapter.kind !== 'simulator' && !safety.guard.requireDelivery),
  },
  {
    settings: ['guard.massStop', 'guard.share'],
    title: 'NO GUARD AGAINST MASS STOPS',
    text: 'these targets go on stopping chats however many there are (guard.massStop false, or guard.share 1)',
    where: targetsThat(({ safety: { guard } }) => !guard.massStop || guard.share === 1),
  },
  {
    settings: ['onUnrecognised'],
    title: 'STOPS WITHOUT PROOF',
    text: 'onUnrecognised stop makes these targets stop living chats on answers that nobody has documented',
    where: targetsThat(({ rules }) => rules.onUnrecognised === 'stop'),
  },
  {
    settings: ['onChatServerDown', 'ha'],
    title: 'ORPHANS ARE STOPPED',
    text: 'with ha, onChatServerDown stop stops chats that may be about to be restored elsewhere; use auto',
    where: targetsThat((target) => mayMove(target) && target.rules.onChatServerDown === 'stop'),
  },
  {
    settings: ['outage.holdWhileRestoring'],
    title: 'NOT HELD WHILE RESTORING',
    text: 'with ha, outage.holdWhileRestoring false lets these targets stop chats that are being restored elsewhere, or whose link was lost',
    where: targetsThat((target) => mayMove(target) && !target.safety.outage.holdWhileRestoring),
  },
  {
    settings: ['restoreWindowMs'],
    title: 'NO TIME TO RESTORE',
    text: 'with ha, restoreWindowMs 0 lets these targets stop the chats of a dead server before any can come back elsewhere',
    where: targetsThat((target) => mayMove(target) && target.rules.restoreWindowMs === 0),
  },
  {
    settings: ['restoreWindowMs', 'ha'],
    title: 'RESTORE WINDOW NOT SET',
    text:
      'with ha, restoreWindowMs (in the configuration file) must be the flex-disconnect-timeout of the site, which differs by release; these targets have the default ' +
      'of 45000 ms; too short a window stops chats that are being restored, too long a one leaves ghosts to the agents',
    where: targetsThat(guessesRestoreWindow),
  },
  {
    settings: ['singleChatServer', 'chatServers'],
    title: 'SINGLE AND SEVERAL CHAT SERVERS',
    text: 'singleChatServer is true and chatServers names several: "not found" by one of them stops the living chats of the others',
    where: targetsThat(
      ({ adapter, rules, chatServers }) => adapter.kind !== 'simulator' && rules.singleChatServer && chatServers.length > 1,
    ),
  },
  {
    settings: ['policy', 'policies.attempts', 'policies.attemptTimeoutMs', 'policies.deadlineMs', 'confirmAfterMs'],
    title: 'NO TIME FOR A SECOND ANSWER',
    text: 'with ha, the policy of these targets stops no chat whose session is gone',
    where: (config) => targetsThat((target) => tooHasty(config, target).includes(target.policy))(config),
  },
  {
    settings: ['policies.attempts', 'policies.attemptTimeoutMs', 'policies.deadlineMs', 'confirmAfterMs'],
    title: 'NO TIME FOR A SECOND ANSWER, IF ASKED FOR',
    text: 'with ha, some policy that callers of these targets may name stops no chat whose session is gone',
    where: (config) => targetsThat((target) => tooHasty(config, target).some((name) => name !== target.policy))(config),
  },
  {
    settings: ['bounds.attempts'],
    title: 'ONE ATTEMPT, IF ASKED FOR',
    text: 'callers of these targets may ask for one attempt (bounds.attempts), which with ha stops no chat whose session is gone',
    where: (config) => targetsThat(({ rules }) => rules.ha && config.bounds.attempts[0] < 2)(config),
  },
  {
    settings: ['confirmAfterMs'],
    title: 'A SECOND ANSWER AT ONCE',
    text: 'with ha, confirmAfterMs 0 lets two answers of the same moment stop a chat',
    where: targetsThat(({ rules }) => rules.ha && rules.confirmAfterMs === 0),
  },
  {
    settings: ['outage.messageLimit'],
    title: 'MESSAGES WITHOUT LIMIT',
    text: 'outage.messageLimit 0 lets a caller fill the transcript of a chat with hidden messages',
    where: targetsThat(({ safety }) => safety.outage.messageLimit === 0),
  },
  {
    settings: ['outage.stopsPerInteraction'],
    title: 'STOPS WITHOUT LIMIT',
    text: "outage.stopsPerInteraction 0 goes on stopping for a caller whose id is not the chat's",
    where: targetsThat(({ safety }) => safety.outage.stopsPerInteraction === 0),
  },
  {
    settings: ['outage.canary', 'outage.maxInFlightPerServer', 'outage.breaker', 'outage.retryBudget'],
    title: 'THE PLATFORM IS NOT SPARED',
    text: 'in an outage these targets flood what is trying to come back (outage.canary, breaker or retryBudget false, or maxInFlightPerServer 0)',
    where: targetsThat(
      ({ safety: { outage } }) => !outage.canary || !outage.breaker || !outage.retryBudget || outage.maxInFlightPerServer === 0,
    ),
  },
];

function targetsThat(isMeant: (target: TargetConfig) => boolean): Danger['where'] {
  return ({ targets }) => {
    const names = [...targets.values()].filter(isMeant).map(({ name }) => name);
    return names.length === 0 ? null : names;
  };
}

/** Whether a chat may live on under another Chat Server's name. */
function mayMove({ rules }: TargetConfig): boolean {
  return rules.ha && !rules.singleChatServer;
}

/** The demo world of a simulator has the window of the default; a site has its own (docs/genesys.md, "High availability"). */
function guessesRestoreWindow({ adapter, rules, restoreWindowByDefault }: TargetConfig): boolean {
  return adapter.kind !== 'simulator' && rules.ha && restoreWindowByDefault;
}

/** Names of the policies that end before a stop can rest on two answers, some time apart. */
function tooHasty({ policies }: Config, { rules }: TargetConfig): readonly string[] {
  const isHasty = (policy: RetryPolicy) => policy.attempts < 2 || pinMs(policy) < rules.confirmAfterMs;
  return rules.ha ? [...policies].filter(([, policy]) => isHasty(policy)).map(([name]) => name) : [];
}

function isPlainAndRemote(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));
}
