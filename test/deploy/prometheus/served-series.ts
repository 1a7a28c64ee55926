import { createMetrics } from '../../../src/observers/metrics.ts';
import { RULES } from '../../support/samples.ts';

/** Everything that only shows where it is configured. Histograms come with their first observation. */
export async function metricsOfEverything(): Promise<string> {
  const target = {
    name: 'default',
    adapter: 'gateway',
    rules: RULES,
    chatServers: ['ChatServer_1'],
    controls: ['live'],
    enforcePercent: 100,
  } as const;
  const metrics = createMetrics({
    handshakeFailures: [],
    eventLoopDelay: { maxSeconds: () => 0.25 },
    version: '0',
    nodeVersion: 'v0',
    targets: [target],
    configuredAtS: 0,
    store: () => ({ state: 'linked', replicas: 2 }),
  });
  metrics.expectSpans();
  metrics.showCertificates([{ use: 'listener', target: '', untilMs: 0 }]);
  const histograms = ['probe_duration', 'attempt_duration', 'http_request_duration'];
  return [await metrics.text(), ...histograms.map((name) => `chatprobe_${name}_seconds_bucket{le="1"} 0`)].join('\n');
}

/** The series of a page, those without labels as those with. */
export function linesWithLabels(page: string): readonly string[] {
  return page.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [line.includes('{') ? line : line.replace(' ', '{} ')]));
}
