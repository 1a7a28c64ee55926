import type { CheckResult, ConformanceReport } from './report.ts';
import { isConformant } from './report.ts';

const WORDS = { passed: 'passed', failed: 'FAILED', skipped: 'skipped', not_run: 'not run' } as const;

/** A report for a person at a terminal. Ends with a line break. */
export function reportText(report: ConformanceReport): string {
  const { url, passed, failed, skipped, notRun, requests, messagesToLive, elapsedMs } = report;
  const width = Math.max(...report.checks.map(({ id }) => id.length));
  return [
    `Gateway ${url}`,
    '',
    ...report.checks.flatMap((check) => linesOf(check, width)),
    '',
    `${passed} passed, ${failed} failed, ${skipped} skipped${notRun === 0 ? '' : `, ${notRun} not run`}.`,
    `${requests} requests in ${(elapsedMs / 1_000).toFixed(1)} s; ${messagesToLive} messages to the live chat.`,
    conclusion(report),
    '',
  ].join('\n');
}

/** Claims no more than was tested. */
function conclusion(report: ConformanceReport): string {
  if (!isConformant(report)) return 'The gateway does not keep the contract.';
  const { passed, skipped, checks } = report;
  if (skipped === 0) return 'The gateway kept every promise that is tested here.';
  return `The gateway kept the ${passed} of ${checks.length} promises that were tested. Of the ${skipped} that were skipped nothing is known.`;
}

function linesOf({ id, title, promise, source, status, detail, exchanges }: CheckResult, width: number): readonly string[] {
  const aside = status === 'failed' || detail === null ? '' : ` (${detail})`;
  const line = `  ${WORDS[status].padEnd(7)}  ${id.padEnd(width)}  ${title}${aside}`;
  if (status !== 'failed') return [line];
  const shown = exchanges.flatMap(({ sent, received }) => [...bytes('sent', sent), ...bytes('received', received)]);
  return [line, `    promise (${source}): ${promise}`, `    broken: ${detail}`, ...shown];
}

function bytes(name: string, text: string): readonly string[] {
  if (text === '') return [`    ${name}: nothing`];
  return [
    `    ${name}:`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `      | ${line}`.trimEnd()),
  ];
}
