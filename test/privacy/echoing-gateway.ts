import type { Socket } from 'node:net';
import { answer, answerJson, type Script, type SeenRequest } from '../support/scripted-gateway.ts';
import { USER_DATA } from '../support/secrets.ts';

/** How a careless gateway hands back what it was sent, by the name that a message asks for in its user data. */
export const ECHOES = {
  'fault with the request': (request) => fault(request, { FaultCode: '999', FaultString: `refused: ${quoted(request)}` }),
  'fault with the body': (request) => fault(request, { FaultCode: '999', FaultString: request.body }),
  'fault that is proof': (request) => fault(request, { FaultCode: '100', FaultString: `no session of ${USER_DATA.name}` }),
  'code of a fault': (request) => fault(request, { FaultCode: USER_DATA.card, FaultString: authorization(request) }),
  'error that is proof': (request) => error(request, 1, `Not found by name for ${USER_DATA.phone}`),
  'error with a URL': (request) => error(request, 43, `POST /esp?message=${encodeURIComponent(request.body)}`),
  'error with HTML': (request) => error(request, 43, `<pre>${inHtml(quoted(request))}</pre>`),
  'error with a string of JSON': (request) => error(request, 43, JSON.stringify(request.body)),
  'error with a key': (request) => error(request, 43, `unknown key "${USER_DATA.key}"`),
  'error with headers': (request) => error(request, 43, JSON.stringify(request.headers)),
  'error with a page before it': (request) => error(request, 43, `${'x'.repeat(250)}${quoted(request)}`),
  delivered: (request) => answerJson({ messageName: 'Event3rdServerResponse', ...echoed(request) }),
  'reply to another message': (request) => answerJson({ messageName: 'Event3rdServerResponse', ...echoed(request), referenceId: 1 }),
  'kind that is none': (request) => answerJson({ messageName: quoted(request), ...echoed(request) }),
  'header of its own': (request) => answer(200, { 'content-type': 'application/json', 'x-echo': oneLine(request) }, '{}'),
  'page that is no JSON': (request) => answer(200, { 'content-type': 'text/html' }, quoted(request)),
  'JSON that is broken': (request) => answer(200, { 'content-type': 'application/json' }, quoted(request)),
  'page of an error': (request) => answer(500, { 'content-type': 'text/html' }, quoted(request)),
  'page of a refusal': (request) => answer(401, { 'www-authenticate': oneLine(request) }, quoted(request)),
  'page of a busy one': (request) => answer(429, { 'retry-after': oneLine(request) }, quoted(request)),
  redirect: (request) => answer(302, { location: `http://127.0.0.1:1/${encodeURIComponent(request.body)}` }, ''),
  'bytes that are no HTTP': (request) => (socket: Socket) => void socket.end(quoted(request)),
  'head that is cut': (request) => (socket: Socket) => void socket.end(`HTTP/1.1 200 OK\r\nx-echo: ${oneLine(request)}`),
} as const satisfies Readonly<Record<string, (request: SeenRequest) => Script>>;

export type Echo = keyof typeof ECHOES;

/** Answers each message in the way that it asks for. @param played told of each. */
export function echoing(played: (echo: string) => void): Script {
  return (socket, request) => {
    if (request.path !== '/esp') return answerJson({ interactionServer: 'connected' })(socket, request);
    const echo = Object.entries(ECHOES).find(([name]) => name === messageIn(request).userData['Echo']);
    if (echo === undefined) return ECHOES.delivered(request)(socket, request);
    played(echo[0]);
    echo[1](request)(socket, request);
  };
}

interface Message {
  readonly referenceId: number;
  readonly request: object;
  readonly userData: Readonly<Record<string, unknown>>;
}

function messageIn({ body }: SeenRequest): Message {
  return JSON.parse(body) as Message;
}

function echoed(request: SeenRequest) {
  const { referenceId, request: sent, userData } = messageIn(request);
  return { referenceId, request: sent, userData };
}

function fault(request: SeenRequest, parameters: object): Script {
  return answerJson({ messageName: 'Event3rdServerFault', ...echoed(request), request: { Service: 'Chat', Parameters: parameters } });
}

function error(request: SeenRequest, errorCode: number, errorMessage: string): Script {
  return answerJson({ messageName: 'EventError', ...echoed(request), errorCode, errorMessage });
}

function authorization({ headers }: SeenRequest): string {
  return `not allowed: ${headers['authorization']}`;
}

function quoted(request: SeenRequest): string {
  return `${authorization(request)} ${request.body}`;
}

function oneLine(request: SeenRequest): string {
  return encodeURIComponent(quoted(request));
}

function inHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
