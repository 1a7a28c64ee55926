import { DASHBOARD_FILES, dashboardOf, panelQueries } from '../grafana/dashboard-queries.ts';
import { getJson } from './workflow.ts';

/** What a panel has to show, over all its queries. */
export interface PanelAnswer {
  readonly dashboard: string;
  readonly panel: string;
  /** Queries of it that bring no number, though nothing says that they may. */
  readonly empty: readonly string[];
  readonly greatest: number;
}

interface Answer {
  readonly data: { readonly result: readonly { readonly value?: Sample; readonly values?: readonly Sample[] }[] };
}

type Sample = readonly [time: number, value: string];

const STEP_S = 15;

/** Asks Prometheus all that the dashboards would, as Grafana does when they show this time. */
export async function panelAnswers(prometheus: string, fromMs: number, toMs: number): Promise<readonly PanelAnswer[]> {
  const range = `${Math.round((toMs - fromMs) / 1_000)}s`;
  const answers = new Map<string, { readonly dashboard: string; readonly panel: string; readonly empty: string[]; greatest: number }>();
  for (const query of DASHBOARD_FILES.map(dashboardOf).flatMap((dashboard) => panelQueries(dashboard, range))) {
    const { dashboard, panel, expr, isInstant } = query;
    const expression = new URLSearchParams({ query: expr });
    const times = new URLSearchParams({ start: String(fromMs / 1_000), end: String(toMs / 1_000), step: String(STEP_S) });
    const path = isInstant ? `query?${expression}&time=${toMs / 1_000}` : `query_range?${expression}&${times}`;
    const { data } = await getJson<Answer>(`${prometheus}/api/v1/${path}`);
    const samples = data.result.flatMap(({ value, values = [] }) => (value === undefined ? values : [value]));
    const numbers = samples.map(([, value]) => Number(value)).filter(Number.isFinite);
    const answer = answers.get(`${dashboard} ${panel}`) ?? { dashboard, panel, empty: [], greatest: Number.NEGATIVE_INFINITY };
    if (numbers.length === 0) answer.empty.push(expr);
    answer.greatest = Math.max(answer.greatest, ...numbers);
    answers.set(`${dashboard} ${panel}`, answer);
  }
  return [...answers.values()];
}
