import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

const RULE_FILES = ['rules.yml', 'alerts.yml'].map((file) => fileURLToPath(new URL(`../../deploy/prometheus/${file}`, import.meta.url)));
const STEP_S = 15;
/** All of them: promtool takes a group that is not named for the first, as likely as the one that is. */
const GROUPS = ['shares', 'instances', 'callers', 'stops', 'outages'].map((name) => `chat-probe-${name}`);

/** Debian's package `prometheus` has it; a machine without it leaves out the tests that need it. CI has it. */
export const HAS_PROMTOOL = spawnSync('promtool', ['--version']).error === undefined;

export interface Series {
  readonly series: string;
  /** One every 15 s. */
  readonly values: readonly number[];
}

/** When an alert fired, in seconds since the first value. */
export interface Firing {
  readonly alert: string;
  readonly target: string;
  readonly firstS: number;
  /** The first evaluation at which it no longer fired. */
  readonly overS: number;
  /** Whether it ceased in between: it calls twice. */
  readonly flaps: boolean;
}

/** What `promtool test rules` says of a file of tests. */
export function testRules(file: string): { readonly passes: boolean; readonly says: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  return { passes: status === 0, says: stdout + stderr };
}

/**
 * Plays series through the rules, evaluated every 15 s as `deploy/prometheus/prometheus.yml` does, and tells which alerts fired.
 * promtool has no way to ask; but of a test that expects nothing it prints what it got.
 */
export function playAlerts(series: readonly Series[]): readonly Firing[] {
  const lengthS = Math.max(...series.map(({ values }) => values.length - 1)) * STEP_S;
  const fired = `[${lengthS}s:${STEP_S}s]`;
  const asked = [
    `min by (alertname, target) (min_over_time(timestamp(ALERTS{alertstate="firing"})${fired}))`,
    `max by (alertname, target) (max_over_time(timestamp(ALERTS{alertstate="firing"})${fired}))`,
    `sum by (alertname, target) (sum_over_time((max by (alertname, target) (ALERTS{alertstate="firing"}))${fired}))`,
  ];
  const [first, last, times] = answersOf(series, asked, lengthS);
  return [...(first ?? [])].map(([labels, firstS]) => {
    const lastS = last?.get(labels) ?? firstS;
    const [alert = '', target = ''] = labels.split(' ');
    return { alert, target, firstS, overS: lastS + STEP_S, flaps: (times?.get(labels) ?? 0) < (lastS - firstS) / STEP_S + 1 };
  });
}

function answersOf(series: readonly Series[], asked: readonly string[], atS: number): readonly ReadonlyMap<string, number>[] {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-alerts-'));
  try {
    const file = join(folder, 'outage.yml');
    const input_series = series.map(({ series: name, values }) => ({ series: name, values: values.join(' ') }));
    // An answer that no test expects, so that what is empty is told, too.
    const promql_expr_test = asked.map((expr) => ({
      expr,
      eval_time: `${atS}s`,
      exp_samples: [{ labels: '{alertname="none"}', value: -1 }],
    }));
    const test = { interval: `${STEP_S}s`, input_series, promql_expr_test };
    const order = { group_eval_order: GROUPS };
    writeFileSync(file, stringify({ rule_files: RULE_FILES, evaluation_interval: `${STEP_S}s`, ...order, tests: [test] }));
    const { says } = testRules(file);
    const got = [...says.matchAll(/^\s*got: (.*)$/gm)].map(([, samples = '']) => samples);
    if (got.length !== asked.length) throw new Error(says);
    return got.map(valuesByAlert);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By alert and target, with a space between. */
function valuesByAlert(samples: string): ReadonlyMap<string, number> {
  const found = samples.matchAll(/\{alertname="(\w+)"(?:, target="(\w+)")?\} ([\d.E+-]+)/g);
  return new Map([...found].map(([, alert, target = '', value]) => [`${alert} ${target}`, Number(value)]));
}
