import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dotted, type TreePath, valueAt, withValueAt } from '../../src/schema-tree/tree.ts';
import { configFrom, GATEWAY, load, problemsFrom } from './loading.ts';

/** A file with something in every section. */
const WHOLE = {
  server: { port: 1 },
  targets: {
    default: { ...GATEWAY, message: { text: 'x' }, outage: {}, guard: {}, controls: { live: {} } },
    demo: { adapter: 'simulator', message: {}, guard: {}, controls: {} },
  },
  policies: { inline: { attempts: 1 }, mine: {} },
  bounds: { attempts: [1, 2] },
};
/** Sections whose keys are fixed; those of `targets` and `policies` are names. */
const SECTIONS: readonly TreePath[] = [
  [],
  ['server'],
  ['targets', 'default'],
  ['targets', 'default', 'message'],
  ['targets', 'demo'],
  ['targets', 'demo', 'message'],
  ['targets', 'default', 'outage'],
  ['targets', 'default', 'guard'],
  ['targets', 'demo', 'guard'],
  ['targets', 'demo', 'controls'],
  ['targets', 'default', 'controls', 'live'],
  ['policies', 'inline'],
  ['policies', 'mine'],
  ['bounds'],
];

/** Sets the key for good, `__proto__` included. */
function added(tree: unknown, path: TreePath, key: string): unknown {
  const [step, ...rest] = path;
  const inner: readonly [string, unknown] = step === undefined ? [key, 1] : [String(step), added(valueAt(tree, [step]), rest, key)];
  return Object.fromEntries([...Object.entries(tree as object), inner]);
}

it('accepts the file that the next test spoils', () => {
  expect(configFrom(WHOLE).targets.size).toBe(2);
});

it('refuses and names any single unknown key, wherever it is', () => {
  const keys = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'Host', 'a.b', '<<'),
    fc.stringMatching(/^x[a-z_]{0,12}$/),
  );
  fc.assert(
    fc.property(fc.constantFrom(...SECTIONS), keys, (path, key) => {
      const problems = problemsFrom(added(WHOLE, path, key));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`${dotted([...path, key])}: is not known`);
    }),
  );
});

it.each([
  [{ server: { prot: 1 } }, 'server.prot: is not known; did you mean port?'],
  [{ target: {} }, 'target: is not known; did you mean targets?'],
  // What only the environment may give is nothing to suggest.
  [{ targets: { default: { ...GATEWAY, tokn: 1 } } }, 'targets.default.tokn: is not known'],
])('suggests a known key that is close: %j', (file, problem) => {
  expect(problemsFrom(file)).toEqual([problem]);
});

it.each([
  ['attempts', 1, 100],
  ['attemptTimeoutMs', 50, 60_000],
  ['pauseMs', 0, 60_000],
  ['backoff', 1, 10],
  ['maxPauseMs', 0, 600_000],
  ['jitter', 0, 1],
  ['deadlineMs', 100, 600_000],
])('keeps %s of a policy within %d and %d', (setting, least, most) => {
  const fit = { deadlineMs: 600_000, attemptTimeoutMs: 50 }; // so that only the setting itself can be at fault
  for (const value of [least, most]) expect(problemsFrom({ policies: { x: { ...fit, [setting]: value } } })).toEqual([]);
  expect(problemsFrom({ policies: { x: { ...fit, [setting]: least - 0.001 } } })).toHaveLength(1);
  expect(problemsFrom({ policies: { x: { ...fit, [setting]: least - 1 } } })).toHaveLength(1);
  expect(problemsFrom({ policies: { x: { ...fit, [setting]: most + 1 } } })).toHaveLength(1);
});

it.each([
  ['port', '8080'],
  ['port', 80.5],
  ['port', null],
  ['host', 5],
  ['host', ''],
  ['logLevel', 'verbose'],
  ['allowAnonymous', 'true'],
  ['maxInFlight', 0],
  ['maxEventLoopDelayMs', Number.NaN],
  ['drainMs', Number.POSITIVE_INFINITY],
])('refuses %s: %j in the file, without turning it into something else', (setting, value) => {
  const problems = problemsFrom({ server: { [setting]: value } });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^server\\.${setting}: must `));
});

it('answers with problems, never with an exception, whatever stands in place of a setting', () => {
  const places = fc.constantFrom<TreePath>(
    ['server', 'port'],
    ['targets', 'default'],
    ['targets', 'default', 'adapter'],
    ['targets', 'default', 'gateways'],
    ['targets', 'default', 'message', 'idKeys'],
    ['targets', 'demo', 'message', 'type'],
    ['targets', 'demo', 'outage'],
    ['targets', 'default', 'controls', 'absent'],
    ['targets', 'default', 'controls', 'live', 'interactionId'],
    ['policies', 'mine'],
    ['policies', 'mine', 'backoff'],
    ['bounds', 'deadlineMs'],
  );
  fc.assert(
    fc.property(places, fc.jsonValue({ maxDepth: 2 }), (path, value) => {
      const loaded = load(withValueAt(WHOLE, path, value));
      expect(loaded.ok || loaded.problems.length > 0).toBe(true);
    }),
  );
});
