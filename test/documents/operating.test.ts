import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { WITHHOLDINGS } from '../../src/resilience/events.ts';
import { bare, blocks, table, text } from '../support/pages.ts';
import { answersOf, curlExamples, withoutChance } from '../support/pasted-curl.ts';

const PAGE = text('docs/operating.md');

interface AlertRule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
}

describe('docs/operating.md', () => {
  it('shows a configuration file that the service accepts', () => {
    const [example = ''] = blocks(PAGE, 'yaml');
    const read = (path: string) => ({ ok: true, text: path === 'example' ? example : 'a-secret' }) as const;
    const loaded = loadConfig({ CHATPROBE_CONFIG: 'example' }, read);
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  });

  it('lists every cause for which a stop is withheld, and no other', () => {
    expect(table(PAGE, 'Cause', 'The stop is withheld because').map(([cause = '']) => bare(cause))).toEqual(WITHHOLDINGS);
  });

  it('lists every alert with its severity, and no other', () => {
    const groups: readonly { readonly rules: readonly AlertRule[] }[] = parse(text('deploy/alerts.yml')).groups;
    const rules = groups.flatMap((group) => group.rules.map(({ alert, labels }) => [alert, labels.severity]));
    const rows = table(PAGE, 'Alert', 'Severity').map(([name = '', severity]) => [bare(name), severity]);
    expect(rows.sort()).toEqual(rules.sort());
  });

  it('shows the answer that its curl line gets', async () => {
    const examples = curlExamples(PAGE);
    expect(examples).toHaveLength(1);
    const answers = await answersOf(examples);
    expect(withoutChance(answers)).toEqual(withoutChance(examples.map(({ answer }) => ({ status: 200, answer }))));
  });
});
