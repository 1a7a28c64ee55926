import { parse } from 'yaml';
import { FILES, text } from '../../support/pages.ts';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly links?: readonly { readonly url: string }[];
  readonly options?: { readonly legend?: { readonly showLegend: boolean } };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] };
    };
  };
  readonly targets?: readonly Target[];
}

export interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly templating: { readonly list: readonly Variable[] };
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly allValue?: string;
  readonly refresh?: number;
}

/** A query as Grafana would send it, with whose it is. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  readonly isInstant: boolean;
  /** What the panel shows where there is nothing, if it is made for that. */
  readonly whenEmpty: string | null;
}

/** As Grafana reads them. */
export const DASHBOARD_FILES = FILES.filter((file) => /^deploy\/grafana\/[^/]+\.json$/.test(file));

export function dashboardOf(file: string): Dashboard {
  return JSON.parse(text(file));
}

/** All panels' queries, with all jobs and targets chosen, and a time to look back on, such as `5m`. */
export function panelQueries(dashboard: Dashboard, range: string): readonly PanelQuery[] {
  return dashboard.panels.flatMap(({ title, fieldConfig, targets = [] }) =>
    targets.map(({ expr, instant }) => ({
      dashboard: dashboard.title,
      panel: title,
      expr: withVariables(dashboard, expr, range),
      isInstant: instant,
      whenEmpty: fieldConfig?.defaults.noValue ?? null,
    })),
  );
}

/** An expression with the dashboard's variables and Grafana's own filled in. */
export function withVariables({ templating }: Dashboard, expr: string, range: string): string {
  const values = new Map(templating.list.map(({ name, type, query, allValue }) => [name, type === 'textbox' ? query : allValue]));
  values.set('__rate_interval', rateInterval());
  values.set('__range', range);
  return expr.replaceAll(/\$(\w+)/g, (all, name: string) => values.get(name) ?? all);
}

/** Grafana takes four scrapes, so that a rate survives a missed one. */
function rateInterval(): string {
  const { datasources } = parse(text('deploy/grafana/provisioning/datasources/prometheus.yml'));
  return `${4 * Number.parseInt(datasources[0].jsonData.timeInterval, 10)}s`;
}
