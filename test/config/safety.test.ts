import { describe, expect, it } from 'vitest';
import { INTERACTION_ID_RULE } from '../../src/probe/probe-order.ts';
import { safetySchema } from '../../src/resilience/settings.ts';
import { valueAt } from '../../src/schema-tree/tree.ts';
import { configFrom, GATEWAY, problemsFrom, withTarget } from './loading.ts';

const safetyOf = (given: Readonly<Record<string, unknown>>) =>
  configFrom(withTarget({ ...GATEWAY, ...given })).targets.get('default')!.safety;
const problemsOf = (given: Readonly<Record<string, unknown>>) => problemsFrom(withTarget({ ...GATEWAY, ...given }));

const { outage, guard, controls } = safetySchema(true);
const settings = Object.entries({ outage, guard, controls }).flatMap(([section, { properties }]) =>
  Object.entries(properties).map(([setting, schema]) => ({ section, setting, schema })),
);
const ranges = settings.flatMap(({ section, setting, schema }) =>
  'minimum' in schema ? [{ section, setting, least: Number(schema.minimum), most: Number(schema.maximum) }] : [],
);
const switches = settings.filter(({ schema }) => typeof valueAt(schema, ['default']) === 'boolean');

it('there are ranges and switches to try', () => {
  expect(ranges).toContainEqual({ section: 'outage', setting: 'canaryIntervalMs', least: 100, most: 60_000 });
  expect(switches.map(({ setting }) => setting)).toContain('massStop');
});

it.each(ranges)('keeps $section.$setting within $least and $most', ({ section, setting, least, most }) => {
  for (const value of [least, most])
    expect(safetyOf({ [section]: { [setting]: value } })).toMatchObject({ [section]: { [setting]: value } });
  expect(problemsOf({ [section]: { [setting]: least - 0.001 } })).toHaveLength(1);
  expect(problemsOf({ [section]: { [setting]: least - 1 } })).toHaveLength(1);
  expect(problemsOf({ [section]: { [setting]: most + 1 } })).toEqual([`targets.default.${section}.${setting}: must be <= ${most}`]);
});

it.each(switches)('lets $section.$setting be switched off, by nothing but false', ({ section, setting }) => {
  expect(safetyOf({ [section]: { [setting]: false } })).toMatchObject({ [section]: { [setting]: false } });
  expect(problemsOf({ [section]: { [setting]: 'no' } })).toEqual([`targets.default.${section}.${setting}: must be boolean`]);
});

describe('enforcement', () => {
  it('takes shares with a fraction in the file', () => {
    expect(safetyOf({ enforcePercent: 0.5 }).enforcement).toEqual({ shadow: false, enforcePercent: 0.5 });
    expect(safetyOf({ shadow: true, enforcePercent: 0 }).enforcement).toEqual({ shadow: true, enforcePercent: 0 });
  });

  it.each([-0.1, 100.1, '50', null])('refuses a share of %j', (enforcePercent) => {
    expect(problemsOf({ enforcePercent })).toEqual([expect.stringMatching(/^targets\.default\.enforcePercent: must be /)]);
  });
});

describe('control probes', () => {
  const ID = '0006Ka9HFHRR0T2B';
  const NO_ID = `must be ${INTERACTION_ID_RULE}`;

  it('may be two, each on a Chat Server or chosen by type', () => {
    const controls = { absent: { interactionId: 'never', chatServer: 'ChatServer_1' }, live: { interactionId: ID } };
    expect(safetyOf({ controls }).controls).toEqual({
      intervalMs: 60_000,
      absent: { interactionId: 'never', chatServer: 'ChatServer_1' },
      live: { interactionId: ID, chatServer: null },
    });
  });

  it.each(['absent', 'live'])('may be only the one that is %s', (which) => {
    const { absent, live } = safetyOf({ controls: { [which]: { interactionId: ID } } }).controls;
    expect([absent, live].filter((chat) => chat !== null)).toHaveLength(1);
    expect({ absent, live }).toMatchObject({ [which]: { interactionId: ID } });
  });

  it.each([{}, null])('are none where their section is %j', (section) => {
    expect(safetyOf({ controls: { absent: section, live: section } }).controls).toMatchObject({ absent: null, live: null });
  });

  it.each(['', 'a b', 'a.b', 'x'.repeat(65), 'none', 'NULL'])('refuse the id %j', (interactionId) => {
    expect(problemsOf({ controls: { absent: { interactionId, chatServer: 'a' } } })).toEqual([
      `targets.default.controls.absent.interactionId: ${NO_ID}`,
    ]);
  });

  it.each(['absent', 'live'])('need an id beside the Chat Server of the one that is %s', (which) => {
    expect(problemsOf({ controls: { [which]: { chatServer: 'ChatServer_1' } } })).toEqual([
      `targets.default.controls.${which}.interactionId: must be set where the Chat Server to ask is`,
    ]);
  });

  it('refuse one interaction for both, since it cannot be absent and live', () => {
    const both = { interactionId: ID };
    expect(problemsOf({ controls: { absent: both, live: both } })).toEqual([
      'targets.default.controls.live.interactionId: is the same as targets.default.controls.absent.interactionId: ' +
        'one must never have existed, the other always be alive',
    ]);
    // The case of an id counts.
    expect(problemsOf({ controls: { absent: both, live: { interactionId: ID.toLowerCase() } } })).toEqual([]);
  });
});

it('reports what is wrong about safety together with everything else', () => {
  const given = { outage: { canry: true }, guard: { share: 2 }, shadow: 'yes', policy: 'none' };
  expect(problemsOf(given).map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'targets.default.outage.canry',
    'targets.default.guard.share',
    'targets.default.shadow',
    'targets.default.policy',
  ]);
});
