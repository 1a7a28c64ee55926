import { expect, it } from 'vitest';
import { isReason, REASON_NAMES } from '../../src/probe/reasons.ts';

it('lists the reasons of the contract, those of outages, and no others', () => {
  expect(REASON_NAMES).toEqual([
    'delivered',
    'session_offline',
    'session_not_found',
    'session_not_found_by_type',
    'session_may_have_moved',
    'chat_server_not_found',
    'fault_unrecognised',
    'error_unrecognised',
    'timeout',
    'connect_refused',
    'connection_reset',
    'dns_failure',
    'tls_failure',
    'gateway_error',
    'gateway_auth',
    'gateway_misrouted',
    'gateway_busy',
    'protocol_error',
    'reply_mismatch',
    'deadline',
    'unconfirmed',
    'overloaded',
    'draining',
    'gateway_open',
    'retry_suppressed',
    'message_limit',
    'internal_error',
  ]);
});

it('does not take what objects inherit for a reason', () => {
  expect([isReason('delivered'), isReason('toString'), isReason('')]).toEqual([true, false, false]);
});
