import { INTERACTION_ID_RULE, isInteractionId } from '../../src/probe/interaction-id.ts';
import type { CheckSettings } from './check-settings.ts';

const MOST_NAME_CHARACTERS = 255;
/** A bearer token goes into a header: visible ASCII. */
const TOKEN = /^[\x21-\x7e]+$/;

/** What is wrong with the values of the options, and between them; one line each, naming the option. Empty values were told before. */
export function optionProblems(options: CheckSettings): readonly string[] {
  const { live, dead, server, downServer, idKeys, maxReplyMs, timeoutMs, runTimeoutMs } = options;
  const ids = Object.entries({ '--live': live, '--dead': dead });
  const names = Object.entries({ '--server': server, '--down-server': downServer });
  return [
    ...urlProblems(options.url),
    ...missingIds(options),
    ...ids.filter(([, id]) => id !== null && id !== '' && !isInteractionId(id)).map(([name]) => `${name} must be ${INTERACTION_ID_RULE}`),
    ...names
      .filter(([, given]) => given !== null && given.length > MOST_NAME_CHARACTERS)
      .map(([name]) => `${name} must have at most ${MOST_NAME_CHARACTERS} characters`),
    ...(same(live, dead) ? ['--live and --dead must be two interactions'] : []),
    ...(same(server, downServer) ? ['--server and --down-server must be two Chat Servers'] : []),
    ...(idKeys.some((key) => key === '' || key === '__proto__') ? ['--id-keys must be names with commas between them'] : []),
    ...(maxReplyMs > timeoutMs ? [`--max-reply-ms (${maxReplyMs}) must not be longer than --timeout-ms (${timeoutMs})`] : []),
    ...(timeoutMs > runTimeoutMs ? [`--timeout-ms (${timeoutMs}) must not be longer than --run-timeout-ms (${runTimeoutMs})`] : []),
  ];
}

/** Tells whether a text can be sent as a bearer token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The same rules as for the service's own gateway URLs: all said and nothing more. The URL is not quoted, it may hold a password. */
function urlProblems(url: string | null): readonly string[] {
  if (url === null) return ['URL is needed: the base URL of the gateway'];
  const authority = /^https?:\/\/([^\s\\/?#]+)[^\s\\]*$/i.exec(url)?.[1];
  if (authority === undefined || !URL.canParse(url)) return ['URL must begin with http:// or https:// and name a host'];
  if (authority.includes('@')) return ['URL must not carry a user or password; use --token-file'];
  return /[?#]/.test(url) ? ['URL must not have a query or a fragment'] : [];
}

/** Most checks need them, so without them a run proves next to nothing. */
function missingIds({ live, dead, allowSkips }: CheckSettings): readonly string[] {
  if (allowSkips) return [];
  return [
    ...(live === null ? ['--live is needed, the interaction of a chat under way, or else --allow-skips'] : []),
    ...(dead === null ? ['--dead is needed, an interaction whose session is gone, or else --allow-skips'] : []),
  ];
}

function same(one: string | null, other: string | null): boolean {
  return one !== null && one !== '' && one === other;
}
