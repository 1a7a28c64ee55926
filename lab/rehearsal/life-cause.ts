import type { StopFacts } from './stop-facts.ts';
import { decisiveWord } from './stop-rule.ts';
import type { LifeCause } from './stop-words.ts';

/** Why a chat lived although it was answered what it was; `unexplained` where the answer does not fit the world. */
export function lifeCause(facts: StopFacts): LifeCause {
  const { asked, misconfigured } = facts;
  const word = decisiveWord(facts);
  if (word !== 'session_not_found' && word !== 'chat_server_not_found') return 'unexplained';
  if (misconfigured !== null) return misconfigured === word ? 'misconfigured' : 'unexplained';
  if (asked === null) return word === 'session_not_found' ? causeElsewhere(facts) : causeNowhere(facts);
  return word === 'session_not_found' ? causeNotThere(facts, asked) : causeServerGone(facts, asked);
}

/** A Chat Server that was asked by name answered that it does not run the session. So it is connected, and another one does, or none. */
function causeNotThere(facts: StopFacts, asked: string): LifeCause {
  const { atVerdict, connected } = facts;
  if (!connected.includes(asked)) return 'unexplained';
  return atVerdict.session === 'running' && atVerdict.host === asked ? 'unexplained' : causeAway(facts, asked);
}

/** The Chat Server that was asked by name is not connected, or was not when the message was there. */
function causeServerGone(facts: StopFacts, asked: string): LifeCause {
  const { atVerdict, connected, crashedMeanwhile, startedMeanwhile } = facts;
  const isThere = atVerdict.session === 'running' && atVerdict.host === asked;
  if (facts.linkLost && isThere) return 'link_lost';
  if (!connected.includes(asked)) return isThere ? 'not_connected' : causeAway(facts, asked);
  if (crashedMeanwhile && atVerdict.session !== 'none') return 'crashed_with_it';
  return startedMeanwhile && !isThere ? causeAway(facts, asked) : 'unexplained';
}

/** The session is not where it was asked for. */
function causeAway({ atStart, atVerdict }: StopFacts, asked: string): LifeCause {
  if (atVerdict.session === 'restorable') return 'client_on_its_way';
  if (atVerdict.session === 'none') return 'unexplained';
  return atStart.session === 'running' && atStart.host !== asked ? 'stale_name' : 'moved_meanwhile';
}

/** By type, some connected Chat Server answered that it does not run the session. */
function causeElsewhere({ atVerdict, connected }: StopFacts): LifeCause {
  if (atVerdict.session === 'restorable') return connected.length > 0 ? 'client_on_its_way' : 'unexplained';
  const isElsewhere = atVerdict.session === 'running' && connected.some((name) => name !== atVerdict.host);
  return isElsewhere ? 'asked_elsewhere' : 'unexplained';
}

/** By type, no Chat Server was connected. */
function causeNowhere({ atVerdict, connected }: StopFacts): LifeCause {
  if (connected.length > 0 || atVerdict.session === 'none') return 'unexplained';
  return atVerdict.session === 'restorable' ? 'client_on_its_way' : 'not_connected';
}
