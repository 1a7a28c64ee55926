import { describe, expect, it } from 'vitest';
import { logProbes, logRefusals } from '../../src/observers/log.ts';
import { createLogger } from '../../src/observers/logger.ts';
import type { ProbeIdentity } from '../../src/probe/probe-order.ts';
import type { Reason } from '../../src/probe/reasons.ts';
import { conclude } from '../../src/probe/verdict.ts';
import { CONTROL_STATES, GUARD_STATES, type ProbeAnswered, SERVER_STATES, type ServiceEvent } from '../../src/resilience/events.ts';
import { bare, blocks, FILES, NONE, table, text } from '../support/pages.ts';
import { attemptWith, RULES } from '../support/samples.ts';

const PAGE = text('docs/logs.md');
type Line = Readonly<Record<string, unknown>>;

interface DocumentedLine {
  readonly levels: readonly string[];
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
}

const LINES: ReadonlyMap<string, DocumentedLine> = new Map(
  table(PAGE, 'Message', 'Level', 'Fields').map(([message = '', levels = '', cell = '']) => {
    const fields = cell === NONE ? [] : cell.split(', ').map(bare);
    const sometimes = fields.filter((field) => field.endsWith('?')).map((field) => field.slice(0, -1));
    return [bare(message), { levels: levels.split(', '), always: fields.filter((field) => !field.endsWith('?')), sometimes }];
  }),
);
const FIELDS = new Map(table(PAGE, 'Field', 'Type', 'Meaning').map(([field = '', types = '']) => [bare(field), types.split(', ')]));

const PROBE: ProbeIdentity = {
  trace: { traceId: 't', flags: 1, state: null, callerSpanId: 's', spanId: null, startedAtMs: 0 },
  caller: 'workflow',
  probeId: 'p',
  requestId: 'r',
  interactionId: 'i',
  target: 'default',
  policy: 'inline',
  chatServer: 'C',
};

/** Every line that events can bring about. */
const told = loggedBy([
  ...answeredProbes(),
  { type: 'probe_cancelled', probe: PROBE, attempts: 1, elapsedMs: 2 },
  { type: 'fault', requestId: 'r', fault: new Error('bug') },
  { type: 'feedback_given', probeId: 'p', interactionId: 'i', target: 'default', verdict: 'stop', truth: 'alive', isFirst: true },
  ...SERVER_STATES.map((to) => ({ type: 'server_changed', target: 'default', chatServer: null, from: 'healthy', to }) as const),
  ...[true, false].map((open) => ({ type: 'gateway_changed', target: 'default', open }) as const),
  ...[true, false].map((simulated) => ({ type: 'far_end_changed', target: 'default', simulated }) as const),
  ...GUARD_STATES.map((state) => ({ type: 'guard_changed', target: 'default', state }) as const),
  ...CONTROL_STATES.map((state) => ({ type: 'control_answered', target: 'default', control: 'live', state }) as const),
]);

/** The messages that are written as they stand, in any source file. */
const literal = FILES.filter((file) => /^src\/.*\.ts$/.test(file)).flatMap((file) => literalMessages(text(file)));

describe('docs/logs.md', () => {
  it.each(told)('has the line $msg at its level, with the fields that it has', (line) => {
    expect(breaches(line)).toEqual([]);
  });

  it('lists every message that a source file writes', () => {
    expect(literal.length).toBeGreaterThan(8);
    expect(literal.filter(({ message, level }) => LINES.get(message)?.levels.includes(level) !== true)).toEqual([]);
  });

  it('lists no message that nobody writes', () => {
    const written = new Set([...told.map(({ msg }) => msg), ...literal.map(({ message }) => message)]);
    expect([...LINES.keys()].filter((message) => !written.has(message))).toEqual([]);
  });

  it('explains every field, and no other', () => {
    const used = new Set([...LINES.values()].flatMap(({ always, sometimes }) => [...always, ...sometimes]));
    expect([...FIELDS.keys()]).toEqual([...used].sort());
  });

  it('shows the line of a stop as it is written', () => {
    const [shown = '{}'] = blocks(PAGE, 'json');
    const example: Line = JSON.parse(shown);
    const { explanation, ...others } = example;
    expect(breaches(example)).toEqual([]);
    expect(loggedBy([stopOf(others)])[0]).toEqual({ ...example, time: expect.any(String) });
  });

  it.each([
    ['a level', { level: 'error' }],
    ['a field that is not documented', { secret: 1 }],
    ['a type', { attempts: 'three' }],
    ['a field that is missing', { reason: undefined }],
    ['a message', { msg: 'probe done' }],
  ])('would not take %s that is not documented', (_what, change) => {
    const line = told.find(({ msg }) => msg === 'probe finished');
    expect(breaches(JSON.parse(JSON.stringify({ ...line, ...change })))).not.toEqual([]);
  });

  it('finds messages however their call is laid out', () => {
    const found = literalMessages("logger.info('a'); request.log.error(\n  { err },\n  'b c',\n);\nlogger.warn({ x: { y: [1] } }, 'd');");
    expect(found.map(({ message }) => message)).toEqual(['a', 'b c', 'd']);
  });
});

function loggedBy(events: readonly ServiceEvent[]): Line[] {
  const lines: Line[] = [];
  const logger = createLogger('trace', { write: (line: string) => lines.push(JSON.parse(line)) });
  events.forEach(logProbes(logger));
  if (events.length > 1)
    logRefusals(logger)({
      route: '/',
      method: 'GET',
      code: 400,
      requestId: 'r',
      caller: 'workflow',
      problem: { code: 'invalid_field', field: null },
    });
  return lines;
}

function answeredProbes(): readonly ProbeAnswered[] {
  const of = (reason: Reason, fields: Partial<ProbeAnswered> = {}): ProbeAnswered => {
    const attempts = [attemptWith({ reason, detail: reason === 'timeout' ? 'no answer' : null })];
    const fault = reason === 'session_not_found' ? '100' : null;
    const result = { ...conclude(reason, RULES, 8_000, false), attempts, faultCode: fault, faultString: fault };
    const answer = { ...result, servedBy: 'probe', isKnownDown: false, elapsedMs: 1 } as const;
    const about = { probe: PROBE, probeId: 'p', computed: answer.verdict, withheld: null, shadowVerdict: null, simulated: false };
    return { type: 'probe_answered', answer, ...about, ...fields };
  };
  return [of('session_not_found'), of('timeout'), of('delivered', { withheld: 'shadow', shadowVerdict: 'stop', computed: 'stop' })];
}

/** The event behind the line that the page shows. */
function stopOf(shown: Line): ProbeAnswered {
  const durations = Array.isArray(shown['attemptsMs']) ? shown['attemptsMs'] : [];
  const answer = {
    ...conclude('session_not_found', RULES, 8_000, false),
    attempts: durations.map((durationMs) => attemptWith({ reason: 'session_not_found', durationMs })),
    ...{ faultCode: String(shown['faultCode']), faultString: String(shown['faultString']) },
    servedBy: 'probe',
    isKnownDown: false,
    elapsedMs: Number(shown['elapsedMs']),
  } as const;
  const word = (name: string): string => String(shown[name]);
  const ids = { caller: word('caller'), probeId: word('probeId'), requestId: word('requestId'), interactionId: word('interactionId') };
  const probe = { ...ids, target: word('target'), policy: word('policy'), chatServer: word('chatServer') };
  const about = { computed: 'stop', withheld: null, shadowVerdict: null, simulated: false } as const;
  return { type: 'probe_answered', probe, probeId: probe.probeId, answer, ...about };
}

/** How a line differs from what the page says of it. */
function breaches({ level, time: _time, msg, ...fields }: Line): readonly string[] {
  const documented = LINES.get(String(msg));
  if (documented === undefined) return [`unknown message ${msg}`];
  const { levels, always, sometimes } = documented;
  return [
    ...(levels.includes(String(level)) ? [] : [`level ${level}`]),
    ...always.filter((field) => !(field in fields)).map((field) => `no ${field}`),
    ...Object.entries(fields).flatMap(([field, value]) => {
      if (![...always, ...sometimes].includes(field)) return [`unknown field ${field}`];
      return FIELDS.get(field)?.includes(typeOf(value)) === true ? [] : [`${field} is of type ${typeOf(value)}`];
    }),
  ];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function literalMessages(source: string): readonly { readonly level: string; readonly message: string }[] {
  const calls = source.matchAll(/\blog(?:ger)?\.(fatal|error|warn|info|debug|trace)\(\s*(?:\{[^']*\},\s*)?'([^']+)',?\s*\)/g);
  return [...calls].map(([, level = '', message = '']) => ({ level, message }));
}
