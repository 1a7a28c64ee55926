import { BytesIEC, CountsPerMinute, DurationSeconds, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { graph, PLAIN, tooMuch } from './panels.ts';
import { JOB, perMinute, standIn } from './queries.ts';

/** The process, its configuration and its version. */
export function processPanels() {
  const worst = (expr: string) => `max by (instance) (${expr})`;
  return [
    graph({
      title: 'Longest delay of the event loop',
      description: 'In the minute before. Beyond the line (server.maxEventLoopDelayMs unless changed) probes are shed.',
      width: 12,
      unit: Seconds,
      lines: true,
      steps: tooMuch(1),
      queries: [{ expr: worst(`chatprobe_event_loop_delay_max_seconds{${JOB}}`), legend: '{{instance}}' }],
      alerts: ['ChatProbeShedding'],
    }),
    graph({
      title: 'Processor',
      description: 'Of one processor. Node.js runs the service on one; 100 % is all it can use.',
      width: 12,
      unit: PercentUnit,
      lines: true,
      steps: tooMuch(0.8),
      queries: [{ expr: worst(`rate(process_cpu_seconds_total{${JOB}}[$__rate_interval])`), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Memory',
      description: 'Of the process, and of it what the heap uses and has.',
      width: 12,
      unit: BytesIEC,
      steps: PLAIN,
      queries: [
        { expr: worst(`process_resident_memory_bytes{${JOB}}`), legend: '{{instance}} resident' },
        { expr: worst(`nodejs_heap_size_total_bytes{${JOB}}`), legend: '{{instance}} heap' },
        { expr: worst(`nodejs_heap_size_used_bytes{${JOB}}`), legend: '{{instance}} heap used' },
      ],
    }),
    graph({
      title: 'Open descriptors',
      description: 'Of those that the process may open, each connection being one.',
      width: 12,
      unit: PercentUnit,
      lines: true,
      steps: tooMuch(0.8),
      queries: [{ expr: worst(`process_open_fds{${JOB}} / process_max_fds{${JOB}}`), legend: '{{instance}}' }],
    }),
    graph({
      title: 'Configuration read again',
      description: 'Times a minute, whether or not what was read could be used.',
      width: 6,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [{ expr: perMinute('result', `chatprobe_config_reloads_total{${JOB}}`), legend: '{{result}}' }],
      alerts: ['ChatProbeConfigRefused'],
    }),
    graph({
      title: 'Age of the process and of its configuration',
      description: 'A line that falls to zero is a restart, or a configuration that was put in force.',
      width: 6,
      unit: DurationSeconds,
      steps: PLAIN,
      queries: [
        { expr: `time() - max by (instance) (process_start_time_seconds{${JOB}})`, legend: '{{instance}} process' },
        {
          expr: `time() - max by (instance) (chatprobe_config_last_reload_success_timestamp_seconds{${JOB}})`,
          legend: '{{instance}} configuration',
        },
      ],
    }),
    graph({
      title: 'Instances, by version',
      description: 'Of the service and of Node.js.',
      width: 4,
      unit: Short,
      decimals: 0,
      stacked: true,
      steps: PLAIN,
      queries: [
        { expr: `count by (version, node_version) (chatprobe_build_info{${JOB}})`, legend: '{{version}} on Node.js {{node_version}}' },
      ],
    }),
    graph({
      title: 'Spans of traces',
      description: 'A minute, by what became of them. failed and dropped are lost; no verdict waits for them.',
      width: 4,
      unit: CountsPerMinute,
      steps: PLAIN,
      queries: [
        {
          expr: `${perMinute('result', `chatprobe_spans_total{${JOB}}`)} or ${standIn('result', 'no endpoint', `chatprobe_spans_total{${JOB}}`)}`,
          legend: '{{result}}',
        },
      ],
    }),
    graph({
      title: 'Replicas at the store',
      description: 'That each instance hears of there, itself counted; 0 while it goes on alone.',
      width: 4,
      unit: Short,
      decimals: 0,
      steps: PLAIN,
      queries: [
        {
          expr: `min by (instance) (chatprobe_store_linked{${JOB}} * chatprobe_store_replicas{${JOB}}) or ${standIn('instance', 'no store', `chatprobe_store_linked{${JOB}}`)}`,
          legend: '{{instance}}',
        },
      ],
      alerts: ['ChatProbeStoreLost'],
    }),
  ];
}
