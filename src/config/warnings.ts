import { pinMs } from '../probe/policy.ts';
import type { Config, TargetConfig } from './config.ts';

/** Something that is configured as told and can still hurt, so that nobody must overlook it. */
export interface ConfigWarning {
  /** Names of the targets that it is about; at least one. */
  readonly targets: readonly string[];
  readonly text: string;
}

/** What the log must say loudly at the start. */
export function configWarnings(config: Config): readonly ConfigWarning[] {
  const about = (text: string, isMeant: (target: TargetConfig) => boolean): readonly ConfigWarning[] => {
    const targets = [...config.targets.values()].filter(isMeant).map(({ name }) => name);
    return targets.length === 0 ? [] : [{ targets, text }];
  };
  const why = config.simulatorByDefault ? 'no adapter is configured' : 'the configuration says so';
  return [
    ...about(`EMBEDDED SIMULATOR: verdicts of these targets are made up, because ${why}`, isSimulated),
    ...about('SHADOW MODE: whatever these targets find out, the answer is route', isShadow),
    ...about('PARTLY ENFORCED: for some interactions of these targets the answer is route, whatever is found out', isPartlyEnforced),
    ...about('NO PROOF OF DELIVERY: these gateways may stop chats before any message was delivered, as if all were dead', isUnproven),
    ...about('NO TIME FOR A SECOND ANSWER: with ha, the policy of these targets stops no chat whose session is gone', (target) =>
      leavesNoSecondWord(config, target),
    ),
    ...about(
      'RESTORE WINDOW NOT SET: with ha, restoreWindowMs must be the flex-disconnect-timeout of the site, which differs by release; ' +
        'these targets have the default of 45000 ms; too short a window stops chats that are being restored, too long a one leaves ghosts',
      guessesRestoreWindow,
    ),
  ];
}

/** Behind a workflow it would stop real chats on made-up verdicts. */
function isSimulated({ adapter }: TargetConfig): boolean {
  return adapter.kind === 'simulator';
}

function isShadow({ safety }: TargetConfig): boolean {
  return safety.enforcement.shadow;
}

function isPartlyEnforced({ safety: { enforcement } }: TargetConfig): boolean {
  return !enforcement.shadow && enforcement.enforcePercent < 100;
}

/** A gateway that leads to the wrong place answers as if all chats were dead. */
function isUnproven({ adapter, safety }: TargetConfig): boolean {
  return adapter.kind === 'gateway' && !safety.guard.requireDelivery;
}

/** With high availability a stop rests on two answers, some time apart. */
function leavesNoSecondWord({ policies }: Config, { rules, policy: name }: TargetConfig): boolean {
  const policy = policies.get(name);
  return rules.ha && policy !== undefined && (policy.attempts < 2 || pinMs(policy) < rules.confirmAfterMs);
}

/** The demo world of a simulator has the window of the default; a site has its own (docs/genesys.md, "High availability"). */
function guessesRestoreWindow({ adapter, rules, restoreWindowByDefault }: TargetConfig): boolean {
  return adapter.kind === 'gateway' && rules.ha && restoreWindowByDefault;
}
