import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { NEEDS } from '../../lab/conformance/check.ts';
import { readCheckOptions } from '../../lab/conformance/check-options.ts';
import { CHECK_GATEWAY_USAGE, DURATIONS } from '../../lab/conformance/check-usage.ts';
import { checks } from '../../lab/conformance/checks.ts';
import { reportText } from '../../lab/conformance/report-text.ts';
import { UNREADABLE } from '../../src/gateway/psdk-json.ts';
import { readAnswer } from '../../src/gateway/read-answer.ts';
import { realClock } from '../../src/probe/clock.ts';
import fixtures from '../fixtures/esp-replies.json' with { type: 'json' };
import { startPlantedGateway } from './planted-gateway.ts';
import { replying, withFaultCode } from './plants.ts';
import { runKit } from './run-kit.ts';

const PAGE = readFileSync(new URL('../../docs/gateway.md', import.meta.url), 'utf8');
const NONE = '-';

it('lists every check with what it needs, in the order of a run, and no other', () => {
  const listed = table('Check | Passes if | Needs');
  expect(listed).toEqual(
    checks(realClock).map(({ id, title, needs }) => [id, title, needs.length === 0 ? NONE : needs.map((need) => NEEDS[need]).join(', ')]),
  );
});

it('lists every option with its default and range, and no other', () => {
  const listed = table('Option | Default | Range | Meaning').map(([name, preset, range]) => [name, preset, range]);
  const refused = readCheckOptions(['--no-such-option']);
  const [, names = ''] = (refused.run === 'refuse' ? refused.problems : []).join('\n').match(/known are (.*)$/m) ?? [];
  expect([...listed].sort()).toEqual(
    names
      .split(', ')
      .map((name) => [name, presetOf(name), rangeOf(name)])
      .sort(),
  );
});

it('names every exit code that the usage names', () => {
  const [, told = ''] = CHECK_GATEWAY_USAGE.match(/^Exit codes: (.*)$/m) ?? [];
  expect(table('Exit code | It means').map(([code]) => code)).toEqual([...told.matchAll(/\b\d+\b/g)].map(([code]) => code));
});

it('tells what the service calls each status, and for which it heeds Retry-After', () => {
  const rows = table('Status | When to answer so | We call it | And then');
  const read = rows.flatMap(([statuses = '', when = '', reason = '']) =>
    statuses.split(', ').map((status) => ({ status: Number(status), reason, retryAfterMs: when.includes('Retry-After') ? 7_000 : null })),
  );
  expect(read.length).toBeGreaterThan(10);
  const really = read.map(({ status }) => {
    const outcome = readAnswer({ status, headers: { 'retry-after': '7' }, body: new Uint8Array() }, 0);
    return outcome.kind === 'failure' ? { status, reason: outcome.reason, retryAfterMs: outcome.retryAfterMs } : null;
  });
  expect(read).toEqual(really);
});

it('tells every word that the log has for a reply that cannot be read in one way', () => {
  const told = table('Rule | Else | `detail`').flatMap(([, , details = '']) => details.split(', ').filter((detail) => detail !== ''));
  expect([...new Set(told)].sort()).toEqual([...UNREADABLE, 'TOO_DEEP'].sort());
});

it('shows the request and each kind of reply as the fixtures have them', () => {
  const shown = [...PAGE.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, block = '']): unknown => JSON.parse(block));
  const { request, delivered, sessionNotFound, chatServerNotFoundByName, unrecognisedFault } = fixtures;
  const messages = [request, delivered, sessionNotFound, chatServerNotFoundByName, unrecognisedFault];
  expect(shown).toEqual([...messages, { interactionServer: 'connected' }]);
});

it('shows a report as the kit prints it', async () => {
  const gateway = await startPlantedGateway(replying((reply) => withFaultCode(reply, 100)));
  const report = await runKit(gateway.url);
  await gateway.close();
  const printed = reportText(report).replaceAll(new URL(gateway.url).host, 'gw-1:9190');
  const [, shown = ''] = PAGE.match(/^```text\n(Gateway [\s\S]*?)^```$/m) ?? [];
  const parts = shown.split('...\n');
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.filter((part) => !printed.includes(part))).toEqual([]);
});

it('tags what it says about Genesys, and uses the four tags alone', () => {
  const tags = [...PAGE.matchAll(/\[([A-Z])\](?!\()/g)].map(([, tag]) => tag);
  expect([...new Set(tags)].sort()).toEqual(['D', 'I', 'S', 'U']);
});

function presetOf(name: string): string {
  const read = readCheckOptions(['http://gw-1:9190', '--allow-skips']);
  if (read.run !== 'check') throw new Error('that must do');
  if (isDuration(name)) return String(DURATIONS[name].preset);
  if (name === '--text') return read.options.messageText;
  return name === '--id-keys' ? read.options.idKeys.join(',') : NONE;
}

function rangeOf(name: string): string {
  return isDuration(name) ? `${DURATIONS[name].least} to ${DURATIONS[name].most}` : NONE;
}

function isDuration(name: string): name is keyof typeof DURATIONS {
  return Object.hasOwn(DURATIONS, name);
}

/** The cells of the table with this header, without the marks of code. */
function table(header: string): string[][] {
  const [, rest = ''] = PAGE.split(`| ${header} |\n`);
  const rows = rest.split('\n').slice(1);
  return rows
    .slice(
      0,
      rows.findIndex((row) => !row.startsWith('|')),
    )
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}
