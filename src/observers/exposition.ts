import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';

/** The text exposition format of Prometheus, or OpenMetrics 1.0, which has exemplars. */
export type ExpositionFormat = 'prometheus' | 'openmetrics';

/** An example of what was counted in a bucket. */
interface Exemplar {
  readonly labelSet: Labels;
  readonly value: number;
  /** Seconds of Unix time. */
  readonly timestamp: number;
}

type Labels = Readonly<Record<string, string | number | undefined>>;
type Family = Pick<MetricObjectWithValues<MetricValue<string>>, 'name' | 'help' | 'type' | 'values'>;
type Sample = Family['values'][number] & { readonly metricName?: string; readonly exemplar?: Exemplar | null };

/**
 * All metrics of a registry as text. Not as prom-client writes it: a registry of its has one format, and in OpenMetrics it renames its
 * counters for good.
 */
export async function expositionText(registry: Registry, format: ExpositionFormat): Promise<string> {
  const families = await registry.getMetricsAsJSON();
  return `${families.map((family) => familyText(family, format)).join('')}${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

function familyText({ name, help, type, values }: Family, format: ExpositionFormat): string {
  const kind = String(type);
  // In OpenMetrics the samples of a counter end in `_total`, its family does not.
  const family = format === 'openmetrics' && kind === 'counter' ? name.replace(/_total$/, '') : name;
  let text = `# HELP ${family} ${escaped(help)}\n# TYPE ${family} ${kind}\n`;
  for (const value of values) text += sampleText(value, name, format);
  return text;
}

function sampleText({ labels, value, metricName, exemplar }: Sample, name: string, format: ExpositionFormat): string {
  const sample = `${metricName ?? name}${labelsText(labels)} ${numberText(value)}`;
  if (format === 'prometheus' || exemplar === undefined || exemplar === null) return `${sample}\n`;
  return `${sample} # ${labelsText(exemplar.labelSet)} ${numberText(exemplar.value)} ${exemplar.timestamp}\n`;
}

function labelsText(labels: Labels): string {
  let pairs = '';
  for (const name of Object.keys(labels))
    pairs += `${pairs === '' ? '' : ','}${name}="${escaped(String(labels[name])).replaceAll('"', '\\"')}"`;
  return pairs === '' ? '' : `{${pairs}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
