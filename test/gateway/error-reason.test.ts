import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { brokenBecause } from '../../src/gateway/error-reason.ts';

describe('an error of the connection', () => {
  it.each([
    ['connect_refused', ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN', 'ENETDOWN', 'EACCES', 'EPERM']],
    ['dns_failure', ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA']],
    [
      'tls_failure',
      ['EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ],
    [
      'tls_failure',
      ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'HOSTNAME_MISMATCH', 'INVALID_CA', 'CRL_HAS_EXPIRED'],
    ],
    ['tls_failure', ['ERR_OSSL_PEM_NO_START_LINE', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED', 'ERROR_IN_CERT_NOT_AFTER_FIELD']],
    ['timeout', ['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']],
    ['connection_reset', ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'SOMETHING_NEW']],
    ['protocol_error', ['HPE_INVALID_CONSTANT', 'UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']],
  ])('becomes %s by its code: %s', (reason, codes) => {
    for (const detail of codes) expect(brokenBecause(withCode(detail))).toEqual({ reason, detail });
  });

  it('of several addresses is read by the first of them', () => {
    expect(brokenBecause(new AggregateError([withCode('ETIMEDOUT'), withCode('ECONNREFUSED')]))).toEqual({
      reason: 'timeout',
      detail: 'ETIMEDOUT',
    });
  });

  it.each([
    ['an error without a code', new Error('secret')],
    ['an error with a code that is not text', Object.assign(new Error('secret'), { code: 5 })],
    ['several errors without a code', new AggregateError([new Error('secret')])],
    ['several errors of no kind', new AggregateError(['secret'])],
    ['no error at all', 'secret'],
  ])('never shows more than a code: %s', (_, error) => {
    expect(brokenBecause(error)).toEqual({ reason: 'connection_reset', detail: 'UNKNOWN' });
  });

  it.each(['bad response', 'bad upgrade'])('in which undici refuses an answer is the protocol, not the connection: %s', (message) => {
    expect(brokenBecause(new errors.SocketError(message))).toEqual({ reason: 'protocol_error', detail: 'UND_ERR_SOCKET' });
  });

  it('of the parser is the protocol, with or without a code', () => {
    expect(brokenBecause(new errors.HTTPParserError('secret'))).toEqual({ reason: 'protocol_error', detail: 'NOT_HTTP' });
  });
});

function withCode(code: string): Error {
  return Object.assign(new Error('connect to somewhere secret'), { code });
}
