import type { TreePath } from '../../../src/schema-tree/tree.ts';
import type { TreeProblems } from '../../../src/schema-tree/tree-problems.ts';
import { ARRIVE_FOR_MS, PROBES_WITHIN_MS, QUEUE_MS, type Scenario } from './scenario.ts';
import type { ScenarioEvent } from './scenario-event.ts';

/** Checks what no single field can tell: ends of ranges, names that must be there, the order of events. Reports every breach. */
export function checkScenarioRules(scenario: Scenario, problems: TreeProblems): void {
  checkNames(scenario, problems);
  checkRanges(scenario, problems);
  checkBackups(scenario, problems);
  checkArrivals(scenario, problems);
  checkStalls(scenario, problems);
  for (const [index, event] of scenario.events.entries()) {
    const path = ['events', index];
    const unknown = unknownName(scenario, chatServerOf(event), problems);
    if (unknown !== null && problems.isSound([...path, keyOf(event)])) problems.report([...path, keyOf(event)], unknown);
    const beforeMs = scenario.events[index - 1]?.atMs ?? 0;
    if (event.atMs < beforeMs && problems.isSound([...path, 'atMs']) && problems.isSound(['events', index - 1, 'atMs']))
      problems.reportUsable([...path, 'atMs'], `is ${event.atMs}, before that of the event above it, ${beforeMs}`);
  }
}

function checkNames({ chatServers }: Scenario, problems: TreeProblems): void {
  for (const [index, name] of chatServers.entries()) {
    const first = chatServers.indexOf(name);
    if (first === index || !problems.isSound(['chatServers', index]) || !problems.isSound(['chatServers', first])) continue;
    problems.reportUsable(['chatServers', index], `is there already, as number ${first}`);
  }
}

function checkRanges({ clients, latencyMs, chats }: Scenario, problems: TreeProblems): void {
  const pairs: readonly (readonly [TreePath, number, number])[] = [
    [['clients', 'returnMs'], ...clients.returnMs],
    [['clients', 'staleMs'], ...clients.staleMs],
    [
      ['latencyMs'],
      ...('least' in latencyMs ? ([latencyMs.least, latencyMs.most] as const) : ([latencyMs.median, latencyMs.p99] as const)),
    ],
    [['chats'], chats.staleShare, chats.onlineShare],
  ];
  for (const [path, low, high] of pairs) {
    if (low <= high || !problems.isSound(path)) continue;
    const isShare = path[0] === 'chats';
    problems.report(path, isShare ? `staleShare (${low}) is more than onlineShare (${high})` : `begins above its end (${low}, ${high})`);
  }
}

function checkBackups(scenario: Scenario, problems: TreeProblems): void {
  const { backups, highAvailability } = scenario;
  if (!problems.isSound(['backups']) || !problems.isSound(['highAvailability'])) return;
  const entries = Object.entries(backups);
  if (highAvailability === 'primary-backup' && entries.length === 0) problems.report(['backups'], 'must name a backup for a primary');
  if (highAvailability !== 'primary-backup' && entries.length > 0)
    problems.report(['backups'], 'are for highAvailability primary-backup only');
  for (const [index, [primary, backup]] of entries.entries()) {
    const path = ['backups', primary];
    for (const name of [primary, backup]) {
      const unknown = unknownName(scenario, name, problems);
      if (unknown !== null) problems.report(path, unknown);
    }
    if (Object.hasOwn(backups, backup)) problems.report(path, `${backup} is a primary itself`);
    const double = entries.findIndex(([, other]) => other === backup);
    if (double < index) problems.report(path, `${backup} is the backup of ${entries[double]?.[0]} already`);
  }
}

/** Chats that arrive are first asked about after their arrival, the others in one window: what is for the one is not for the other. */
function checkArrivals({ chats, probes }: Scenario, problems: TreeProblems): void {
  if (!problems.isSound(['chats', 'arrivePerSecond'])) return;
  const [arrive, are] = ['is for chats that arrive (chats.arrivePerSecond)', 'is not for chats that arrive (chats.arrivePerSecond)'];
  const fields: readonly (readonly [TreePath, boolean, string])[] =
    chats.arrivePerSecond > 0
      ? [
          [['probes', 'fromMs'], probes.fromMs !== 0, `${are}: chats.queueMs says when they are first asked about`],
          [['probes', 'withinMs'], probes.withinMs !== PROBES_WITHIN_MS, `${are}: chats.queueMs says when they are first asked about`],
        ]
      : [
          [['chats', 'arriveForMs'], chats.arriveForMs !== ARRIVE_FOR_MS, arrive],
          [['chats', 'queueMs'], chats.queueMs !== QUEUE_MS, arrive],
        ];
  for (const [path, isSaid, text] of fields) if (isSaid && problems.isSound(path)) problems.reportUsable(path, text);
}

/** A process cannot stand still twice at the same time. */
function checkStalls({ service }: Scenario, problems: TreeProblems): void {
  for (const [index, { atMs }] of service.stalls.entries()) {
    const path = ['service', 'stalls', index];
    const before = service.stalls[index - 1];
    const endsAtMs = before === undefined ? 0 : before.atMs + before.forMs;
    if (atMs >= endsAtMs || !problems.isSound(path) || !problems.isSound(['service', 'stalls', index - 1])) continue;
    problems.reportUsable([...path, 'atMs'], `is ${atMs}, before the end of the stall above it, ${endsAtMs}`);
  }
}

/** What is wrong with the name of a Chat Server; null if nothing is, or nobody can tell. */
function unknownName({ chatServers }: Scenario, name: string | null, problems: TreeProblems): string | null {
  if (name === null || chatServers.includes(name) || !problems.isSound(['chatServers'])) return null;
  return `there is no Chat Server ${name}; there are ${chatServers.join(', ')}`;
}

/** The key that tells the kind of an event. */
function keyOf(event: ScenarioEvent): string {
  return Object.keys(event).find((key) => key !== 'atMs') ?? '';
}

/** The Chat Server that it happens to, null if it happens to something else. */
function chatServerOf(event: ScenarioEvent): string | null {
  if ('crash' in event) return event.crash;
  if ('start' in event) return event.start;
  if ('slow' in event) return event.slow;
  if ('flap' in event) return event.flap;
  if ('link' in event) return event.link;
  return 'limit' in event ? event.limit : null;
}
