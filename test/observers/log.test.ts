import { describe, expect, it } from 'vitest';
import { logProbes, logRefusals } from '../../src/observers/log.ts';
import { createLogger } from '../../src/observers/logger.ts';
import type { ProbeIdentity } from '../../src/probe/probe-order.ts';
import { conclude, type ProbeResult } from '../../src/probe/verdict.ts';
import type { ProbeAnswered } from '../../src/resilience/events.ts';
import { inOrder } from '../support/probe-run.ts';
import { attemptWith, RULES } from '../support/samples.ts';
import { AS_USER_DATA, plantedIn, SECRETS, USER_DATA } from '../support/secrets.ts';
import { startedService } from '../support/service.ts';

const PROBE: ProbeIdentity = {
  probeId: 'p',
  requestId: 'r',
  caller: 'workflow',
  interactionId: 'i',
  target: 'default',
  policy: 'inline',
  chatServer: null,
};

function logged(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(level, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { lines, logger, observe: logProbes(logger) };
}

const answered = (answer: ProbeResult, fields: Partial<ProbeAnswered> = {}): ProbeAnswered => ({
  type: 'probe_answered',
  probe: PROBE,
  probeId: 'p',
  answer,
  computed: answer.verdict,
  withheld: null,
  shadowVerdict: null,
  simulated: false,
  ...fields,
});

const resultOf = (reason: Parameters<typeof conclude>[0], attempts = [attemptWith({ reason, durationMs: 1.6 })]): ProbeResult => ({
  ...conclude(reason, RULES, 8_000, false),
  attempts,
  faultCode: null,
  faultString: null,
  servedBy: 'probe',
  isKnownDown: false,
  elapsedMs: 12.4,
});

describe('an answered request', () => {
  it('is one line that tells what was answered and why, and can be read alone', () => {
    const { lines, observe } = logged();
    observe({ type: 'probe_started', probe: PROBE });
    observe({ type: 'attempt_finished', probe: PROBE, attempt: attemptWith({}) });
    observe({ type: 'probe_finished', probe: PROBE, result: resultOf('session_not_found') });
    const result = { ...resultOf('session_not_found'), faultCode: '100', faultString: 'x'.repeat(300), verdict: 'route' } as const;
    observe(answered(result, { computed: 'stop', withheld: 'mass_stop', shadowVerdict: 'route', probeId: 'of-another' }));
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        msg: 'probe finished',
        requestId: 'r',
        probeId: 'of-another',
        caller: 'workflow',
        interactionId: 'i',
        target: 'default',
        policy: 'inline',
        chatServer: null,
        answered: 'route',
        verdict: 'stop',
        evidence: 'dead',
        reason: 'session_not_found',
        degraded: false,
        guarded: true,
        cause: 'mass_stop',
        shadow: 'route',
        simulated: false,
        servedBy: 'probe',
        faultCode: '100',
        faultString: 'x'.repeat(256),
        attempts: 1,
        attemptsMs: [2],
        elapsedMs: 12,
        explanation: expect.stringMatching(/^Routed although the probe found the chat dead: .*\(guard\)\./),
      },
    ]);
  });

  it.each([
    ['delivered', 'info'],
    ['chat_server_not_found', 'info'],
    ['session_offline', 'info'],
    ['timeout', 'warn'],
    ['gateway_auth', 'warn'],
  ] as const)('for %s is logged at %s', (reason, level) => {
    const { lines, observe } = logged();
    observe(answered(resultOf(reason)));
    expect(lines[0]?.['level']).toBe(level);
  });

  it('tells what failed on the way', () => {
    const { lines, observe } = logged();
    observe(answered(resultOf('gateway_error', [attemptWith({ detail: 'HTTP 503' })])));
    expect(lines[0]).toMatchObject({ detail: 'HTTP 503' });
  });

  it('is silent below the log level', () => {
    const { lines, observe } = logged('error');
    observe(answered(resultOf('delivered')));
    expect(lines).toEqual([]);
  });

  it('is told or not as the level is at that moment', () => {
    const { lines, logger, observe } = logged('error');
    logger.level = 'warn';
    observe(answered(resultOf('delivered')));
    observe(answered(resultOf('timeout')));
    logger.level = 'info';
    observe(answered(resultOf('delivered')));
    expect(lines.map(({ reason }) => reason)).toEqual(['timeout', 'delivered']);
  });

  it('whose stop is only not enforced is not called guarded', () => {
    const { lines, observe } = logged();
    observe(answered(resultOf('delivered'), { computed: 'stop', withheld: 'shadow', shadowVerdict: 'stop' }));
    expect(lines[0]).toMatchObject({ guarded: false, cause: 'shadow', shadow: 'stop' });
  });
});

it('a Chat Server name as long as a body is cut', () => {
  const { lines, observe } = logged();
  const probe = { ...PROBE, chatServer: 'x'.repeat(60_000) };
  observe(answered(resultOf('delivered'), { probe }));
  observe({ type: 'probe_cancelled', probe, attempts: 0, elapsedMs: 0 });
  expect(lines.map((line) => String(line['chatServer']).length)).toEqual([256, 256]);
});

it('a caller who hung up is one line', () => {
  const { lines, observe } = logged();
  observe({ type: 'probe_cancelled', probe: PROBE, attempts: 2, elapsedMs: 7.7 });
  expect(lines).toEqual([
    expect.objectContaining({ level: 'info', interactionId: 'i', attempts: 2, elapsedMs: 8, msg: 'probe cancelled: the caller hung up' }),
  ]);
});

it('a fault of ours is an error with its stack', () => {
  const { lines, observe } = logged();
  observe({ type: 'fault', requestId: 'r', fault: new Error('bug') });
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'error',
      requestId: 'r',
      err: expect.objectContaining({ message: 'bug', stack: expect.any(String) }),
    }),
  ]);
});

it('a refused request is one line naming problem and field, an answered one none', () => {
  const { lines, logger } = logged();
  const log = logRefusals(logger);
  log({ route: '/x', method: 'POST', code: 200, requestId: 'r', caller: 'workflow', problem: null });
  log({ route: '/x', method: 'POST', code: 400, requestId: 'r', caller: 'workflow', problem: { code: 'invalid_id', field: 'id' } });
  log({ route: '/x', method: 'POST', code: 404, requestId: 'r', caller: 'workflow', problem: { code: 'unknown_route', field: null } });
  expect(lines).toEqual([
    expect.objectContaining({ level: 'info', requestId: 'r', caller: 'workflow', code: 400, problem: 'invalid_id', field: 'id' }),
    expect.objectContaining({ level: 'info', requestId: 'r', code: 404, problem: 'unknown_route', field: null }),
  ]);
});

describe('secrets', () => {
  it.each([
    [{ token: SECRETS.apiToken }],
    [{ apiToken: SECRETS.apiToken }],
    [{ config: { token: SECRETS.apiToken, gateway: { token: SECRETS.apiToken } } }],
    [{ headers: { authorization: `Bearer ${SECRETS.apiToken}` } }],
    [{ req: { headers: { authorization: SECRETS.apiToken } } }],
    [{ userData: { Phone: USER_DATA.phone } }],
    [{ order: { userData: { Phone: USER_DATA.phone } } }],
  ])('are struck out whoever logs them: %j', (fields) => {
    const { lines, logger } = logged();
    logger.info(fields, 'careless');
    expect(plantedIn(JSON.stringify(lines))).toEqual([]);
    expect(JSON.stringify(lines)).toContain('[redacted]');
  });

  it('are no part of what is told of a fault, whatever a library hangs on it', () => {
    const { lines, logger } = logged();
    const request = { headers: { authorization: `Bearer ${SECRETS.apiToken}` }, body: USER_DATA.text };
    const cause = Object.assign(new Error('inner'), { rawPacket: Buffer.from(SECRETS.apiToken) });
    logger.error({ err: Object.assign(new Error('outer', { cause }), { code: 'E_OUTER', request, input: SECRETS.apiToken }) }, 'fault');
    logger.error(Object.assign(new TypeError('bare'), request));
    logger.error({ err: { anything: SECRETS.apiToken } }, 'no error at all');
    expect(plantedIn(JSON.stringify(lines))).toEqual([]);
    expect(lines).toMatchObject([
      { err: { type: 'Error', message: 'outer: inner', code: 'E_OUTER', stack: expect.stringContaining('caused by: Error: inner') } },
      { err: { type: 'TypeError', message: 'bare' }, msg: 'bare' },
      { err: '[redacted]' },
    ]);
  });

  it('and user data never reach the log of a whole run', async () => {
    const service = await startedService({ env: { CHATPROBE_API_TOKEN: SECRETS.apiToken }, turns: inOrder('delivered', 'auth', 'throws') });
    const ask = (authorization: string) =>
      service.server.inject({
        method: 'POST',
        url: `/interactions/0006Ka9HFHRR0T2B/probe?secret=${SECRETS.misplaced}`,
        headers: { authorization, 'x-request-id': 'asked-by-me' },
        payload: { userData: AS_USER_DATA, attempts: USER_DATA.card },
      });
    const good = (extra: object) =>
      service.server.inject({
        method: 'POST',
        url: '/interactions/0006Ka9HFHRR0T2B/probe',
        headers: { authorization: `Bearer ${SECRETS.apiToken}`, 'x-request-id': 'asked-by-me' },
        payload: { userData: AS_USER_DATA, ...extra },
      });
    await ask(`Bearer ${SECRETS.wrongToken}`);
    await ask(`Bearer ${SECRETS.apiToken}`);
    for (let n = 0; n < 3; n += 1) await good({});
    await good({ userData: { [USER_DATA.nestedKey]: true } });
    await service.server.close();
    const text = JSON.stringify(service.logLines());
    expect(plantedIn(text)).toEqual([]);
    expect(service.logLines().filter(({ requestId }) => requestId === 'asked-by-me').length).toBeGreaterThanOrEqual(6);
  });
});
