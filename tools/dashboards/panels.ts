import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

export const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

export interface Query {
  readonly expr: string;
  /** Names a series; `{{label}}` for the value of a label. */
  readonly legend: string;
}

export type Color = 'green' | 'blue' | 'orange' | 'red' | 'text';

/** From which value on which colour; the first holds from below all values. */
export type Steps = readonly (readonly [from: number | null, color: Color])[];

export interface PanelFacts {
  readonly title: string;
  /** What is seen, and what to think of it; shown at the panel's corner. */
  readonly description: string;
  /** Of 24. */
  readonly width: number;
  readonly unit: string;
  readonly decimals?: number;
  readonly queries: readonly Query[];
  readonly steps: Steps;
  /** Whose pages explain what to do. */
  readonly alerts?: readonly string[];
}

/** What a number stands for, where it is a state. */
export type States = readonly (readonly [value: number, text: string, color: Color])[];

/** Nothing of it is good or bad. */
export const PLAIN: Steps = [[null, 'blue']];

/** Green, and red from there on; between them orange, where that is given. */
export function tooMuch(redFrom: number, orangeFrom?: number): Steps {
  return [[null, 'green'], ...(orangeFrom === undefined ? [] : [[orangeFrom, 'orange'] as const]), [redFrom, 'red']];
}

/** Green from there on. */
export function tooLittle(greenFrom: number, orangeFrom: number): Steps {
  return [
    [null, 'red'],
    [orangeFrom, 'orange'],
    [greenFrom, 'green'],
  ];
}

const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;
/** Legends beyond these are a table, the largest first, beside the graph. */
const LONG_LEGEND = 12;

interface GraphFacts extends PanelFacts {
  /** One on the other, for parts of a whole. */
  readonly stacked?: boolean;
  /** Draws the steps as lines. */
  readonly lines?: boolean;
}

/** A value over time. */
export function graph({ stacked = false, lines = false, ...facts }: GraphFacts): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(facts.width >= LONG_LEGEND ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(facts.width >= LONG_LEGEND ? LegendPlacement.Right : LegendPlacement.Bottom)
    .calcs(facts.width >= LONG_LEGEND ? ['lastNotNull', 'max'] : [])
    .sortBy('Max')
    .sortDesc(true);
  const panel = new TimeSeries()
    .height(GRAPH_HEIGHT)
    .min(0)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .fillOpacity(stacked ? 40 : 0)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(lines ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName));
  return withFacts(panel, facts, 'range');
}

interface StatFacts extends PanelFacts {
  /** What stands there while there is nothing to tell. Only for what has no number then, as a share of nothing. */
  readonly whenEmpty?: string;
  readonly states?: States;
}

/** One number of now. */
export function stat({ whenEmpty, states, ...facts }: StatFacts): Builder<Panel> {
  const panel = new Stat()
    .height(STAT_HEIGHT)
    .reduceOptions(lastValue())
    .colorMode(states === undefined ? BigValueColorMode.Value : BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  if (states !== undefined) panel.mappings(mappingsOf(states));
  if (whenEmpty !== undefined) panel.noValue(whenEmpty);
  return withFacts(panel, facts, 'instant');
}

/** A sum of the chosen time for each of some kinds. */
export function bars(facts: PanelFacts): Builder<Panel> {
  const panel = new BarGauge()
    .height(GRAPH_HEIGHT)
    .min(0)
    .reduceOptions(lastValue())
    .orientation(VizOrientation.Horizontal)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  return withFacts(panel, facts, 'instant');
}

/** A state over time, a row for each series. */
export function timeline({ states, ...facts }: Omit<PanelFacts, 'unit' | 'steps'> & { readonly states: States }): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom);
  const panel = new StateTimeline()
    .height(GRAPH_HEIGHT)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single).sort(SortOrder.None))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .mappings(mappingsOf(states))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  const steps = states.map(([value, , color], index) => [index === 0 ? null : value, color] as const);
  return withFacts(panel, { ...facts, unit: 'none', steps }, 'range');
}

/** The tops of the SDK's panels that all of ours share. */
interface CommonBuilder extends Builder<Panel> {
  title(title: string): unknown;
  description(text: string): unknown;
  span(columns: number): unknown;
  unit(unit: string): unknown;
  decimals(count: number): unknown;
  datasource(datasource: typeof DATASOURCE): unknown;
  thresholds(thresholds: ThresholdsConfigBuilder): unknown;
  links(links: DashboardLinkBuilder[]): unknown;
  withTarget(target: DataqueryBuilder): unknown;
}

function withFacts(panel: CommonBuilder, facts: PanelFacts, kind: 'range' | 'instant'): Builder<Panel> {
  const steps = facts.steps.map(([value, color]) => ({ value, color }));
  panel.title(facts.title);
  panel.description(facts.description);
  panel.span(facts.width);
  panel.unit(facts.unit);
  if (facts.decimals !== undefined) panel.decimals(facts.decimals);
  panel.datasource(DATASOURCE);
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  panel.links((facts.alerts ?? []).map(runbookOf));
  for (const [index, { expr, legend }] of facts.queries.entries()) {
    const target = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend);
    panel.withTarget(kind === 'range' ? target.range() : target.instant());
  }
  return panel;
}

function runbookOf(alert: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(`What to do: ${alert}`).url(`$runbooks/${alert}.md`).targetBlank(true);
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']);
}

function mappingsOf(states: States) {
  const options = Object.fromEntries(states.map(([value, text, color], index) => [String(value), { text, color, index }]));
  return [{ type: MappingType.ValueToText as const, options }];
}
