import { parse } from 'yaml';
import { FILES, text } from '../../support/pages.ts';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

export interface RecordedShare {
  readonly record: string;
  readonly expr: string;
}

/** What a test of promtool expects of the alerts: whom it names, who fires in it, and who does not although its series are played. */
export interface PlayedAlerts {
  readonly named: readonly string[];
  readonly fires: readonly string[];
  readonly silent: readonly string[];
}

interface PlayedTest {
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
  readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples?: readonly { readonly labels: string }[] }[];
}

export const ALERTS: readonly Alert[] = rulesOf('deploy/prometheus/alerts.yml');
export const RECORDS: readonly RecordedShare[] = rulesOf('deploy/prometheus/rules.yml');
export const PLAYED_FILES = FILES.filter((file) => file.startsWith('test/deploy/prometheus/') && file.endsWith('.test.yml'));

function rulesOf<Rule>(file: string): readonly Rule[] {
  return parse(text(file)).groups.flatMap(({ rules }: { rules: readonly Rule[] }) => rules);
}

/** An expression with recorded shares replaced by what they are made of. */
export function basesOf(expr: string): string {
  return RECORDS.reduce((all, { record, expr: base }) => all.replaceAll(record, `(${base})`), expr);
}

/** Each as what a line of `/metrics` must match, one for every alternative that an expression allows. */
export function selectorsIn(expr: string): readonly (readonly RegExp[])[] {
  return [...expr.matchAll(/(chatprobe_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', matchers = '']) => {
    const pairs = [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label = '', values = '']) =>
      values.split('|').map((value) => new RegExp(`[{,]${label}="${value}"`)),
    );
    return pairs.reduce<RegExp[][]>(
      (all, choice) => all.flatMap((one) => choice.map((pair) => [...one, pair])),
      [[new RegExp(`^${name}\\{`)]],
    );
  });
}

/** One for each of a file's tests. */
export function alertsPlayed(file: string): readonly PlayedAlerts[] {
  const { tests }: { readonly tests: readonly PlayedTest[] } = parse(file);
  return tests.map(({ input_series, alert_rule_test = [], promql_expr_test = [] }) => {
    const played = input_series.map(({ series }) => series.replace(/\{.*/, ''));
    // A question that names an alert is about that one only; all others are about all.
    const evaluations = promql_expr_test
      .filter(({ expr }) => expr.includes('ALERTS'))
      .map(({ expr, exp_samples = [] }) => {
        const about = /alertname=~?"([^"]*)"/.exec(expr)?.[1];
        const fires = exp_samples.flatMap(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1] ?? []);
        return { about: (alert: string) => about === undefined || new RegExp(`^(?:${about})$`).test(alert), fires };
      });
    const calls = alert_rule_test.map(({ alertname, exp_alerts = [] }) => ({
      about: (alert: string) => alert === alertname,
      fires: exp_alerts.length > 0 ? [alertname] : [],
    }));
    const all = [...evaluations, ...calls];
    const isAbout = ({ expr }: Alert): boolean => {
      const names = basesOf(expr).match(/\bchatprobe_\w+|^up\b/g) ?? [];
      return names.length > 0 && names.every((name) => played.includes(name));
    };
    return {
      named: [...new Set([...all.flatMap(({ fires }) => fires), ...alert_rule_test.map(({ alertname }) => alertname)])],
      fires: [...new Set(all.flatMap(({ fires }) => fires))],
      silent: ALERTS.filter(isAbout)
        .map(({ alert }) => alert)
        .filter((alert) => all.some(({ about, fires }) => about(alert) && !fires.includes(alert))),
    };
  });
}
