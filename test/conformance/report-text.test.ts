import { expect, it } from 'vitest';
import type { CheckResult, ConformanceReport } from '../../lab/conformance/report.ts';
import { isConformant } from '../../lab/conformance/report.ts';
import { reportText } from '../../lab/conformance/report-text.ts';

const PASSED: CheckResult = {
  id: 'health',
  title: 'it tells its health',
  promise: 'It does.',
  source: 'docs/gateway.md, "Health"',
  status: 'passed',
  detail: null,
  exchanges: [],
};
const FAILED: CheckResult = {
  ...PASSED,
  id: 'keep-alive',
  status: 'failed',
  detail: 'it closed',
  exchanges: [
    { sent: 'GET / HTTP/1.1\n\n', received: '' },
    { sent: 'POST / HTTP/1.1\n\n{}', received: 'HTTP/1.1 200 OK\n\n{}' },
  ],
};

function reportOf(checks: readonly CheckResult[], changes: Partial<ConformanceReport> = {}): ConformanceReport {
  const counts = { passed: 0, failed: 0, skipped: 0, notRun: 0, requests: 7, messagesToLive: 2, elapsedMs: 1_249 };
  return { url: 'http://gw', ...counts, checks, ...changes };
}

it('gives a line to each check, with what is worth knowing', () => {
  const skipped: CheckResult = { ...PASSED, id: 'reply', status: 'skipped', detail: 'needs --dead' };
  expect(reportText(reportOf([PASSED, { ...PASSED, detail: 'it says 503' }, skipped], { passed: 2, skipped: 1 }))).toBe(
    [
      'Gateway http://gw',
      '',
      '  passed   health  it tells its health',
      '  passed   health  it tells its health (it says 503)',
      '  skipped  reply   it tells its health (needs --dead)',
      '',
      '2 passed, 0 failed, 1 skipped.',
      '7 requests in 1.2 s; 2 messages to the live chat.',
      'The gateway kept the 2 of 3 promises that were tested. Of the 1 that were skipped nothing is known.',
      '',
    ].join('\n'),
  );
});

it('speaks of every promise only where none was skipped', () => {
  expect(reportText(reportOf([PASSED], { passed: 1 }))).toContain('\nThe gateway kept every promise that is tested here.\n');
});

it('tells of a broken promise what it is, where it stands, how it was broken, and the bytes of every exchange', () => {
  const text = reportText(reportOf([FAILED, { ...PASSED, status: 'not_run', detail: 'no time' }], { failed: 1, notRun: 1 }));
  expect(text).toContain(
    [
      '  FAILED   keep-alive  it tells its health',
      '    promise (docs/gateway.md, "Health"): It does.',
      '    broken: it closed',
      '    sent:',
      '      | GET / HTTP/1.1',
      '    received: nothing',
      '    sent:',
      '      | POST / HTTP/1.1',
      '      |',
      '      | {}',
      '    received:',
      '      | HTTP/1.1 200 OK',
      '      |',
      '      | {}',
      '  not run  health      it tells its health (no time)',
      '',
      '0 passed, 1 failed, 0 skipped, 1 not run.',
    ].join('\n'),
  );
  expect(text).toContain('\nThe gateway does not keep the contract.\n');
});

it.each([
  [{ passed: 3 }, true],
  [{ passed: 3, skipped: 1 }, true],
  [{ passed: 3, failed: 1 }, false],
  [{ passed: 3, notRun: 1 }, false],
])('of %j the gateway keeps the contract: %j', (counts, kept) => {
  expect(isConformant(reportOf([], counts))).toBe(kept);
});
