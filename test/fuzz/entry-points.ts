import type { FastifyInstance } from 'fastify';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readAnswer } from '../../src/gateway/read-answer.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { classify } from '../../src/probe/attempt.ts';
import { realClock } from '../../src/probe/clock.ts';
import { espRequest } from '../support/esp-request.ts';
import { scriptedAdapter } from '../support/scripted-adapter.ts';
import { SECRETS } from '../support/secrets.ts';
import { type Draw, hostileText, type Language } from './hostile-text.ts';
import type { EntryPoint } from './search.ts';

const JSON_OBJECT: Language = {
  tokens: [
    '"a":1,',
    '"target":"b",',
    '"isOnline":0,',
    '"userData":{',
    '"Id":"x",',
    '[',
    ']',
    '{',
    '},',
    '{"a":',
    '[[',
    '"',
    '\\u0061',
    '\\',
    ',',
    ' ',
  ],
  samples: [
    '{"chatServerAppName":"ChatServer_1","isOnline":"1","userData":{"ServiceType":"default","n":[1,{"b":null}]}}',
    '{"userData":{"ChatServerAppName":"ChatServer_1","Id":"1","IsOnline":"0"},"deadlineMs":5000,"attempts":"2","more":{"a":[]}}',
    '"{\\"isOnline\\":\\"0\\"}"',
  ],
  nests: [
    ['[', ']'],
    ['{"a":', '}'],
    ['{"userData":{"Id":[', ']}}'],
  ],
};

/** What a workflow tells of its message. */
const OBSERVATION: Language = {
  tokens: [
    '"outcome":"error",',
    '"description":"',
    '"content":"',
    '"content":{',
    '"error":[',
    'not found ',
    '100 ',
    '*',
    '\\"FaultCode\\":\\"100\\",',
    '<b>',
    '0006Ka9HFHRR0T2B ',
    '+420 603 ',
    '{"a":',
    "'",
    '"',
    ' ',
  ],
  samples: [
    '{"outcome":"error","error":"error.externalservice","description":"session 100 was not found","attempt":1,"round":0}',
    '{"outcome":"done","content":"{\\"Parameters\\":{\\"FaultCode\\":\\"100\\"}}","chatServerAppName":"ChatServer_1"}',
    'outcome=error&description=Not+found+by+name&attempt=2&userData={"Id":"1"}',
  ],
  nests: [
    ['{"content":', '}'],
    ['<a>', '</a>'],
    ['\\"{', '}\\"'],
  ],
};

const FORM: Language = {
  tokens: [
    'a=1&',
    'a&',
    'target=x&',
    'isOnline=0;',
    'target[]=',
    'userData[x]=1&',
    '&',
    '=',
    '%41',
    '%',
    '+',
    ' ',
    ';',
    '\\x80',
    'amp;',
    '?',
  ],
  samples: ['chatServerAppName=ChatServer_1&isOnline=0&debug=true', 'policy=ha&target=default&attempts=2.0', 'a=&b=&c'],
  nests: [
    ['a[', ']'],
    ['%7B', '%7D'],
    ['amp;', '&'],
  ],
};

const HEADER: Language = {
  tokens: [';', ',', '"', '=', ' ', 'charset=', 'utf-8', 'q=1', '*/*', 'text/plain', 'application/json', 'Bearer ', 'a', '/'],
  samples: ['application/json; charset=utf-8', 'text/plain;q=0.9, */*;q=0.1', 'Bearer abc.def', 'application/x-www-form-urlencoded'],
  nests: [
    ['"', '"'],
    ['a;', ','],
  ],
};

const REPLY: Language = {
  tokens: [
    '"FaultCode":"100",',
    '"Id":"x",',
    '"request":{',
    '"Parameters":{',
    '"userData":{',
    '[',
    '{',
    '}',
    '"a":1,',
    '"errorCode":1,',
    '\\u0061',
    ' ',
  ],
  samples: [
    '{"messageName":"Event3rdServerFault","referenceId":1,"request":{"Service":"Chat","Method":"Message","Parameters":{"FaultCode":"100","FaultString":"x"}}}',
    '{"messageName":"Event3rdServerResponse","referenceId":1,"userData":{"InteractionId":"1","a":{"Id":"2"}}}',
    '{"messageName":"EventError","referenceId":1,"errorCode":"1","errorMessage":"Not found by name"}',
  ],
  nests: [
    ['[', ']'],
    ['{"request":', '}'],
    ['{"Id":', '}'],
  ],
};

const YAML: Language = {
  tokens: [
    'a: 1\n',
    '- ',
    '? ',
    ': ',
    '\n',
    '  ',
    '[',
    '{',
    '&a ',
    '*a ',
    '!!str ',
    '# x\n',
    '|\n ',
    '>\n ',
    '"',
    "'",
    '---\n',
    '%',
    'targets:\n',
  ],
  samples: [
    'server: { port: 0 }\n',
    'targets:\n  default: { adapter: gateway, gateways: ["http://gw-1:9190"], ha: true }\n',
    'policies:\n  a: &a { attempts: 2 }\n  b: *a\n',
  ],
  nests: [
    ['[', ']'],
    ['{ a: ', '}'],
    ['- ', '\n'],
  ],
};

const OBSERVATIONS = '/interactions/0006Ka9HFHRR0T2B/observations?target=workflow';
const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';
const TOKEN = SECRETS.apiToken;
const TYPES = ['application/json', 'application/x-www-form-urlencoded', 'text/plain'] as const;
const CHARSETS = [
  '',
  ';charset=iso-8859-1',
  ';charset=gb18030',
  ';charset=utf-16',
  ';charset=shift_jis',
  ';charset=iso-2022-jp',
  ';charset=cp1252',
] as const;
const MAX_BODY = 65_536;
/** As much as Node.js takes of a head. */
const MAX_HEAD = 15_500;

/** Everything by which text of callers, gateways and operators comes in, as the service has it. */
export async function openEntryPoints(): Promise<{ readonly entries: readonly EntryPoint[]; readonly close: () => Promise<void> }> {
  const server = await quietService();
  return { entries: [bodies(server), observations(server), heads(server), REPLIES, CONFIGURATIONS], close: () => server.close() };
}

/** The whole service, whose far end delivers every message at once, and which sheds nothing. */
async function quietService(): Promise<FastifyInstance> {
  const file =
    'server: { maxEventLoopDelayMs: 60000, maxHeapShare: 1 }\ntargets: { default: { adapter: simulator, outage: { messageLimit: 0 } }, ' +
    'workflow: { adapter: workflow, ha: true, patterns: { sessionNotFound: ["*session*was not found*", "*gone * gone*"], delivered: ["*"] } } }';
  const loaded = loadConfig({ CHATPROBE_CONFIG: 'c', CHATPROBE_API_TOKEN: TOKEN }, () => ({ ok: true, text: file }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const adapter = scriptedAdapter(realClock, [{ afterMs: 0, answer: 'delivered' }]);
  const logger = createLogger('silent', { write: () => undefined });
  const { server } = await createApp(loaded.config, { logger, version: '0', nodeVersion: process.version, makeAdapter: () => adapter });
  return server;
}

function bodies(server: FastifyInstance): EntryPoint {
  return {
    name: 'bodies',
    size: MAX_BODY,
    limitMs: 50,
    make(draw, size) {
      const label = draw.of(TYPES) + draw.of(CHARSETS);
      const text = hostileText(draw, draw.of([JSON_OBJECT, FORM]), size - 300);
      const bytes = Buffer.from(text, draw.of(['utf8', 'utf8', 'latin1', 'utf16le'])).subarray(0, size);
      return () => ask(server, PROBE, { authorization: `Bearer ${TOKEN}`, 'content-type': label }, bytes);
    },
  };
}

function observations(server: FastifyInstance): EntryPoint {
  return {
    name: 'observations',
    size: MAX_BODY,
    limitMs: 50,
    make(draw, size) {
      // Most of it in one text, or else it is refused for what it is in.
      const text = hostileText(draw, OBSERVATION, size - 300);
      const body = draw.of([
        text,
        JSON.stringify({ outcome: 'error', description: text }),
        `{"outcome":"done","content":${JSON.stringify(text)}}`,
        `outcome=error&description=${encodeURIComponent(wellFormed(text))}`,
      ]);
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': draw.of(TYPES) };
      const bytes = Buffer.from(body.slice(0, size));
      return () => ask(server, OBSERVATIONS, headers, bytes);
    },
  };
}

/** Query, path and headers. */
function heads(server: FastifyInstance): EntryPoint {
  return {
    name: 'queries',
    size: MAX_HEAD,
    limitMs: 50,
    make(draw, size) {
      const header = draw.of(['authorization', 'content-type', 'accept', 'x-request-id', 'content-encoding']);
      const isKnown = draw.below(4) > 0;
      const given = isKnown ? { authorization: `Bearer ${TOKEN}` } : {};
      const text = (language: Language) =>
        [...hostileText(draw, language, size)]
          .filter((char) => char > ' ' || char === ' ')
          .join('')
          .slice(0, size);
      const where = draw.below(4);
      if (where === 0) {
        const headers = { ...given, [header]: Buffer.from(text(HEADER), 'utf8').toString('latin1') };
        return () => ask(server, PROBE, headers, Buffer.from('{}'));
      }
      const url = urlOf(where, text(FORM), draw);
      return () => ask(server, url, given, null);
    },
  };
}

/** With the text as the id, as the path or as the query. */
function urlOf(where: number, text: string, draw: Draw): string {
  if (where === 1) return `/interactions/${encodeURIComponent(wellFormed(text))}/probe`;
  if (where === 2) return `/${encodeURI(wellFormed(text))}`;
  return `${PROBE}?${draw.below(2) === 0 ? encodeURI(wellFormed(text)) : text}`;
}

function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** Any answer will do, but for one that says that we are broken. */
async function ask(server: FastifyInstance, url: string, headers: Readonly<Record<string, string>>, payload: Buffer | null): Promise<void> {
  const response = await server.inject({ method: 'POST', url, headers, ...(payload === null ? {} : { payload }) });
  if (response.statusCode >= 500 || response.body.includes('internal_error')) throw new Error(`${response.statusCode} ${response.body}`);
}

const RULES = {
  ha: true,
  singleChatServer: false,
  onChatServerDown: 'auto',
  restoreWindowMs: 45_000,
  confirmAfterMs: 0,
  onUnrecognised: 'route',
} as const;
const ID_KEYS = ['InteractionId', 'Id'];

const REPLIES: EntryPoint = {
  name: 'replies',
  size: 65_536,
  limitMs: 50,
  make(draw, size) {
    const echoed = {
      InteractionId: '1',
      ...Object.fromEntries(Array.from({ length: draw.of([0, 900]) }, (_, n) => [`k${n}`, { Id: String(n) }])),
    };
    const type = draw.below(8) === 0 ? hostileText(draw, HEADER, MAX_HEAD) : 'application/json';
    const headers = { 'content-type': type, 'retry-after': hostileText(draw, HEADER, draw.of([8, MAX_HEAD])) };
    const body = Buffer.from(hostileText(draw, REPLY, size - 300));
    const status = draw.of([200, 200, 200, 429]);
    const request = espRequest({ referenceId: 1, userData: echoed });
    return async () => void classify(request, ID_KEYS, readAnswer({ status, headers, body }, 0), RULES, false);
  },
};

const CONFIGURATIONS: EntryPoint = {
  name: 'configurations',
  size: 65_536,
  limitMs: 400,
  // A quadratic parser takes a sixteenth.
  leastShareOfQuarter: 1 / 10,
  make(draw, size) {
    const text = hostileText(draw, YAML, size);
    return async () => void loadConfig({ CHATPROBE_CONFIG: 'c' }, () => ({ ok: true, text }));
  },
};
