import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptSpanId, passedOn, readTraceContext, traceHeaders } from '../../src/probe/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${SPAN}-01`;

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits }).filter((text) => !/^0+$/.test(text));
const stateOf = (tracestate: unknown) => readTraceContext({ traceparent: GOOD, tracestate })?.state ?? null;

describe('traceparent', () => {
  it('is read as the standard has it', () => {
    expect(readTraceContext({ traceparent: GOOD })).toEqual({ traceId: TRACE, spanId: SPAN, flags: 1, state: null });
    expect(readTraceContext({ traceparent: `00-${TRACE}-${SPAN}-00` })?.flags).toBe(0);
  });

  it('of a later version is read as far as we know it, and passed on in ours', () => {
    for (const later of [`01-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-01-what-will-be`, `fe-${TRACE}-${SPAN}-01-`]) {
      const trace = passedOn({ traceparent: later });
      expect(trace && traceHeaders(trace, 1)).toEqual({ traceparent: GOOD, tracestate: null });
    }
  });

  it.each([
    ['nothing', undefined],
    ['empty', ''],
    ['a list of two', [GOOD, GOOD]],
    ['two in one line', `${GOOD}, ${GOOD}`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version 0', `0-${TRACE}-${SPAN}-01`],
    ['more after version 00', `${GOOD}-more`],
    ['a dash after version 00', `${GOOD}-`],
    ['something but a dash after the flags of a later version', `cc-${TRACE}-${SPAN}-01.more`],
    ['upper case in the trace', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['upper case in the version', `0A-${TRACE}-${SPAN}-01`],
    ['upper case in the flags', `00-${TRACE}-${SPAN}-0A`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a trace that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a trace that is too long', `00-${TRACE}a-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['one digit of flags', `00-${TRACE}-${SPAN}-1`],
    ['other digits', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
    ['underscores', GOOD.replaceAll('-', '_')],
    ['space before', ` ${GOOD}`],
    ['a line after', `${GOOD}\n`],
  ])('with %s counts for none', (_what, traceparent) => {
    expect(readTraceContext({ traceparent, tracestate: 'a=1' })).toBeNull();
    expect(passedOn({ traceparent, tracestate: 'a=1' })).toBeUndefined();
  });

  it('goes on unchanged but for flags that are reserved', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, flags) => {
        const written = (byte: number) => `00-${traceId}-${spanId}-${byte.toString(16).padStart(2, '0')}`;
        const trace = passedOn({ traceparent: written(flags) });
        expect(trace && traceHeaders(trace, 3)?.traceparent).toBe(written(flags & 3));
      }),
    );
  });

  it('never takes what one wrong character makes of a right one', () => {
    const wrong = fc.tuple(fc.integer({ min: 0, max: GOOD.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }));
    fc.assert(
      fc.property(wrong, ([at, character]) => {
        const text = GOOD.slice(0, at) + character + GOOD.slice(at + 1);
        const isRight = /^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text);
        expect(readTraceContext({ traceparent: text }) !== null).toBe(isRight);
      }),
    );
  });

  it('is read, or counts for none, whatever comes: it never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (traceparent, tracestate) => {
        const context = readTraceContext({ traceparent, tracestate });
        expect(context === null || /^[0-9a-f]{32}$/.test(context.traceId)).toBe(true);
      }),
    );
  });
});

describe('tracestate', () => {
  it.each([
    ['a=1', 'a=1'],
    ['a=1,b=2', 'a=1,b=2'],
    [' a=1 ,\tb=2\t', 'a=1,b=2'],
    ['a=1,,b=2,', 'a=1,b=2'],
    ['tenant@vendor=x y', 'tenant@vendor=x y'],
    ['0tenant=1', '0tenant=1'],
    ['a=!"#$&\'()*+-./:;<>?@[]^_`{|}~', 'a=!"#$&\'()*+-./:;<>?@[]^_`{|}~'],
  ])('%j goes on as %j', (given, passed) => {
    expect(stateOf(given)).toBe(passed);
  });

  it.each([
    '',
    ',',
    'a',
    'a=',
    '=1',
    'A=1',
    'a=1=2',
    'a b=1',
    'a=\u00e9',
    'a=1\u0000',
    'a=1,a=2',
    `${'a'.repeat(257)}=1`,
    `a=${'b'.repeat(257)}`,
    'a=1,B=2',
  ])('%j does not go on, the trace does', (given) => {
    expect(stateOf(given)).toBeNull();
    expect(readTraceContext({ traceparent: GOOD, tracestate: given })?.traceId).toBe(TRACE);
  });

  it('goes on with 32 members, and not with 33', () => {
    const members = (count: number) => Array.from({ length: count }, (_, n) => `k${n}=v`).join(',');
    expect(stateOf(members(32))).toBe(members(32));
    expect(stateOf(members(33))).toBeNull();
  });

  it('is cut where it has more than 512 characters: long members first, then from the end', () => {
    const long = `long=${'x'.repeat(200)}`;
    const short = (n: number) => `k${n}=${'y'.repeat(100)}`;
    const list = [short(1), long, short(2), short(3), short(4), short(5)].join(',');
    expect(stateOf(list)).toBe([1, 2, 3, 4].map(short).join(','));
    expect(stateOf([long, long.replace('long', 'lang'), long.replace('long', 'ling')].join(','))).toBeNull();
  });

  it('is never longer than 512 characters, nor other than a part of what came', () => {
    const member = fc
      .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 250 }))
      .map(([n, size]) => `k${n}=${'v'.repeat(size)}`);
    fc.assert(
      fc.property(fc.uniqueArray(member, { selector: (text) => text.split('=')[0], maxLength: 32 }), (members) => {
        const kept = stateOf(members.join(','))?.split(',') ?? [];
        expect(kept.join(',').length).toBeLessThanOrEqual(512);
        expect(members.filter((text) => kept.includes(text))).toEqual(kept);
        if (members.join(',').length <= 512) expect(kept).toEqual(members);
      }),
    );
  });
});

describe("an attempt's span", () => {
  it('has an id of its own that follows from that of its probe', () => {
    expect([1, 2].map((n) => attemptSpanId('00f067aa0ba902b7', n))).toEqual(['00f067aa0ba902b8', '00f067aa0ba902b9']);
    expect(attemptSpanId('00000001ffffffff', 1)).toBe('0000000100000000');
  });

  it('never has that of its probe, nor of another attempt', () => {
    fc.assert(
      fc.property(hex(16), (spanId) => {
        const ids = [spanId, ...Array.from({ length: 100 }, (_, n) => attemptSpanId(spanId, n + 1))];
        expect(new Set(ids).size).toBe(101);
        expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
      }),
    );
  });

  it('stands in the header, with the flags and the state of its trace', () => {
    const trace = { traceId: TRACE, flags: 1, state: 'a=1', callerSpanId: null, spanId: SPAN, startedAtMs: 0 };
    expect(traceHeaders(trace, 2)).toEqual({ traceparent: `00-${TRACE}-00f067aa0ba902b9-01`, tracestate: 'a=1' });
  });
});

it("a probe that is in no trace, neither its own nor its caller's, has no headers for one", () => {
  const nowhere = { traceId: 'a'.repeat(32), callerSpanId: null, spanId: null, flags: 0, state: null, startedAtMs: 0 };
  expect(traceHeaders(nowhere, 1)).toBeUndefined();
});
