import type { Scenario } from '../simulator/scenario/scenario.ts';
import type { World } from '../simulator/world/world.ts';
import type { JudgedProbe } from './judged-probe.ts';
import type { FirstQuestion } from './probe-moments.ts';

export interface CourseParts {
  readonly scenario: Scenario;
  readonly world: World;
  /** Resolves at that moment, in ms since the world began; at once if it has passed. */
  until(atMs: number): Promise<void>;
  /** Has the chat asked about, and the answer judged. */
  ask(id: string, isSecond: boolean): Promise<JudgedProbe>;
  /** Called when nobody asks about the chat at the moment. */
  pause(id: string): void;
  /** Uniform in [0, 1): which questions two callers ask, and when the second does. */
  readonly draw: () => number;
}

/** How chats go from the queue to an agent and, where the scenario lets them, back into the queue. */
export interface ChatCourse {
  /** Resolves with every answer about the chat, in the order of the questions. A chat that never came to be has none. */
  play(first: FirstQuestion): Promise<readonly JudgedProbe[]>;
}

/** Of which kind the answers have been about lately, and since when they are. */
interface Kind {
  readonly isGhost: boolean;
  readonly sinceMs: number;
}

export function createChatCourse(parts: CourseParts): ChatCourse {
  const { scenario, world, until, draw } = parts;
  const { agents, probes } = scenario;
  const lastTurnMs = lastTurnIn(scenario);
  const isGone = (id: string): boolean => world.truth(id).customer === 'gone';

  const visit = async (id: string): Promise<readonly JudgedProbe[]> => {
    const isDoubled = probes.doubledShare > 0 && draw() < probes.doubledShare;
    const secondAtMs = isDoubled ? world.nowMs() + Math.floor(draw() * probes.doubledWithinMs) : null;
    const questions = [parts.ask(id, false)];
    if (secondAtMs !== null) questions.push(until(secondAtMs).then(() => parts.ask(id, true)));
    const answers = await Promise.all(questions);
    parts.pause(id);
    return answers;
  };
  /** Whether a chat that was routed is looked at again then. */
  const comesBack = ({ isGhost, sinceMs }: Kind, atMs: number): boolean => {
    if (agents.again === 'none') return false;
    if (isGhost || agents.again === 'all') return atMs < sinceMs + agents.forMs;
    return atMs <= lastTurnMs;
  };

  return {
    async play({ id, atMs }) {
      const answers: JudgedProbe[] = [];
      await until(atMs);
      if (scenario.chats.arrivePerSecond > 0 && world.session(id) === null) return answers;
      const isDeaf = probes.deafShare > 0 && draw() < probes.deafShare;
      let kind: Kind = { isGhost: isGone(id), sinceMs: world.nowMs() };
      for (;;) {
        const isAsked = answers.length === 0 || kind.isGhost || agents.again === 'all';
        const given = isAsked ? await visit(id) : [];
        answers.push(...given);
        if (!isDeaf && given.some(({ verdict }) => verdict === 'stop')) return answers;
        // Its customer may have gone while the answer was waited for: then it is with an agent who finds nobody.
        if (!kind.isGhost && isGone(id)) kind = { isGhost: true, sinceMs: world.nowMs() };
        const nextAtMs = world.nowMs() + agents.handleMs + agents.returnMs;
        if (!comesBack(kind, nextAtMs)) return answers;
        await until(nextAtMs);
        if (!kind.isGhost && isGone(id)) kind = { isGhost: true, sinceMs: world.nowMs() };
      }
    },
  };
}

/** After this moment no living chat can lose its customer any more, in ms since the world began. */
function lastTurnIn({ events, clients, switchOverMs }: Scenario): number {
  const endsMs = events.map((event) => ('flap' in event ? event.atMs + event.times * (event.downMs + event.upMs) : event.atMs));
  return Math.max(0, ...endsMs) + switchOverMs + 2 * clients.disconnectMs;
}
