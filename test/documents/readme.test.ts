import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { blocks, table, text } from '../support/pages.ts';
import { answersOf, curlExamples, withoutChance } from '../support/pasted-curl.ts';

const README = text('README.md');

describe('README.md', () => {
  it('explains the kinds of evidence as docs/reference.md does', () => {
    expect(table(README, 'Evidence', 'It means')).toEqual(table(text('docs/reference.md'), 'Evidence', 'It means'));
  });

  it('shows the answers that its curl lines get', async () => {
    const examples = curlExamples(README);
    expect(examples).toHaveLength(6);
    const answers = await answersOf(examples);
    expect(withoutChance(answers)).toEqual(withoutChance(examples.map(({ answer }) => ({ status: 200, answer }))));
  });

  it('shows settings that the service accepts', () => {
    const lines = blocks(README, 'sh').filter((block) => block.includes('CHATPROBE_'));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const env = Object.fromEntries([...line.matchAll(/(CHATPROBE_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
      const loaded = loadConfig(env, () => ({ ok: false, detail: 'ENOENT' }));
      expect(loaded.ok ? [] : loaded.problems).toEqual([]);
    }
  });

  it('is short enough to be read: the tables stand in docs/', () => {
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
  });
});
