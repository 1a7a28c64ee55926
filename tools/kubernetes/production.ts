import { readFileSync } from 'node:fs';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { parse } from 'yaml';
import { HTTP, PROBE, SECRET } from './base.ts';
import type { Manifest } from './manifest.ts';

/** What is used of Prometheus Operator's own kinds, whose schema no cluster has built in. */
interface ServiceMonitor {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'ServiceMonitor';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    /** The label of the Service that gives the job its name. */
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly {
      readonly port: string;
      readonly path: string;
      readonly interval: string;
      readonly scrapeTimeout: string;
      readonly authorization: { readonly credentials: { readonly name: string; readonly key: string } };
    }[];
  };
}

interface PrometheusRule {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'PrometheusRule';
  readonly metadata: ServiceMonitor['metadata'];
  readonly spec: { readonly groups: readonly unknown[] };
}

const AUTOSCALER: IHorizontalPodAutoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'chat-probe', labels: PROBE },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'chat-probe' },
    minReplicas: 2,
    maxReplicas: 6,
    metrics: [
      {
        type: 'Pods',
        pods: { metric: { name: 'chatprobe_probes_in_flight' }, target: { type: 'AverageValue', averageValue: '4000' } },
      },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '600m' } } },
    ],
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 30, policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] },
      scaleDown: { stabilizationWindowSeconds: 1800, policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }] },
    },
  },
};

const POLICY: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'chat-probe-site', labels: PROBE },
  spec: {
    podSelector: { matchLabels: PROBE },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      { from: [{ ipBlock: { cidr: '192.0.2.0/28' } }], ports: [{ protocol: 'TCP', port: HTTP }] },
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
          },
        ],
        ports: [{ protocol: 'TCP', port: HTTP }],
      },
    ],
    egress: [{ to: [{ ipBlock: { cidr: '198.51.100.0/28' } }], ports: [{ protocol: 'TCP', port: 9190 }] }],
  },
};

const MONITOR: ServiceMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: 'chat-probe', labels: PROBE },
  spec: {
    jobLabel: 'app.kubernetes.io/name',
    selector: { matchLabels: PROBE },
    endpoints: [
      {
        port: HTTP,
        path: '/metrics',
        interval: '15s',
        scrapeTimeout: '10s',
        authorization: { credentials: { name: SECRET.name, key: SECRET.metricsKey } },
      },
    ],
  },
};

const RULES: PrometheusRule = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: 'chat-probe', labels: PROBE },
  spec: { groups: ['rules.yml', 'alerts.yml'].flatMap(groupsOf) },
};

/** What a site has beside its configuration and its secrets. Addresses and namespaces are examples. */
export const PRODUCTION: readonly Manifest[] = [
  {
    file: 'overlays/production/horizontal-pod-autoscaler.yaml',
    resources: [AUTOSCALER],
    notes: {
      'spec.metrics':
        'Probes in flight need an adapter that serves them as a custom metric: docs/scaling.md, "Kubernetes". Until there is one, the\n' +
        ' processor can still ask for more replicas, and none is taken away.',
      'spec.behavior.scaleDown': 'A replica that goes takes what it knows with it: only after half an hour, and one at a time.',
    },
  },
  {
    file: 'overlays/production/network-policy.yaml',
    resources: [POLICY],
    notes: {
      'spec.ingress':
        "From the workflow engine's hosts; where an ingress controller stands between, from its pods instead. And from Prometheus.",
      'spec.egress': "To the gateways, by the ports of the configuration's URLs. Anything else that it is to reach needs a line here.",
    },
  },
  {
    file: 'overlays/production/service-monitor.yaml',
    resources: [MONITOR],
    notes: { 'spec.jobLabel': 'The alerts ask for the job chat-probe.' },
  },
  { file: 'overlays/production/prometheus-rule.yaml', resources: [RULES] },
];

function groupsOf(file: string): readonly unknown[] {
  const rules: { readonly groups: readonly unknown[] } = parse(
    readFileSync(new URL(`../../deploy/prometheus/${file}`, import.meta.url), 'utf8'),
  );
  return rules.groups;
}
