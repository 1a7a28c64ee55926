import type { States } from './panels.ts';

/** What a query asks for: the chosen jobs, and of them the chosen targets. */
export const JOB = 'job=~"$job"';
export const TARGET = `${JOB}, target=~"$target"`;

/** How often a counter rises in a minute, over all instances. */
export function perMinute(labels: string, counter: string): string {
  return `60 * sum by (${labels}) (rate(${counter}[$__rate_interval]))`;
}

/** How much a counter has risen in the chosen time, over all instances. */
export function overall(labels: string, counter: string): string {
  return `sum by (${labels}) (increase(${counter}[$__range]))`;
}

/** A zero with a name, where nobody has this metric since it is not configured: a panel without anything reads like a fault. */
export function standIn(label: string, name: string, metric: string): string {
  return `label_replace(vector(0) unless on () ${metric}, "${label}", "${name}", "", "")`;
}

/** Below which so large a share of what a histogram saw lies. */
export function quantile(share: number, labels: string, histogram: string): string {
  const by = ['le', labels].filter((label) => label !== '').join(', ');
  return `histogram_quantile(${share}, sum by (${by}) (rate(${histogram}[$__rate_interval])))`;
}

export const GUARD_STATES: States = [
  [0, 'watching', 'green'],
  [1, 'released', 'orange'],
  [2, 'TRIPPED', 'red'],
];

/** The state of each guard as a number; take the greatest of several instances. */
export function guardStates(target: string): string {
  return `2 * chatprobe_guard_state{${target}, state="tripped"} or chatprobe_guard_state{${target}, state="released"}`;
}

export const CHAT_SERVER_STATES: States = [
  [0, 'found', 'green'],
  [1, 'recovering', 'orange'],
  [2, 'not found', 'red'],
];

/** The state of each Chat Server as a number; take the greatest of several instances. `other` counts several. */
export function chatServerStates(target: string): string {
  const down = (state: string) => `(chatprobe_chat_servers_down{${target}, state="${state}"} > bool 0)`;
  return `2 * ${down('suspect')} or ${down('recovering')}`;
}

export const GATEWAY_STATES: States = [
  [0, 'closed', 'green'],
  [1, 'open: left alone', 'red'],
];

export const CONTROL_STATES: States = [
  [-1, 'none configured', 'text'],
  [0, 'right', 'green'],
  [1, 'unknown', 'orange'],
  [2, 'WRONG', 'red'],
];

/** The last answer of each control probe as a number, and -1 where no target has any. */
export function controlStates(target: string): string {
  const last = `2 * chatprobe_control_state{${target}, state="wrong"} or chatprobe_control_state{${target}, state="unknown"}`;
  return `max by (target, control) (${last}) or (vector(-1) unless on () chatprobe_control_state{${target}})`;
}
