import { describe, expect, it } from 'vitest';
import { attemptOf, type Observation, readObservation } from '../../src/probe/observation.ts';
import type { ProbeOrder } from '../../src/probe/probe-order.ts';
import type { OutcomePatterns, TargetRules } from '../../src/probe/target.ts';
import { CONFIRMED, DOWN, LOST, observation } from '../resilience/observed-rig.ts';
import { orderWith } from '../support/samples.ts';
import { adapterThat, outcomeOf } from '../support/scripted-adapter.ts';

const adapter = adapterThat(async (request) => outcomeOf('delivered', request));
const read = (fields: Partial<Observation>, rules: Partial<TargetRules> = {}, order: Partial<ProbeOrder> = {}, mayHaveMoved = false) =>
  readObservation(observation(fields), orderWith(adapter, order, { patterns: CONFIRMED, ...rules }), mayHaveMoved);
const patterns = (fields: Partial<OutcomePatterns>) => ({ patterns: { ...CONFIRMED, ...fields } });

describe('what a workflow tells', () => {
  it.each<[string, Partial<Observation>, string]>([
    ['a confirmed text of a lost session', { texts: [`Fault: ${LOST}`] }, 'session_not_found'],
    ['one of several texts', { texts: ['error.externalservice', DOWN] }, 'chat_server_not_found'],
    ['a text in JSON', { trees: [{ event: [{ errorMessage: DOWN }] }] }, 'chat_server_not_found'],
    ['a confirmed text by the normal port', { outcome: 'done', texts: [LOST] }, 'session_not_found'],
    ['a text that is not known', { texts: ['no route'] }, 'error_unrecognised'],
    ['nothing at all', {}, 'error_unrecognised'],
    ['texts that mean two things', { texts: [LOST, DOWN] }, 'error_unrecognised'],
    ['no answer in time, whatever else', { outcome: 'timeout', texts: [LOST] }, 'timeout'],
    ['a normal end', { outcome: 'done' }, 'delivered'],
    ['the same by the error port', { outcome: 'error', texts: ['ok'] }, 'error_unrecognised'],
    [
      'a normal end with the code of a fault in JSON',
      { outcome: 'done', trees: [{ Parameters: { FaultCode: '100' } }] },
      'session_not_found',
    ],
    ['a normal end with that code as a number', { outcome: 'done', trees: [{ faultcode: 100 }] }, 'session_not_found'],
    ['a normal end with that code in a text', { outcome: 'done', texts: [`'FaultCode' [str] = "100"`] }, 'session_not_found'],
    ['a code that is not known', { outcome: 'done', texts: ['FaultCode=200'] }, 'fault_unrecognised'],
    ['a longer code', { outcome: 'done', texts: ['FaultCode=1001'] }, 'fault_unrecognised'],
    ['two codes', { texts: ['FaultCode=100'], trees: [{ FaultCode: 101 }] }, 'fault_unrecognised'],
    ['a code that cannot be read', { outcome: 'done', trees: [{ FaultCode: ['100'] }] }, 'fault_unrecognised'],
    ['a code that came twice', { trees: [{ FaultCode: '100' }], repeatedKeys: ['faultCode'] }, 'fault_unrecognised'],
    ['the mention of a code', { outcome: 'done', texts: ['there was a FaultCode'] }, 'fault_unrecognised'],
    ['no code where there is null', { outcome: 'done', trees: [{ FaultCode: null }] }, 'delivered'],
    ['a code in user data, which may hold what it likes', { outcome: 'done', trees: [{ userData: { FaultCode: '100' } }] }, 'delivered'],
    ['a lost session beside a text that means another thing', { trees: [{ FaultCode: '100', errorMessage: DOWN }] }, 'fault_unrecognised'],
    ['a code that is none of a lost session beside its text', { texts: [LOST, 'FaultCode=7'] }, 'fault_unrecognised'],
    ["another chat's id", { outcome: 'done', trees: [{ userData: { InteractionId: '0000GaBNKN2Q0021' } }] }, 'reply_mismatch'],
    ['an id that came twice', { outcome: 'done', repeatedKeys: ['Id'] }, 'protocol_error'],
  ])('%s', (_name, fields, reason) => {
    expect(read(fields).reason).toBe(reason);
  });

  it('proves nothing that the site has not confirmed, a code neither', () => {
    const unconfirmed = { patterns: { sessionNotFound: [], chatServerNotFound: [], delivered: [] } };
    expect(read({ texts: [LOST] }, unconfirmed).reason).toBe('error_unrecognised');
    expect(read({ texts: [DOWN] }, unconfirmed).reason).toBe('error_unrecognised');
    expect(read({ outcome: 'done' }, unconfirmed).reason).toBe('error_unrecognised');
    expect(read({ trees: [{ FaultCode: '100' }] }, unconfirmed)).toMatchObject({ reason: 'fault_unrecognised', faultCode: '100' });
    expect(read({ trees: [{ FaultCode: '100' }] }, unconfirmed, { chatServer: null }).reason).toBe('fault_unrecognised');
    expect(read({ texts: [LOST] }, { patterns: undefined } as never).reason).toBe('error_unrecognised');
  });

  it('follows the rules of a probe: by type, and after a fall', () => {
    expect(read({ texts: [LOST] }, {}, { chatServer: null }).reason).toBe('session_not_found_by_type');
    expect(read({ texts: [LOST] }, { singleChatServer: true }, { chatServer: null }).reason).toBe('session_not_found');
    expect(read({ texts: [LOST] }, {}, {}, true).reason).toBe('session_may_have_moved');
    expect(read({ texts: [LOST] }, { ha: false }, {}, true).reason).toBe('session_not_found');
  });

  it('is delivered by a text that is confirmed for it, where not all are', () => {
    expect(read({ outcome: 'done', texts: ['message was sent'] }, patterns({ delivered: ['*was sent'] })).reason).toBe('delivered');
    expect(read({ outcome: 'done', texts: ['hm'] }, patterns({ delivered: ['*was sent'] })).reason).toBe('error_unrecognised');
    expect(read({ outcome: 'done', texts: [LOST, 'was sent'] }, patterns({ delivered: ['was sent', '*'] })).reason).toBe(
      'error_unrecognised',
    );
  });

  it('is shown masked, and so it is in the attempt', () => {
    const order = { userData: { Customer: { Name: 'Jane Doe' }, Tenant: 101 } };
    const fault = read({ texts: ['Jane Doe of 0006Ka9HFHRR0T2B: FaultCode=100'] }, {}, order);
    expect(fault.shown).toEqual(['# of #: FaultCode=100']);
    expect(attemptOf(fault, 2, 7)).toMatchObject({
      n: 2,
      startedMs: 7,
      faultCode: '100',
      faultString: '# of #: FaultCode=100',
      errorMessage: null,
    });
    expect(attemptOf(read({ texts: [DOWN] }), 1, 0)).toMatchObject({ faultCode: null, errorCode: 1, errorMessage: DOWN });
    expect(attemptOf(read({ texts: ['no route'] }), 1, 0)).toMatchObject({ errorCode: null, errorMessage: 'no route' });
    expect(attemptOf(read({ outcome: 'done', texts: ['fine'] }), 1, 0)).toMatchObject({ faultString: null, errorMessage: null });
  });

  it('shows no text of JSON but those that an answer has', () => {
    expect(read({ trees: ['plain', { Parameters: { FaultString: 'gone', Name: 'Jane' }, udata: { message: 'hers' } }] }).shown).toEqual([
      'plain',
      'gone',
    ]);
    expect(read({ trees: [{ a: { b: 'c' } }] }).shown).toEqual(['(nothing)']);
  });
});
