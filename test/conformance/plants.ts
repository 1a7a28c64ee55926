import fixtures from '../fixtures/esp-replies.json' with { type: 'json' };
import type { Asked, Habits, Manners, Message, Plant, Said } from './planted-gateway.ts';
import { DEAD, DOWN_SERVER, good, isProper, LIVE, messageIn, refusal, replyTo, SERVER } from './planted-gateway.ts';

type Reply = Readonly<Record<string, unknown>>;

/** Says something of its own to some requests. */
export function saying(when: (asked: Asked) => boolean, what: (asked: Asked) => Said): Plant {
  return { manners: (next) => (asked) => (when(asked) ? what(asked) : next(asked)) };
}

/** Keeps the contract but for these habits. */
export function withHabits(habits: Habits): Plant {
  return { manners: () => good(habits) };
}

/** Takes other messages than the proper ones. */
export function taking(isMessage: (message: Message) => boolean): Plant {
  return withHabits({ isMessage });
}

/** Changes every reply to a message. */
export function replying(change: (reply: Reply) => Reply): Plant {
  return afterwards((said) => (isReply(said.json) ? { ...said, json: change(said.json) } : said));
}

/** Changes what is said by replies of one kind. */
export function replyingOf(messageName: string, change: (said: Said, reply: Reply) => Said): Plant {
  return afterwards((said) => (isReply(said.json) && said.json['messageName'] === messageName ? change(said, said.json) : said));
}

/** Changes the text of every reply to a message. */
export function writing(change: (text: string) => string): Plant {
  return afterwards((said) => (isReply(said.json) ? { ...said, text: change(JSON.stringify(said.json)) } : said));
}

/** Adds attributes to every reply to a message, and to its request where there is one. */
export function adding(attributes: Reply, inRequest: Reply = {}): Plant {
  return replying((reply) => {
    const { request } = reply;
    return { ...reply, ...attributes, ...(typeof request === 'object' ? { request: { ...request, ...inRequest } } : {}) };
  });
}

/** Changes the attributes of every error. */
export function erring(changes: Reply): Plant {
  return replyingOf('EventError', (said, reply) => ({ ...said, json: { ...reply, ...changes } }));
}

/** Hands on every fault as a response, with this in place of its parameters. */
export function respondingWith(Parameters: unknown, attributes: Reply = {}): Plant {
  return replyingOf('Event3rdServerFault', (said, reply) => {
    const request = { ...fixtures.sessionNotFound.request, Parameters };
    return { ...said, json: { ...reply, ...attributes, messageName: 'Event3rdServerResponse', request } };
  });
}

/** Adds headers to every reply to a message. */
export function withHeaders(headers: Readonly<Record<string, string>>): Plant {
  return afterwards((said) => (isReply(said.json) ? { ...said, headers } : said));
}

export function slowWhen(when: (asked: Asked) => boolean): Plant {
  return afterwards(async (said, asked) => {
    if (when(asked)) await pause(150);
    return said;
  });
}

/** Under load, says to each message what the change makes of its own reply and of another's. */
export function swapping(change: (own: Reply, other: Reply) => Reply): Plant {
  let waiting: { readonly reply: Reply; readonly swap: (other: Reply) => void } | null = null;
  return afterwards(async (said, asked) => {
    const own = said.json;
    if (!isReply(own)) return said;
    await company();
    if (waiting !== null) {
      const first = waiting;
      waiting = null;
      first.swap(own);
      return { ...said, json: change(own, first.reply) };
    }
    if (asked.underWay() < 2) return said;
    const other = await new Promise<Reply>((swap) => {
      waiting = { reply: own, swap };
    });
    return { ...said, json: change(own, other) };
  });
}

/** Of several messages at a time refuses all but one, or but the given number. */
export function busyBeyond(most: number, refusing: number): Plant {
  let refused = 0;
  return {
    manners: (next) => async (asked) => {
      if (!isEsp(asked)) return next(asked);
      if (asked.underWay() > most && refused < refusing) {
        refused += 1;
        return { ...refusal(429), headers: { 'retry-after': '1' } };
      }
      await company();
      while (asked.underWay() > 1 && refused > 0 && refused < refusing) await company();
      return next(asked);
    },
  };
}

/** Looks at one request at a time, from its head to its answer. */
export function oneAtATime(): Plant {
  let before: Promise<unknown> = Promise.resolve();
  return {
    async onHead(_request, response) {
      const turn = before;
      before = Promise.all([turn, new Promise((resolve) => response.once('close', resolve))]);
      await turn;
    },
  };
}

/** After a message that was too large, answers so many proper ones with 500, from the nth on. */
export function failingAfterOversized(from: number, many: number): Plant {
  let properSince: number | null = null;
  return {
    manners: (next) => (asked) => {
      if (asked.body.length > 100_000) properSince = 0;
      else if (properSince !== null && isProper(messageIn(asked) ?? {})) properSince += 1;
      return properSince !== null && properSince >= from && properSince < from + many ? refusal(500) : next(asked);
    },
  };
}

export function isHealth({ path }: Asked): boolean {
  return path === '/health';
}

export function isEsp({ method, path }: Asked): boolean {
  return method === 'POST' && path === '/esp';
}

export function isJson({ body }: Asked): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

/** The first of a run that goes to the live chat; another goes with others at the same time. */
export function isLoneLive(asked: Asked): boolean {
  return asked.body.includes(LIVE) && Number(messageIn(asked)?.referenceId) < 105;
}

/** The first of a run for the server that is down. */
export function isLoneDown(asked: Asked): boolean {
  return nameIn(asked) === DOWN_SERVER && Number(messageIn(asked)?.referenceId) < 105;
}

export function isUnknownName(asked: Asked): boolean {
  return ![undefined, SERVER, DOWN_SERVER].some((name) => name === nameIn(asked));
}

export function nameIn(asked: Asked): unknown {
  return messageIn(asked)?.request?.AppName;
}

/** That a server is not there, but for some attributes. */
export function notFound(asked: Asked, changes: object): Said {
  return { status: 200, json: { ...fixtures.chatServerNotFoundByName, referenceId: messageIn(asked)?.referenceId, ...changes } };
}

export function withFaultCode(reply: Reply, FaultCode: unknown): Reply {
  if (reply['messageName'] !== 'Event3rdServerFault') return reply;
  const { request } = fixtures.sessionNotFound;
  return { ...reply, request: { ...request, Parameters: { ...request.Parameters, FaultCode } } };
}

/** What the site says of another chat, to the same message. */
export function replyForDead(asked: Asked): Said {
  return replyTo({ ...messageIn(asked), userData: { InteractionId: DEAD } });
}

/** Well formed, but nothing that a service would send. */
export function isNonsense(asked: Asked): boolean {
  const message = messageIn(asked);
  if (!isEsp(asked) || message?.messageName !== 'Request3rdServer') return false;
  return message.referenceId !== undefined && message.request !== undefined && !isProper(message);
}

function afterwards(change: (said: Said, asked: Asked) => Said | Promise<Said>): Plant {
  const manners =
    (next: Manners): Manners =>
    async (asked) =>
      change(await next(asked), asked);
  return { manners };
}

function isReply(json: unknown): json is Reply {
  return typeof json === 'object' && json !== null && 'messageName' in json;
}

/** Waits until what was sent together has come: this process sends it too, so that turns tell more than time. */
async function company(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
