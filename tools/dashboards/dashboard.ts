import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.ts';
import { JOB } from './queries.ts';

/** All dashboards of ours have it, so that each leads to the other. */
const TAG = 'chat-probe';
/** Where the demo's Grafana serves the pages. */
const RUNBOOKS = '/public/runbooks';

export interface DashboardFacts {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How far it looks back at first. */
  readonly from: string;
  readonly variables?: readonly Builder<VariableModel>[];
  readonly rows: readonly (readonly [title: string, panels: readonly Builder<Panel>[]])[];
}

/** A dashboard over one Prometheus, with its variables, links and the alerts as marks in every graph. */
export function dashboardOf({ uid, title, description, from, variables = [], rows }: DashboardFacts): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([...commonVariables(), ...variables])
    .annotation(alertMarks())
    .link(
      new DashboardLinkBuilder('Chat Probe')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    );
  let id = 0;
  const numbered = <Built extends { id(id: number): unknown }>(one: Built): Built => {
    id += 1;
    one.id(id);
    return one;
  };
  for (const [row, panels] of rows) {
    dashboard.withRow(numbered(new RowBuilder(row)));
    for (const panel of panels) dashboard.withPanel(numbered(panel as Builder<Panel> & { id(id: number): unknown }));
  }
  return dashboard.build();
}

/**
 * As it lies in the repository, and as Grafana reads it. Without the `placement` that the SDK gives every link and annotation unasked: it
 * hides them in a menu.
 */
export function textOf(dashboard: Dashboard): string {
  const asShown = (key: string, value: unknown) => (key === 'placement' && value === 'inControlsMenu' ? undefined : value);
  return `${JSON.stringify(dashboard, asShown, 2)}\n`;
}

function commonVariables(): readonly Builder<VariableModel>[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    chosenFrom('job', 'Job', 'label_values(chatprobe_build_info, job)'),
    chosenFrom('target', 'Target', `label_values(chatprobe_enforced_ratio{${JOB}}, target)`),
    new TextBoxVariableBuilder('runbooks')
      .label('Runbooks')
      .description('Where the pages of docs/runbooks/ are served: the links of the panels lead there.')
      .defaultValue(RUNBOOKS)
      .current({ text: RUNBOOKS, value: RUNBOOKS }),
  ];
}

/** Asked again when the time is changed, so that a target that was removed is still found where it was. */
function chosenFrom(name: string, label: string, query: string): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: ['All'], value: ['$__all'] });
}

function alertMarks(): Builder<ReturnType<AnnotationQueryBuilder['build']>> {
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor('red')
    .expr(`ALERTS{alertname=~"ChatProbe.+", alertstate="firing", ${JOB}}`)
    .titleFormat('{{alertname}}')
    .textFormat('{{target}} {{instance}} {{chat_server}}')
    .step('15s');
}
