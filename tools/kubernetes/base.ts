import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { ISecurityContext, IService } from 'kubernetes-models/v1';
import manifest from '../../package.json' with { type: 'json' };
import type { Manifest } from './manifest.ts';

/** Selects the service's pods; its value is the job that the alerts ask for. */
export const PROBE = { 'app.kubernetes.io/name': 'chat-probe' } as const;
/** The name of the service's port, everywhere. */
export const HTTP = 'http';
export const IMAGE = `chat-probe:${manifest.version}`;
/** Keys of the one Secret, each a file. */
export const SECRET = {
  name: 'chat-probe-secrets',
  keys: ['api-token', 'ops-token', 'metrics-token', 'gateway-token'],
  metricsKey: 'metrics-token',
} as const;

/** What no container here needs. */
export const RESTRICTED_POD = {
  enableServiceLinks: false,
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
} as const;
export const RESTRICTED_CONTAINER: ISecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const DEPLOYMENT: IDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'chat-probe', labels: PROBE },
  spec: {
    replicas: 2,
    revisionHistoryLimit: 5,
    minReadySeconds: 10,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    selector: { matchLabels: PROBE },
    template: {
      metadata: { labels: PROBE },
      spec: {
        ...RESTRICTED_POD,
        terminationGracePeriodSeconds: 75,
        topologySpreadConstraints: [
          spread('kubernetes.io/hostname', 'DoNotSchedule'),
          spread('topology.kubernetes.io/zone', 'ScheduleAnyway'),
        ],
        containers: [
          {
            name: 'chat-probe',
            image: IMAGE,
            imagePullPolicy: 'IfNotPresent',
            securityContext: RESTRICTED_CONTAINER,
            env: [
              { name: 'CHATPROBE_CONFIG', value: '/etc/chat-probe/config/config.yaml' },
              { name: 'NODE_OPTIONS', value: '--max-old-space-size=640' },
            ],
            ports: [{ name: HTTP, containerPort: 8080 }],
            resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
            startupProbe: { httpGet: { path: '/livez', port: HTTP }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 60 },
            readinessProbe: { httpGet: { path: '/readyz', port: HTTP }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 },
            livenessProbe: { httpGet: { path: '/livez', port: HTTP }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
            lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
            volumeMounts: [
              { name: 'config', mountPath: '/etc/chat-probe/config', readOnly: true },
              { name: 'secrets', mountPath: '/etc/chat-probe/secrets', readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'config', configMap: { name: 'chat-probe-config' } },
          {
            name: 'secrets',
            secret: { secretName: SECRET.name, defaultMode: 0o440, items: SECRET.keys.map((key) => ({ key, path: key })) },
          },
        ],
      },
    },
  },
};

const SERVICE: IService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'chat-probe', labels: PROBE },
  spec: { type: 'ClusterIP', selector: PROBE, ports: [{ name: HTTP, port: 8080, targetPort: HTTP }] },
};

const DISRUPTION_BUDGET: IPodDisruptionBudget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'chat-probe', labels: PROBE },
  spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: PROBE } },
};

const NOTHING_BUT_DNS: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'chat-probe-nothing-but-dns', labels: PROBE },
  spec: {
    podSelector: { matchLabels: PROBE },
    policyTypes: ['Ingress', 'Egress'],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  },
};

/** What every site has, but for its configuration, its secrets and its network. */
export const BASE: readonly Manifest[] = [
  {
    file: 'base/deployment.yaml',
    resources: [DEPLOYMENT],
    notes: {
      'spec.minReadySeconds': 'A replica begins with nothing known: no roll-out replaces the next one at once.',
      'spec.strategy.rollingUpdate.maxUnavailable': 'The old one goes when the new one is ready, never before.',
      'spec.template.spec.enableServiceLinks': 'No variables for Services, some of which could look like ours.',
      'spec.template.spec.automountServiceAccountToken': 'It never asks Kubernetes anything.',
      'spec.template.spec.securityContext.fsGroup': 'Secrets are readable by this group, and by nobody else.',
      'spec.template.spec.terminationGracePeriodSeconds':
        'Above preStop (5 s), the drain (62 s, CHATPROBE_DRAIN_MS) and the last answers (2 s). Raise them together.',
      'spec.template.spec.topologySpreadConstraints.0.nodeTaintsPolicy': 'Else a node that takes no pods counts as an empty one.',
      'spec.template.spec.containers.0.env.1.value':
        'The heap: its young generation, sockets and code need the rest of the memory limit. Raise both together.',
      'spec.template.spec.containers.0.resources.limits': 'None for the processor: being held back for 100 ms makes every deadline late.',
      'spec.template.spec.containers.0.readinessProbe': 'Its targets never make it unready: then no caller would get a verdict.',
      'spec.template.spec.containers.0.livenessProbe': 'Never /readyz: a replica that drains would be killed, with all who wait for it.',
      'spec.template.spec.containers.0.lifecycle.preStop':
        'Endpoints go while it still serves as ever: nodes may hear of it later than the 2 s for which the drain takes new probes.',
      'spec.template.spec.containers.0.volumeMounts.0.mountPath':
        'A folder, never a subPath: what is mounted so does not change, and the service reads what has changed.',
    },
  },
  { file: 'base/service.yaml', resources: [SERVICE] },
  { file: 'base/pod-disruption-budget.yaml', resources: [DISRUPTION_BUDGET] },
  {
    file: 'base/network-policy.yaml',
    resources: [NOTHING_BUT_DNS],
    notes: {
      'spec.policyTypes':
        'Policies add up: an overlay allows what its site needs. Nodes always reach their pods, so the probes of the pod do.',
    },
  },
];

function spread(topologyKey: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway') {
  return {
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    nodeTaintsPolicy: 'Honor' as const,
    labelSelector: { matchLabels: PROBE },
    matchLabelKeys: ['pod-template-hash'],
  };
}
