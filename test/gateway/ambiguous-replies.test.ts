import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/gateway/read-answer.ts';
import { classify } from '../../src/probe/attempt.ts';
import replies from '../fixtures/esp-replies.json' with { type: 'json' };
import { espRequest } from '../support/esp-request.ts';
import { RULES } from '../support/samples.ts';

const { request: _, ...REPLIES } = replies;
const OURS = '0006Ka9HFHRR0T2B';
const OTHER = '02JH8H2FE3Q3T00E';
/** Whatever is not one of these proves nothing and stops nothing. */
const NO_PROOF = ['protocol_error', 'reply_mismatch'];

/** Objects as they are written: with a list of pairs a key can come twice. */
type Pairs = readonly (readonly [string, unknown])[];

const reasonOf = (text: string): string => {
  const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  return classify(espRequest(), ['InteractionId', 'Id'], readAnswer(answer, 0), { ...RULES, ha: false }, false);
};

const fixture = fc.constantFrom(...Object.values(REPLIES));
const anyId = fc.constantFrom(OURS, OTHER, 1, null);
const anyValue = fc.oneof(fc.constantFrom(7, 1, '1', '100', 'Chat', 'Message', null, 'Not found by name'), fc.jsonValue());
const inFront = fc.boolean();

/** Writes a key at random in one of the ways that JSON has for it. */
const keyWriter = fc.boolean().map((isEscaped) => (key: string) => {
  if (!isEscaped) return JSON.stringify(key);
  return `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(key.slice(1)).slice(1)}`;
});

describe('a reply that can be read in two ways proves nothing', () => {
  it('whichever key that matters stands twice, with whatever value, however it is written', () => {
    const places: readonly Pairs[] = [
      ['messageName', 'referenceId', 'request', 'userData', 'errorCode', 'errorMessage', 'errorDescription'].map((key) => [key, '']),
      ['Service', 'Method', 'Parameters', 'FaultCode'].map((key) => [key, 'request']),
      [['FaultCode', 'request.Parameters']],
      ['InteractionId', 'Id', 'interactionid', 'ID'].map((key) => [key, 'userData']),
      [['Id', 'userData.Nested']],
      [['InteractionId', 'request.UserData']],
    ];
    const place = fc.constantFrom(...places.flat());
    fc.assert(
      fc.property(fixture, place, anyValue, anyValue, inFront, keyWriter, (reply, [key, path], first, second, isFirst, write) => {
        const original = valueAt(reply, String(path), key);
        const pairs: Pairs = isFirst
          ? [
              [key, first],
              [key, original ?? second],
            ]
          : [
              [key, original ?? second],
              [key, first],
            ];
        expect(NO_PROOF).toContain(reasonOf(withPairs(reply, String(path).split('.').filter(Boolean), pairs, write)));
      }),
    );
  });

  it('wherever the id of another chat stands in it', () => {
    const key = fc.constantFrom('InteractionId', 'Id', 'INTERACTIONID', 'id');
    const { wrapped } = fc.letrec<{ wrapped: (inner: unknown) => unknown }>((tie) => ({
      wrapped: fc.oneof(
        { maxDepth: 8 },
        fc.constant((inner: unknown) => inner),
        tie('wrapped').map((outer) => (inner: unknown) => outer({ Nested: inner, Other: 1 })),
        tie('wrapped').map((outer) => (inner: unknown) => outer([1, inner])),
      ),
    }));
    const where = fc.constantFrom('userData', 'request');
    fc.assert(
      fc.property(fixture, where, key, wrapped, anyId, (reply, part, idKey, wrap, beside) => {
        const before = Object(valueAt(reply, '', part));
        const text = JSON.stringify({ ...reply, [part]: { ...before, X: wrap({ a: { Id: beside }, [idKey]: OTHER }) } });
        expect(reasonOf(text)).toBe('reply_mismatch');
      }),
    );
  });

  it('while what is only written in another way is read as ever', () => {
    fc.assert(
      fc.property(fixture, keyWriter, (reply, write) => {
        expect(
          reasonOf(
            withPairs(
              reply,
              [],
              [
                ['somethingElse', 1],
                ['somethingElse', 2],
              ],
              write,
            ),
          ),
        ).toBe(reasonOf(JSON.stringify(reply)));
      }),
    );
    expect(Object.values(REPLIES).map((reply) => reasonOf(JSON.stringify(reply)))).toEqual([
      'delivered',
      'session_not_found',
      'chat_server_not_found',
      'chat_server_not_found',
      'fault_unrecognised',
      'error_unrecognised',
    ]);
  });

  it('however deep it is nested', () => {
    const deep = `${'{"a":'.repeat(10_000)}{"Id":"${OTHER}"}${'}'.repeat(10_000)}`;
    expect(reasonOf(JSON.stringify({ ...REPLIES.delivered, userData: null }).replace('null', deep))).toBe('protocol_error');
  });
});

describe('a response that carries a fault code', () => {
  it('is never delivered, whatever the code is', () => {
    fc.assert(
      fc.property(
        anyValue.filter((code) => code !== null),
        (FaultCode) => {
          const reply = { ...REPLIES.delivered, request: { ...REPLIES.delivered.request, Parameters: { FaultCode } } };
          const fault = { ...reply, messageName: 'Event3rdServerFault' };
          const reason = reasonOf(JSON.stringify(reply));
          expect(reason).not.toBe('delivered');
          expect(reason).toBe(reasonOf(JSON.stringify(fault)));
        },
      ),
    );
  });
});

function valueAt(reply: object, path: string, key: string): unknown {
  let at: unknown = reply;
  for (const name of [...path.split('.').filter(Boolean), key]) at = Object.entries(at ?? {}).find(([each]) => each === name)?.[1];
  return at;
}

/** The text of a reply in which these pairs stand in place of their key, in the object at a path. */
function withPairs(reply: object, path: readonly string[], pairs: Pairs, write: (key: string) => string): string {
  const [next, ...rest] = path;
  const [[key] = ['']] = pairs;
  const entries = Object.entries(reply).filter(([name]) => name !== next && (next !== undefined || name !== key));
  const plain = entries.map(([name, value]) => `${write(name)}:${JSON.stringify(value)}`);
  if (next === undefined) return `{${[...plain, ...pairs.map(([name, value]) => `${write(name)}:${JSON.stringify(value)}`)].join(',')}}`;
  const inner: unknown = valueAt(reply, '', next) ?? {};
  return `{${[...plain, `${write(next)}:${withPairs(inner as object, rest, pairs, write)}`].join(',')}}`;
}
