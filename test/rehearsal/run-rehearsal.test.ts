import { describe, expect, it } from 'vitest';
import type { RehearsalReport } from '../../lab/rehearsal/rehearsal-report.ts';
import { runRehearsal } from '../../lab/rehearsal/run-rehearsal.ts';
import { scenariosIn } from '../../lab/simulator/scenario/scenario-files.ts';

const LIBRARY = scenariosIn(new URL('../../scenarios/', import.meta.url));

async function run(args: readonly string[], scenarios = LIBRARY) {
  const [printed, complained]: [string[], string[]] = [[], []];
  const written: Record<string, string> = {};
  const exitCode = await runRehearsal({
    args,
    scenarios,
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    open: (path) =>
      path.startsWith('gone/') ? { ok: false, problem: `${path}: no such folder` } : { ok: true, write: (text) => (written[path] = text) },
  });
  return { exitCode, printed: printed.join(''), complained: complained.join(''), written };
}

const json = async (...args: string[]): Promise<RehearsalReport> => JSON.parse((await run([...args, '--json'])).printed);

describe('npm run rehearse', () => {
  it('lists every scenario with its description, and the policies', async () => {
    const { exitCode, printed } = await run(['--list']);
    expect(exitCode).toBe(0);
    for (const name of LIBRARY.names) expect(printed).toMatch(new RegExp(`^  ${name} +\\w.{20}`, 'm'));
    expect(printed).not.toContain('cannot be played');
    expect(printed).toMatch(/^ {2}inline +3 attempts within 8000 ms$/m);
  });

  it('explains itself', async () => {
    expect(await run(['--help'])).toMatchObject({ exitCode: 0, printed: expect.stringContaining('--scenario NAME') });
  });

  it('refuses bad arguments with every problem and exit code 64, and plays nothing', async () => {
    const { exitCode, printed, complained } = await run(['--scenario', 'fail-over-7s', '--chats', '0', '--policy', 'bold']);
    expect(exitCode).toBe(64);
    expect(printed).toBe('');
    expect(complained).toMatch(/--scenario must be one of .*fail-over-6s.*, not "fail-over-7s"/);
    expect(complained).toMatch(/--chats must be a whole number/);
    expect(complained).toMatch(/--policy must be one of inline, ha, not "bold"/);
  });

  it('refuses a scenario file with mistakes, each named, with exit code 65', async () => {
    const broken = { names: ['broken'], text: () => 'name: broken\nseed: many\nchatServer: [A]\n' };
    const { exitCode, complained } = await run(['--scenario', 'broken'], broken);
    expect(exitCode).toBe(65);
    expect(complained).toMatch(/scenario broken: .*seed/);
    expect(complained).toMatch(/scenario broken: .*chatServer\b/);
    const gone = { names: ['gone'], text: () => null };
    expect(await run(['--scenario', 'gone'], gone)).toMatchObject({
      exitCode: 65,
      complained: 'rehearse: scenario gone: its file cannot be read\n',
    });
    expect(await run(['--list'], gone)).toMatchObject({ exitCode: 0, printed: expect.stringMatching(/gone +cannot be played/) });
    expect((await run(['--list'], broken)).printed).toMatch(/broken +cannot be played/);
  });

  it('prints a table, or with --json the report', async () => {
    const table = await run(['--scenario', 'fail-over-6s', '--chats', '50']);
    expect(table.printed).toMatch(/^fail-over-6s, policy inline, onChatServerDown auto, seed \d+: 50 chats/);
    expect(await json('--scenario', 'fail-over-6s', '--chats', '50', '--policy', 'ha', '--seed', '9')).toMatchObject({
      scenario: 'fail-over-6s',
      policy: 'ha',
      seed: 9,
      chats: 50,
    });
  });

  it('draws the outage into a file, beside the table or the JSON that it prints without', async () => {
    const args = ['--scenario', 'fail-over-6s', '--chats', '50'];
    for (const form of [[], ['--json']]) {
      const { printed, written } = await run([...args, ...form, '--svg', 'outage.svg']);
      expect(printed).toBe((await run([...args, ...form])).printed);
      expect(Object.keys(written)).toEqual(['outage.svg']);
      expect(written['outage.svg']).toMatch(/^<svg .*<\/svg>\n$/s);
    }
    expect((await run(args)).written).toEqual({});
  });

  it('refuses a file that cannot be written with exit code 73, and plays nothing', async () => {
    expect(await run(['--scenario', 'fail-over-6s', '--svg', 'gone/outage.svg'])).toEqual({
      exitCode: 73,
      printed: '',
      complained: 'rehearse: --svg: gone/outage.svg: no such folder\n',
      written: {},
    });
  });

  it('gives the same bytes for the same seed, jitter included', async () => {
    const bytes = async () => (await run(['--scenario', 'crash-without-ha', '--chats', '300', '--seed', '5', '--json'])).printed;
    expect(await bytes()).toBe(await bytes());
  });

  it('makes another world and other moments of another seed', async () => {
    const [one, other] = [await json('--scenario', 'fail-over-9s', '--seed', '5'), await json('--scenario', 'fail-over-9s', '--seed', '6')];
    const offline = ({ reasons }: RehearsalReport) => reasons.find(({ reason }) => reason === 'session_offline')?.chats;
    expect(offline(one)).not.toBe(offline(other));
    expect(one.messages.sent).not.toBe(other.messages.sent);
  });
});
